"""A deployed stack for the end-to-end tests: an engine of its own on a free port, or the one of `make up`.

    with running_stack() as stack:
        httpx.get(f"{stack.api_url}/api/admin/me", headers={"Authorization": f"Bearer {stack.token('support')}"})

Set C360_E2E_STACK=up to use the running stack of `make up`, for fast loops: data left by a run is there in the next.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from stack import admins, deploy, engine, logs
from stack.aws import Stack
from stack.console import Problem
from stack.places import ENGINE, LOCAL, ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

REUSE = "C360_E2E_STACK"
LOGS = LOCAL / "e2e"  # what the last run's engine, deployment and functions said
ENGINE_LOG = LOGS / "engine.log"
DEPLOY_LOG = LOGS / "deploy.log"
FUNCTION_LOG = LOGS / "functions.log"


@contextmanager
def running_stack() -> Iterator[Stack]:
    """The template deployed, admins made; an engine started for it is gone afterwards, whatever happens."""
    if os.environ.get(REUSE):
        yield stack_of_up()
        return
    with guarded_folder() as folder:
        running = engine.start(folder, engine.free_port(), ENGINE_LOG)
        DEPLOY_LOG.unlink(missing_ok=True)
        outputs = deploy.deploy(running.endpoint, folder, DEPLOY_LOG)
        stack = Stack(running.endpoint, outputs, admins.passwords(folder / "admins" / "passwords.json"))
        admins.create(stack.client("cognito-idp"), outputs["UserPoolId"], stack.passwords)
        try:
            yield stack
        finally:
            with suppress(BotoCoreError, ClientError):  # a dead engine must not hide what the test saw
                logs.save(stack, FUNCTION_LOG)


def stack_of_up() -> Stack:
    """The stack `make up` left running."""
    running = engine.find(ENGINE)
    if running is None or not (ENGINE / "deployed.json").exists():
        raise Problem("no local stack is running", "Start it: make up")
    return Stack(running.endpoint, deploy.outputs(running.endpoint), admins.passwords(LOCAL / "admins.json"))


@contextmanager
def guarded_folder() -> Iterator[Path]:
    """A temporary folder for an engine, and a guard that stops the engine and removes the folder once we are gone.

    The guard waits for the end of a pipe that only this process holds open, so it acts on a normal end, on Ctrl-C and
    on `kill -9` alike.
    """
    folder = Path(tempfile.mkdtemp(prefix="customer360-e2e-"))
    guard = subprocess.Popen(
        [sys.executable, "-m", "stack.guard", str(folder)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT / "scripts")},
        stdin=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        yield folder
    finally:
        guard.communicate()  # closes the pipe, then waits for the guard to finish
