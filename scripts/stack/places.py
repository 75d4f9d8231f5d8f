"""Where things are on disk, and what samconfig.toml says of the local stack."""

from __future__ import annotations

import os
import platform
import sys
import tomllib
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT / ".tools"
LOCAL = ROOT / ".local"
ENGINE = LOCAL / "engine"  # of `make up`; an engine of the tests has a folder of its own
SAMCONFIG = ROOT / "samconfig.toml"
DEFAULT_PORT = 4566


@cache
def local_stack() -> tuple[str, str]:
    """The name and the region of the local stack."""
    named = tomllib.loads(SAMCONFIG.read_text())["local"]["global"]["parameters"]
    return named["stack_name"], named["region"]


def layer_python() -> str:
    """The minor version the engine runs functions on: that of the interpreter the environments were made with."""
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def layer_platform() -> str:
    """This machine, in the words of `uv pip install --python-platform`."""
    machine = {"arm64": "aarch64", "AMD64": "x86_64"}.get(platform.machine(), platform.machine())
    return f"{machine}-apple-darwin" if sys.platform == "darwin" else f"{machine}-manylinux2014"


def tool_environment(**more: str) -> dict[str, str]:
    """The environment of sam and uv: the user's without what would lead them astray, with our tools on the path."""
    foreign = ("AWS_", "PYTHON", "VIRTUAL_ENV")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    path = (str(TOOLS / "bin"), kept.get("PATH", os.defpath), str(Path(sys.executable).resolve().parent))
    return kept | {"PATH": os.pathsep.join(path), "SAM_CLI_TELEMETRY": "0"} | more
