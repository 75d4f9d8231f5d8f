"""The commands behind the Makefile: up, down, token, logs, validate, build and deploy."""

from __future__ import annotations

import argparse
import subprocess
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from stack import admins, aws, cloud, demo, deploy, engine, logs, seed
from stack.console import Problem, say, step
from stack.places import DEFAULT_PORT, ENGINE, LOCAL, ROOT, TOOLS, local_stack, tool_environment
from stack.testing import stack_of_up

if TYPE_CHECKING:
    from collections.abc import Callable

EXAMPLE = "customer-amelie"


def main() -> None:
    """Do the command named on the command line; what AWS or the engine refuses becomes a Problem."""
    options = parser().parse_args()
    try:
        options.command(options)
    except (BotoCoreError, ClientError) as error:
        if engine.was_lost(ENGINE):
            raise engine.died(ENGINE / "engine.log") from None
        raise Problem(str(error), f"The engine's log: {ENGINE / 'engine.log'}") from error


def parser() -> argparse.ArgumentParser:
    """The commands and their options."""
    top = argparse.ArgumentParser(prog="stack", description="The local stack, and deployment to AWS.")
    commands = top.add_subparsers(required=True)

    def command(name: str, function: Callable[[argparse.Namespace], None]) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=function.__doc__)
        made.set_defaults(command=function)
        return made

    command("up", up).add_argument("--port", type=port)
    command("down", down)
    command("token", token).add_argument("--role", choices=aws.ROLES, default="admin")
    log_options = command("logs", show_logs)
    log_options.add_argument("--function", default="")
    log_options.add_argument("--follow", action="store_true")
    command("validate", validate)
    command("build", build)
    command("deploy", deploy_to_aws).add_argument("--environment", required=True)
    return top


def port(text: str) -> int | None:
    """A port from the command line; nothing means that the user has no wish."""
    return int(text) if text else None


def up(options: argparse.Namespace) -> None:
    """Start the engine, deploy, make the admins, feed the sample data; only what is not so already."""
    running = running_engine(options.port)
    outputs = deploy.deploy(running.endpoint, ENGINE, LOCAL / "deploy.log")
    stack = aws.Stack(running.endpoint, outputs, admins.passwords(LOCAL / "admins.json"))
    admins.create(stack.client("cognito-idp"), outputs["UserPoolId"], stack.passwords)
    fed = ENGINE / "fed.json"
    if not fed.exists():
        say("feeding sample data through the import bucket")
        seed.feed(stack)
        with step("writing tags, a segment and notes as the demo admins"):
            demo.write(stack)
        fed.write_text("true")
    say(welcome(stack))


def running_engine(wanted_port: int | None) -> engine.Engine:
    """The engine that is up, or a new one."""
    running = engine.find(ENGINE)
    if running is None:
        with step("starting the local AWS engine"):
            return engine.start(ENGINE, wanted_port or DEFAULT_PORT, ENGINE / "engine.log")
    if wanted_port not in (None, running.port):
        raise Problem(f"the engine is up on port {running.port} already", "`make down` first, or leave PORT out.")
    return running


def welcome(stack: aws.Stack) -> str:
    """Where everything is, who can log in, and a call to paste."""
    log_ins = "\n".join(f"  {aws.email(role):22} {password}" for role, password in stack.passwords.items())
    return f"""
The stack is up.

  REST API   {stack.api_url}/api/admin
  WebSocket  {stack.outputs.get("WebSocketUrl", "-")}
  AWS        {stack.endpoint} (any tool: AWS_ENDPOINT_URL, keys test/test, region {local_stack()[1]})

Log-ins:
{log_ins}

Try it:
  TOKEN=$(make -s token ROLE=admin)
  curl -H "Authorization: Bearer $TOKEN" "{stack.api_url}/api/admin/customers/{EXAMPLE}/360"

make logs FOLLOW=1 shows what happens; make down stops it."""


def down(_: argparse.Namespace) -> None:
    """Stop the engine that `make up` started, and nothing else."""
    say("stopped the local engine" if engine.stop(ENGINE) else "no local engine of this checkout is running")


def token(options: argparse.Namespace) -> None:
    """Print an ID token of the demo admin with that role."""
    print(stack_of_up().token(options.role))


def show_logs(options: argparse.Namespace) -> None:
    """Show what the functions, or the engine itself, logged."""
    if options.function == "engine":
        show_engine_log(follow=options.follow)
    else:
        logs.show(stack_of_up(), options.function, follow=options.follow)


def show_engine_log(*, follow: bool) -> None:
    """Show the end of the engine's own log."""
    log = ENGINE / "engine.log"
    if not log.exists():
        raise Problem("no local engine ever ran here", "Start it: make up")
    subprocess.run(["tail", "-n", str(logs.TAIL), *(["-f"] if follow else []), str(log)], check=False)


def validate(_: argparse.Namespace) -> None:
    """Check the template as SAM and cfn-lint see it."""
    name_and_region = {"AWS_DEFAULT_REGION": local_stack()[1], **aws.CREDENTIALS}
    command = [str(TOOLS / "bin" / "sam"), "validate", "--lint", "--template", str(ROOT / "template.yaml")]
    if subprocess.run(command, cwd=ROOT, env=tool_environment(**name_and_region), check=False).returncode != 0:
        raise Problem("the template is not valid", "cfn-lint's words are above.")


def build(_: argparse.Namespace) -> None:
    """Build the template for AWS."""
    cloud.build()


def deploy_to_aws(options: argparse.Namespace) -> None:
    """Build the template and deploy it to AWS."""
    cloud.deploy(options.environment)
