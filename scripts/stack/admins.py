"""The demo admins: one per role, made in the stack's user pool with passwords that are generated once and kept."""

from __future__ import annotations

import json
import os
import secrets
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from stack.aws import ROLES, email

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def passwords(path: Path) -> dict[str, str]:
    """The password of each role, from that file; made and kept there, for its owner's eyes, the first time."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        generated = {role: f"Demo-7{secrets.token_hex(6)}" for role in ROLES}
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(generated, file)
    return dict(json.loads(path.read_text()))


def create(cognito: Any, pool_id: str, password_of: Mapping[str, str]) -> None:
    """Make the admin of each role, or set an existing one right."""
    for role, password in password_of.items():
        user = {"UserPoolId": pool_id, "Username": email(role)}
        attributes = {"email": email(role), "email_verified": "true", "name": f"Demo {role.capitalize()}"}
        named = [{"Name": name, "Value": value} for name, value in attributes.items()]
        with suppress(cognito.exceptions.UsernameExistsException):
            cognito.admin_create_user(**user, UserAttributes=named, MessageAction="SUPPRESS")
        cognito.admin_set_user_password(**user, Password=password, Permanent=True)
        cognito.admin_add_user_to_group(**user, GroupName=role)
