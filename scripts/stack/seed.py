"""Sample data, fed through the real way in: files in the import bucket, followed by their reports."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stack.console import Problem, say
from stack.logs import last_error
from stack.places import ROOT
from stack.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stack.aws import Stack

GENERATOR = ROOT / "scripts" / "sample_data.py"
FIRST = "customers.jsonl"  # an event whose customer is not known yet would be kept aside until then
BIG_ORDERS = 5000
STANDSTILL_SECONDS = 180
COUNTS = ("read", "applied", "unchanged", "held", "rejected")


def feed(stack: Stack) -> None:
    """Make the sample files and import one after the other, customers first, following each until it is done.

    All at once would be no faster, because the engine is one process, and would have them wait for each other's
    customers.
    """
    with tempfile.TemporaryDirectory() as folder:
        generate(Path(folder))
        for path in sorted(Path(folder).iterdir(), key=lambda path: (path.name != FIRST, path.name)):
            follow(stack, upload(stack, path))


def generate(folder: Path) -> None:
    """Have the generator write its files."""
    command = [sys.executable, str(GENERATOR), "--out", str(folder), "--big-orders", str(BIG_ORDERS)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Problem(f"the sample data could not be made:\n{done.stderr.strip()[-600:]}", f"See {GENERATOR}")


def upload(stack: Stack, path: Path) -> str:
    """Put one file into the import bucket, where an earlier report on it would mislead, and answer its key."""
    key = key_of(path.name)
    bucket = stack.outputs["ImportBucketName"]
    stack.client("s3").delete_object(Bucket=bucket, Key=report_key(key))
    stack.client("s3").upload_file(str(path), bucket, key)
    return key


def key_of(name: str) -> str:
    """Where in the bucket a file belongs: the type of a CSV file's rows is the name of its folder."""
    return f"csv/payment.transaction.upserted/{name}" if name.endswith(".csv") else f"events/sample/{name}"


def report_key(key: str) -> str:
    """Where the import writes how far it is with a file."""
    return f"{key}.report.json"


def follow(stack: Stack, key: str) -> None:
    """Say how far the import of a file is, until it is done; a Problem if it fails or stands still."""
    report: dict[str, Any] = {}
    while report.get("status") != "completed":
        report = wait_for(partial(news, stack, key, report), seconds=STANDSTILL_SECONDS, every=0.25) or {}
        if not report:
            raise Problem(
                f"the import of {key} has not moved for {STANDSTILL_SECONDS} s\n{last_error(stack)}",
                "`make logs` and `make logs FN=engine` show what happened; `make up` tries again.",
            )
        tell(key, report)


def news(stack: Stack, key: str, before: dict[str, Any]) -> dict[str, Any] | None:
    """The report on a file, if it is not as it was before."""
    report = read_report(stack, key)
    return report if report != before else None


def read_report(stack: Stack, key: str) -> dict[str, Any] | None:
    """The report beside a file of the import bucket, if there is one yet."""
    s3 = stack.client("s3")
    try:
        found = s3.get_object(Bucket=stack.outputs["ImportBucketName"], Key=report_key(key))
    except s3.exceptions.NoSuchKey:
        return None
    return dict(json.loads(found["Body"].read()))


def tell(key: str, report: dict[str, Any]) -> None:
    """One line on how far a file is; a Problem if its import failed."""
    if report.get("status") == "failed":
        raise Problem(f"the import of {key} failed: {json.dumps(report)}", "`make logs FN=import` shows more.")
    say(f"  {Path(key).name}: {report.get('status')}, {counts(report)}")


def counts(report: dict[str, Any]) -> str:
    """The numbers of a report in words, noughts left out."""
    numbers: Iterable[tuple[str, int]] = ((word, report.get(word) or 0) for word in COUNTS)
    return ", ".join(f"{number:,} {word}" for word, number in numbers if number) or "nothing yet"
