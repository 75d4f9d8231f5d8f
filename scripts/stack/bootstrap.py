"""Installs what the project needs into its own git-ignored environments; itself needs only Python and a registry.

    python3 scripts/stack/bootstrap.py project engine sam

`project` is `.venv` (what the functions ship and what checks them), `engine` and `sam` are tools that each pin a
botocore of their own. `checkov`, which only `make security` needs, is installed if it is named. An environment whose
lock file did not change is left alone.

Even a Python too old to be used has to understand this file and `console`, to be told so.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if __package__ in (None, ""):  # run as a file, by a Python that knows nothing of us yet
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from stack.console import Problem, run_main, step

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT / ".tools"
REQUIREMENTS = ROOT / "scripts" / "requirements"
OLDEST_PYTHON = (3, 11)
NEWER_PYTHONS = ("python3.11", "python3.12", "python3.13", "python3.14")
LEAST_FREE_BYTES = 3 * 10**9
ENVIRONMENTS = ("project", "engine", "sam")
OFFLINE_SIGNS = (
    "Could not find a version",
    "Failed to fetch",
    "error sending request",
    "dns error",
    "network was disabled",
)


def main() -> None:
    """Install the environments named on the command line, or those that running the product needs."""
    need_python()
    need_disk()
    TOOLS.mkdir(exist_ok=True)
    with one_at_a_time(TOOLS / "lock"):
        keep_python()
        install_uv()
        for name in sys.argv[1:] or ENVIRONMENTS:
            install_project() if name == "project" else install_tool(name)


def need_python() -> None:
    """Carry on with a Python that is new enough, looked for under its usual names, or say which is needed."""
    if sys.version_info[:2] >= OLDEST_PYTHON:
        return
    for name in NEWER_PYTHONS:
        newer = shutil.which(name)
        if newer and subprocess.run([newer, "-V"], stdout=subprocess.DEVNULL, check=False).returncode == 0:
            os.execv(newer, [newer, *sys.argv])  # noqa: S606 - the same command, by a newer Python
    raise Problem(
        f"Python {sys.version_info[0]}.{sys.version_info[1]} is too old: 3.11 or newer is needed",
        "Install one, then name it: make up PYTHON=/path/to/python3.11",
    )


def keep_python() -> None:
    """Let the next command use the same Python, unless it is told another: environments are made for one."""
    link(TOOLS / "python", Path(interpreter()))


def need_disk() -> None:
    """Refuse to start what a full disk would break half-way."""
    free = shutil.disk_usage(ROOT).free
    if free < LEAST_FREE_BYTES:
        raise Problem(
            f"the disk is nearly full: {free / 10**9:.1f} GB left, about 3 GB are needed",
            f"Make room on the disk of {ROOT}; `uv cache prune` and `make clean` may help.",
        )


@contextmanager
def one_at_a_time(path: Path) -> "Iterator[None]":
    """Let two commands started together do this one after the other."""
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def install_uv() -> None:
    """Install uv, which installs everything else, from the registry into an environment of its own."""
    lock = REQUIREMENTS / "uv.txt"
    home = TOOLS / "uv"
    if is_current(home, lock):
        return
    with step("installing uv into .tools/uv"):
        shutil.rmtree(home, ignore_errors=True)
        run([interpreter(), "-m", "venv", str(home)])
        run([str(home / "bin" / "python"), "-m", "pip", "install", "--quiet", "--require-hashes", "-r", str(lock)])
        put_on_path("uv", home)
        mark_current(home, lock)


def install_project() -> None:
    """Install the project's own environment exactly as uv.lock has it."""
    sources = (ROOT / "uv.lock", ROOT / "pyproject.toml")
    home = ROOT / ".venv"
    if is_current(home, *sources):
        return
    with step("installing the project's packages into .venv"):
        run([uv(), "sync", "--frozen", "--quiet", "--all-groups", "--python", interpreter()])
        mark_current(home, *sources)


def install_tool(name: str) -> None:
    """Install the tool of that name exactly as its lock file in scripts/requirements has it."""
    lock = REQUIREMENTS / f"{name}.txt"
    home = TOOLS / name
    if is_current(home, lock):
        return
    with step(f"installing {name} into .tools/{name}"):
        run([uv(), "venv", "--quiet", "--clear", "--python", interpreter(), str(home)])
        run([uv(), "pip", "sync", "--quiet", "--require-hashes", "--python", str(home / "bin" / "python"), str(lock)])
        put_on_path({"engine": "ministack"}.get(name, name), home)
        mark_current(home, lock)


def interpreter() -> str:
    """This Python itself, not a link or an environment by way of which it was started."""
    return str(Path(sys.executable).resolve())


def uv() -> str:
    """The uv of this checkout."""
    return str(TOOLS / "bin" / "uv")


def put_on_path(command: str, home: Path) -> None:
    """Put one command of an environment on the path `.tools/bin`, and nothing else of it."""
    (TOOLS / "bin").mkdir(exist_ok=True)
    link(TOOLS / "bin" / command, home / "bin" / command)


def link(place: Path, target: Path) -> None:
    """Make the place a symbolic link to the target, whatever it was before."""
    if place.is_symlink():
        place.unlink()
    place.symlink_to(target)


def is_current(home: Path, *sources: Path) -> bool:
    """Whether the environment was made from these very sources, by this Python, and still has an interpreter."""
    stamp = home / ".stamp"
    interpreter = home / "bin" / "python"
    return interpreter.exists() and stamp.exists() and stamp.read_text() == digest(*sources)


def mark_current(home: Path, *sources: Path) -> None:
    """Remember what the environment was made from."""
    (home / ".stamp").write_text(digest(*sources))


def digest(*sources: Path) -> str:
    """A fingerprint of the sources, the Python that installs them, and the place (an environment cannot be moved)."""
    fingerprint = hashlib.sha256(f"{sys.version_info[:2]} {ROOT}".encode())
    for source in sources:
        fingerprint.update(source.read_bytes())
    return fingerprint.hexdigest()


def run(command: "list[str]") -> None:
    """Run an installer quietly; its last words and the likely cure become the Problem when it fails."""
    environment = {name: value for name, value in os.environ.items() if name not in ("VIRTUAL_ENV", "PYTHONPATH")}
    environment["UV_PYTHON_DOWNLOADS"] = "never"
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        output = (done.stdout + done.stderr).strip()
        raise Problem("\n".join([f"`{' '.join(command)}` failed:", *output.splitlines()[-8:]]), cure(output))


def cure(output: str) -> str:
    """Advice for what commonly goes wrong while installing."""
    if "ensurepip" in output or "No module named venv" in output:
        return "Python came without its venv module. On Debian or Ubuntu: apt install python3-venv"
    if any(sign in output for sign in OFFLINE_SIGNS):
        return (
            "The package registry (PyPI) did not answer. Check the network, or name your mirror: "
            "PIP_INDEX_URL and UV_DEFAULT_INDEX; behind a proxy with certificates of its own also UV_SYSTEM_CERTS=1."
        )
    return "Run it by hand to see more; `make clean` removes the environments for a fresh start."


if __name__ == "__main__":
    run_main(main)
