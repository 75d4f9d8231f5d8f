"""The layers hold what the handlers need, and exactly what the lock file says."""

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
DOCUMENTS = ROOT / "layers" / "documents"
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


WRITE = """
import sys
*paths, target = sys.argv[1:]
sys.path += paths
from pathlib import Path
from customer360.exports.document import Cover, Document
from customer360.exports.writers.pdf import write
cover = Cover("Customer", "王小明 محمد", "e", "2026-11-23T11:40:00Z", "a", "Zoë", "admin", "EUR", "UTC", {})
write(Document(cover, ()), Path(target), lambda rows: None)
"""


def uv(*arguments: str) -> str:
    return subprocess.run([str(UV), *arguments], cwd=ROOT, capture_output=True, text=True, check=True).stdout


@pytest.fixture(scope="module")
def layer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder AWS unpacks to `/opt/python`."""
    yield from unpacked(tmp_path_factory.mktemp("layer"), LAYER, "customer360")


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """What the documents layer adds to it."""
    yield from unpacked(tmp_path_factory.mktemp("documents"), DOCUMENTS, "document_fonts")


def unpacked(folder: Path, layer: Path, package: str) -> Iterator[Path]:
    uv("pip", "install", "--quiet", "--target", str(folder), "--python", sys.executable,
       "--requirement", str(layer / "requirements.txt"))  # fmt: skip
    shutil.copytree(layer / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    yield folder
    shutil.rmtree(folder)


@pytest.mark.parametrize(("layer", "which"), [(LAYER, "--no-dev"), (DOCUMENTS, "--only-group=documents")])
def test_the_requirements_are_those_of_the_lock_file(layer: Path, which: str) -> None:
    locked = uv("export", "--frozen", which, "--no-hashes", "--no-emit-project", "--no-header")
    assert (layer / "requirements.txt").read_text() == locked


def test_no_package_is_in_both_layers() -> None:
    def packages(layer: Path) -> set[str]:
        return {line for line in (layer / "requirements.txt").read_text().splitlines() if not line.startswith(" ")}

    assert not packages(LAYER) & packages(DOCUMENTS)


def test_the_documents_layer_can_be_installed_where_the_functions_run() -> None:
    """A wheel for a newer C library than the runtime's would fail in the build."""
    uv("pip", "install", "--quiet", "--dry-run", "--python-version", "3.11", "--python-platform",
       "x86_64-manylinux2014", "--only-binary", ":all:", "--no-deps", "--target", "/nowhere",
       "--requirement", str(DOCUMENTS / "requirements.txt"))  # fmt: skip


def test_a_pdf_can_be_written_with_the_two_layers_alone(layer: Path, documents: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-I", "-S", "-c", WRITE, str(layer), str(documents), str(tmp_path / "document.pdf")]
    environment = function_environment() | {"PATH": os.environ["PATH"]}
    environment |= {"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-west-1"}
    subprocess.run(command, env=environment, check=True)
    assert (tmp_path / "document.pdf").read_bytes().startswith(b"%PDF")


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


def test_both_layers_together_stay_well_below_what_lambda_unpacks(layer: Path, documents: Path) -> None:
    assert size_of(layer) + size_of(documents) < 200 * 1024 * 1024


def size_of(path: Path) -> int:
    return sum(file.stat().st_size for file in path.rglob("*") if file.is_file()) or path.stat().st_size
