"""Who is calling: the admin behind a Cognito ID token that the gateway has verified."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from customer360.access.policy import ROLES, highest_role
from customer360.errors import NotAllowed, Unauthenticated


@dataclass(frozen=True, slots=True)
class Caller:
    """An admin; `role` is None for one who is in no group, and may do nothing."""

    id: str
    name: str
    email: str
    role: str | None

    @property
    def permissions(self) -> frozenset[str]:
        return ROLES[self.role] if self.role else frozenset()

    def require(self, permission: str) -> None:
        """Raises NotAllowed, naming the permission."""
        if permission not in self.permissions:
            raise NotAllowed(permission)


def caller_of(event: Mapping[str, Any]) -> Caller:
    """The caller of an API Gateway event. Raises Unauthenticated without the claims of an ID token."""
    claims = ((event.get("requestContext") or {}).get("authorizer") or {}).get("claims") or {}
    if claims.get("token_use") != "id" or not claims.get("sub"):
        raise Unauthenticated("sign in; an ID token is required")
    email = str(claims.get("email", ""))
    name = str(claims.get("name") or email)
    return Caller(str(claims["sub"]), name, email, highest_role(_groups(claims.get("cognito:groups"))))


def session_end_of(event: Mapping[str, Any]) -> datetime:
    """When the caller's ID token ends: the claim is epoch seconds, or `Tue Apr 04 18:39:39 UTC 2023` on AWS."""
    end = str(event["requestContext"]["authorizer"]["claims"]["exp"])
    if end.isdecimal():
        return datetime.fromtimestamp(int(end), UTC)
    return datetime.strptime(end, "%a %b %d %H:%M:%S UTC %Y").replace(tzinfo=UTC)


def _groups(claim: Any) -> list[str]:
    """The claim is `manager,admin` on AWS, `[manager admin]` on some engines, or a list."""
    if isinstance(claim, list):
        return [str(group) for group in claim]
    return [group for group in re.split(r"[,\s]+", str(claim or "").strip("[]")) if group]
