"""The layer holds what the handlers need, and exactly what the lock file says."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from support.template import function_environment, functions

ROOT = Path(__file__).parents[1]
LAYER = ROOT / "layers" / "shared"
UV = ROOT / ".tools" / "bin" / "uv"

# With nothing on the path but the standard library, the layer and the handler's own folder.
IMPORT = """
import sys
sys.path += sys.argv[1:]
import handler
assert callable(handler.lambda_handler)
foreign = [name for name, module in sys.modules.items() if "site-packages" in (getattr(module, "__file__", None) or "")]
assert not foreign, foreign
"""


def uv(*arguments: str) -> str:
    return subprocess.run([str(UV), *arguments], cwd=ROOT, capture_output=True, text=True, check=True).stdout


@pytest.fixture(scope="module")
def layer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder AWS unpacks to `/opt/python`."""
    folder = tmp_path_factory.mktemp("layer")
    uv("pip", "install", "--quiet", "--target", str(folder), "--python", sys.executable,
       "--requirement", str(LAYER / "requirements.txt"))  # fmt: skip
    shutil.copytree(LAYER / "customer360", folder / "customer360", ignore=shutil.ignore_patterns("__pycache__"))
    yield folder
    shutil.rmtree(folder)


def test_the_requirements_are_those_of_the_lock_file() -> None:
    locked = uv("export", "--frozen", "--no-dev", "--no-hashes", "--no-emit-project", "--no-header")
    assert (LAYER / "requirements.txt").read_text() == locked


def test_every_handler_imports_with_the_layer_alone(layer: Path) -> None:
    """Development dependencies would hide what the layer lacks."""
    environment = function_environment() | {"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-west-1"}
    environment["PATH"] = os.environ["PATH"]

    def failure(name: str) -> str:
        command = [sys.executable, "-I", "-S", "-c", IMPORT, str(layer), str(ROOT / "functions" / name)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        return done.stderr if done.returncode else ""

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        failures = dict(zip(functions(), pool.map(failure, functions()), strict=True))
    assert {name: text for name, text in failures.items() if text} == {}


def test_the_layer_stays_well_below_what_lambda_unpacks(layer: Path) -> None:
    size = sum(path.stat().st_size for path in layer.rglob("*") if path.is_file())
    assert size < 100 * 1024 * 1024, json.dumps({path.name: size_of(path) for path in layer.iterdir()}, indent=1)


def size_of(path: Path) -> int:
    return sum(file.stat().st_size for file in path.rglob("*") if file.is_file()) or path.stat().st_size
