"""Deployment to AWS: built for the Lambda runtime, to the account the user is signed in to, guided the first time."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from stack.console import Problem, say
from stack.places import ROOT, SAMCONFIG, TOOLS, tool_environment

LAMBDA_PYTHON = "3.11"
LAMBDA_PLATFORM = "x86_64-manylinux2014"


def build() -> None:
    """Build the template for AWS into .aws-sam."""
    sam("build", "--cached", "--parallel")


def deploy(environment: str) -> None:
    """Build and deploy to AWS with the settings samconfig.toml has for that environment."""
    settings = settings_of(environment)
    name, region = settings["stack_name"], settings["region"]
    account = account_of(region)
    is_new = not exists(name, region)
    say(f"{'creating' if is_new else 'updating'} stack {name} in account {account}, region {region}")
    sam("build", "--config-env", environment)
    guided = ("--guided",) if is_new and sys.stdin.isatty() else ()
    sam("deploy", "--config-env", environment, *guided)


def settings_of(environment: str) -> dict[str, Any]:
    """The global settings samconfig.toml has for an environment of AWS."""
    environments = tomllib.loads(SAMCONFIG.read_text())
    known = [name for name in environments if name not in ("version", "default", "local")]
    if environment not in known:
        raise Problem(f"no environment is called {environment!r}", f"make deploy ENV={'|'.join(known)}")
    return dict(environments[environment]["global"]["parameters"])


def account_of(region: str) -> str:
    """The account the user is signed in to."""
    try:
        return str(boto3.client("sts", region_name=region).get_caller_identity()["Account"])
    except (BotoCoreError, ClientError) as error:
        raise Problem(
            f"not signed in to AWS: {error}", "Sign in first, e.g. `aws sso login`, or set AWS_PROFILE."
        ) from None


def exists(stack_name: str, region: str) -> bool:
    """Whether the account has a stack of that name."""
    try:
        boto3.client("cloudformation", region_name=region).describe_stacks(StackName=stack_name)
    except ClientError as error:
        if "does not exist" in str(error):
            return False
        raise Problem(f"AWS refused: {error}", "Check the rights of the account you are signed in to.") from None
    return True


def sam(*words: str) -> None:
    """Run the SAM CLI in front of the user, with the user's own AWS settings."""
    aws = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
    tools = tool_environment(**aws, LAYER_PYTHON=LAMBDA_PYTHON, LAYER_PLATFORM=LAMBDA_PLATFORM)
    done = subprocess.run([TOOLS / "bin" / "sam", *words], cwd=ROOT, env=tools, check=False)
    if done.returncode != 0:
        raise Problem(f"`sam {words[0]}` failed", "Its own words are above.")
