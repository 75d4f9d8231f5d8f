"""A deployed stack as the scripts and the tests see it: its outputs, its log-ins, a client for every AWS service."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
import botocore.session
from botocore.config import Config

from stack.places import local_stack

if TYPE_CHECKING:
    from collections.abc import Mapping

ROLES = ("viewer", "support", "manager", "admin")
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
NO_PROFILE: Any = {  # botocore settings: no environment variable, and these values
    "profile": (None, [], None, None),
    "config_file": (None, [], os.devnull, None),
    "credentials_file": (None, [], os.devnull, None),
}


def environment(endpoint: str) -> dict[str, str]:
    """What points an AWS tool at the engine and at nothing else, whatever profile the user has."""
    _, region = local_stack()
    nowhere = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    places = {"AWS_ENDPOINT_URL": endpoint, "AWS_REGION": region, "AWS_DEFAULT_REGION": region}
    return CREDENTIALS | nowhere | places | {"NO_PROXY": "127.0.0.1,localhost", "no_proxy": "127.0.0.1,localhost"}


@cache
def client(service: str, endpoint: str) -> Any:
    """A client of one service of the engine at that endpoint."""
    _, region = local_stack()
    session = boto3.Session(
        botocore_session=botocore.session.Session(session_vars=NO_PROFILE),
        region_name=region,
        aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
    )
    settings = Config(proxies={}, signature_version="s3v4" if service == "s3" else None)
    anything: Any = session.client
    return anything(service, endpoint_url=endpoint, config=settings)


@dataclass(frozen=True)
class Stack:
    """The template, deployed to an engine: where, what it put out, and the demo admins' passwords by role."""

    endpoint: str
    outputs: Mapping[str, str]
    passwords: Mapping[str, str]

    @property
    def api_url(self) -> str:
        """The REST API's URL; it ends before `/api/admin`."""
        return self.outputs["ApiUrl"].rstrip("/")

    def client(self, service: str) -> Any:
        """A client of one AWS service, as root."""
        return client(service, self.endpoint)

    def token(self, role: str) -> str:
        """A fresh ID token of the demo admin with that role."""
        answer = self.client("cognito-idp").initiate_auth(
            AuthFlow="USER_PASSWORD_AUTH",
            ClientId=self.outputs["UserPoolClientId"],
            AuthParameters={"USERNAME": email(role), "PASSWORD": self.passwords[role]},
        )
        return str(answer["AuthenticationResult"]["IdToken"])


def email(role: str) -> str:
    """The e-mail address the demo admin with that role signs in with."""
    return f"{role}@example.com"
