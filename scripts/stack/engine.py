"""The local AWS engine, MiniStack, as a process of our own: started once, found again, stopped by nobody else.

The engine holds a file lock for as long as it lives. So 'is it running, and is it ours' needs no guess from a process
id, and its id is valid exactly while the lock is held. All it writes is in its folder, temporary files included.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import socket
import subprocess
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import TYPE_CHECKING

from stack.console import Problem
from stack.places import TOOLS
from stack.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator

START_SECONDS = 60
STOP_SECONDS = 15
SETTINGS = {
    "BIND_HOST": "127.0.0.1",
    "AUTH": "true",  # functions get their role's rights, no more
    "IOT_MTLS_ENABLED": "0",
    "LAMBDA_ACCOUNT_CONCURRENCY": "24",
}


@dataclass(frozen=True)
class Engine:
    """A running engine: where it answers, its process group, where its log goes."""

    port: int
    group: int
    log: str

    @property
    def endpoint(self) -> str:
        """The URL of every AWS service."""
        return endpoint(self.port)


def endpoint(port: int) -> str:
    """The URL of the engine on that port: an address, so that no name resolution and no virtual host plays a part."""
    return f"http://127.0.0.1:{port}"


def find(folder: Path) -> Engine | None:
    """The engine of that folder, if it is alive."""
    if not is_alive(folder):
        return None
    record = wait_for(lambda: read_record(folder), seconds=START_SECONDS)  # another command may be starting it
    if record is None and is_alive(folder):
        raise Problem(f"an engine is starting in {folder} and does not get ready", "Try `make down`.")
    return record


def start(folder: Path, port: int, log: Path) -> Engine:
    """Start an engine on that port with nothing in it and wait until it answers."""
    need_free(port)
    folder.mkdir(parents=True, exist_ok=True)
    log.parent.mkdir(parents=True, exist_ok=True)
    with held_lock(folder) as lock:
        clear(folder)
        (folder / "tmp").mkdir()
        started = Engine(port, launch(folder, port, log, lock), str(log))
    wait_for(lambda: answers(started) or not is_alive(folder), seconds=START_SECONDS)
    if not is_alive(folder):
        raise died(log)
    if not answers(started):
        stop(folder)
        raise Problem(f"the engine did not answer within {START_SECONDS} s", f"Its log: {log}")
    (folder / "engine.json").write_text(json.dumps(asdict(started)))
    return started


def launch(folder: Path, port: int, log: Path, lock: int) -> int:
    """Let a shell leave the engine behind in a session of its own; the id of that process group."""
    left_behind = subprocess.run(
        ["sh", "-c", 'echo $$; exec >"$1" 2>&1; "$2" &', "sh", str(log), str(TOOLS / "bin" / "ministack")],
        cwd=folder,
        env=environment(folder, port),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        start_new_session=True,
        pass_fds=[lock],
        check=True,
    )
    (folder / "group").write_bytes(left_behind.stdout)
    return int(left_behind.stdout)


def stop(folder: Path) -> bool:
    """Stop the engine of that folder and clear its temporary files; False when none was running."""
    was_alive = is_alive(folder)
    if was_alive:
        signal_group(folder, signal.SIGTERM)
        if not wait_for(lambda: not is_alive(folder), seconds=STOP_SECONDS):
            signal_group(folder, signal.SIGKILL)
            wait_for(lambda: not is_alive(folder), seconds=STOP_SECONDS)
    clear(folder)
    return was_alive


def clear(folder: Path) -> None:
    """Forget what an engine of that folder left: its temporary files and what was written down about it."""
    shutil.rmtree(folder / "tmp", ignore_errors=True)
    for record in (*folder.glob("*.json"), folder / "group"):
        record.unlink(missing_ok=True)


def signal_group(folder: Path, number: signal.Signals) -> None:
    """Send a signal to the engine and its function workers; only while its lock says that the id is still its own."""
    with suppress(ProcessLookupError):
        os.killpg(int((folder / "group").read_text()), number)


def environment(folder: Path, port: int) -> dict[str, str]:
    """All the engine and every function in it will see of this machine's environment."""
    own = {
        "GATEWAY_PORT": str(port),
        "TMPDIR": str(folder / "tmp"),
        "STATE_DIR": str(folder / "tmp" / "state"),
        "S3_DATA_DIR": str(folder / "tmp" / "s3"),
        "DOCKER_HOST": f"unix://{folder / 'tmp' / 'no-docker.sock'}",  # it would tidy other people's containers
    }
    return {name: os.environ.get(name, "/") for name in ("PATH", "HOME")} | SETTINGS | own


def is_alive(folder: Path) -> bool:
    """Whether somebody holds the lock of that folder: its engine, or the command about to start it."""
    if not (folder / "lock").exists():
        return False
    with (folder / "lock").open("rb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def was_lost(folder: Path) -> bool:
    """Whether an engine of that folder was started and is gone though nobody stopped it."""
    return (folder / "engine.json").exists() and not is_alive(folder)


@contextmanager
def held_lock(folder: Path) -> Iterator[int]:
    """The folder's lock, to be handed to the engine; one command at a time may start one."""
    with (folder / "lock").open("wb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Problem("another command is starting the engine", "Wait for it, then try again.") from None
        yield lock.fileno()


def read_record(folder: Path) -> Engine | None:
    """What `start` wrote down once the engine answered."""
    path = folder / "engine.json"
    return Engine(**json.loads(path.read_text())) if path.exists() else None


def answers(engine: Engine) -> bool:
    """Whether the engine is up and says that it is ready."""
    connection = HTTPConnection("127.0.0.1", engine.port, timeout=5)
    try:
        connection.request("GET", "/_ministack/ready")
        return connection.getresponse().status == HTTPStatus.OK
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def died(log: Path) -> Problem:
    """The Problem of an engine that is gone, with its last words."""
    last = log.read_text(errors="replace").splitlines()[-8:]
    return Problem("\n".join(["the engine died; its last lines:", *last]), f"Its whole log: {log}")


def need_free(port: int) -> None:
    """Refuse a port that somebody else listens on, and say who."""
    if not is_free(port):
        other = next(candidate for candidate in range(port + 1, port + 1000) if is_free(candidate))
        raise Problem(
            f"port {port} cannot be used: {listener(port) or 'it is taken, or not ours to take'}",
            f"Choose another: make up PORT={other}",
        )


def is_free(port: int) -> bool:
    """Whether this process could listen on the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """A port nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def listener(port: int) -> str:
    """Who listens on the port, as far as lsof or ss can tell; empty when they cannot."""
    asks = (["lsof", "-nP", f"-iTCP:{port}", "-sTCP:LISTEN", "-Fpc"], ["ss", "-ltnpH", f"sport = :{port}"])
    for ask in asks:
        if shutil.which(ask[0]):
            told = subprocess.run(ask, capture_output=True, text=True, check=False).stdout.split()
            if told:
                return describe_listener(told)
    return ""


def describe_listener(told: list[str]) -> str:
    """`python (process 12)` from the fields of lsof (`p12`, `cpython`), or the whole line of ss."""
    fields = {field[0]: field[1:] for field in told if field[:1] in "pc"}
    return f"{fields['c']} (process {fields['p']}) listens on it" if {"p", "c"} <= set(fields) else " ".join(told)
