"""Feeds a file of real transactions through the import path of a deployed stack and checks every customer's totals.

    python -m benchmarks.transactions FILE [--cancelled FILE] [--rate 0.92]

A file has the columns customer_id, date, amount, currency; a row becomes a completed order at noon of its day (of the
second file: a cancelled one). The expected totals are counted from the raw file by a few lines of plain Python that
share no code with the product. Set C360_E2E_STACK=up to use the stack of `make up`; otherwise one is started for it.
"""

import argparse
import csv
import gzip
import io
import json
import os
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import benchmarks.bench  # noqa: F401  finds our modules

Row = dict[str, str]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--cancelled", type=Path, help="a second file, whose rows are cancelled orders")
    parser.add_argument("--rate", default="0.92", help="exchange rate of its currency to the shop's")
    options = parser.parse_args()
    completed = read(options.file)
    cancelled = read(options.cancelled) if options.cancelled else []

    from stack.testing import running_stack

    prefix = options.file.stem
    files = {
        f"csv/customer.upserted/{prefix}.csv.gz": customers(completed + cancelled, prefix),
        f"csv/order.upserted/{prefix}.csv.gz": orders(completed, cancelled, prefix, options.rate),
    }
    with running_stack() as stack:
        for key, body in files.items():
            report = imported(stack, key, body)
            print(json.dumps({name: report[name] for name in report if name != "rejectedLines"}, indent=2))
            if report["rejected"]:
                print("first rejected:", report["rejectedLines"][:3])
        return compare(stack, expected(completed, cancelled, options.rate), prefix)


def read(path: Path) -> list[Row]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def customers(rows: list[Row], prefix: str) -> bytes:
    first: dict[str, str] = {}
    for row in rows:
        first[row["customer_id"]] = min(row["date"], first.get(row["customer_id"], row["date"]))
    header = ["customerId", "eventId", "name", "email", "registeredAt", "status", "updatedAt"]
    return packed(
        header,
        (
            [f"{prefix}-{key}", f"{prefix}-{key}", f"Customer {key}", f"{prefix}-{key}@example.com", at, "active", at]
            for key, at in ((key, f"{day}T00:00:00Z") for key, day in first.items())
        ),
    )


def orders(completed: list[Row], cancelled: list[Row], prefix: str, rate: str) -> bytes:
    header = [
        "customerId", "eventId", "orderId", "number", "placedAt", "status", "currency", "exchangeRate", "total",
        "lines", "updatedAt",
    ]  # fmt: skip

    def rows() -> Iterator[list[str]]:
        for status, source in (("completed", completed), ("cancelled", cancelled)):
            for number, row in enumerate(source):
                identifier, at = f"{prefix}-{status[:2]}-{number}", f"{row['date']}T12:00:00Z"
                total = row["amount"].lstrip("-")
                lines = json.dumps([{"name": "Purchase", "quantity": 1, "unitPrice": 0}])
                lines = lines.replace(" 0}", f" {total}}}")
                yield [
                    f"{prefix}-{row['customer_id']}", identifier, identifier, f"{number}", at, status,
                    row["currency"], rate, total, lines, at,
                ]  # fmt: skip

    return packed(header, rows())


def packed(header: list[str], rows: Iterator[list[str]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows(rows)
    return gzip.compress(text.getvalue().encode(), mtime=0)


def imported(stack: Any, key: str, body: bytes, deadline_seconds: float = 7200) -> dict[str, Any]:
    """Uploads a file and gives its final report."""
    s3, bucket = stack.client("s3"), stack.outputs["ImportBucketName"]
    s3.put_object(Bucket=bucket, Key=key, Body=body)
    deadline = time.monotonic() + deadline_seconds
    while time.monotonic() < deadline:
        time.sleep(2)
        try:
            report = json.loads(s3.get_object(Bucket=bucket, Key=f"{key}.report.json")["Body"].read())
        except s3.exceptions.NoSuchKey:
            continue
        print(f"\r{key}: {report['read']:,} read, {report['eventsPerSecond']} a second", end="", file=sys.stderr)
        if report["status"] != "running":
            print(file=sys.stderr)
            return dict(report)
    raise TimeoutError(f"{key} was not imported within {deadline_seconds} s")


def expected(completed: list[Row], cancelled: list[Row], rate: str) -> dict[str, tuple[int, int, Decimal]]:
    """Per customer: orders, completed orders, and the sum of these in the shop's currency, half-up per order."""
    counts: defaultdict[str, list[Any]] = defaultdict(lambda: [0, 0, Decimal(0)])
    for row in completed:
        entry = counts[row["customer_id"]]
        entry[0] += 1
        entry[1] += 1
        entry[2] += (Decimal(row["amount"]) * Decimal(rate)).quantize(Decimal("0.01"), ROUND_HALF_UP)
    for row in cancelled:
        counts[row["customer_id"]][0] += 1
    return {key: (entry[0], entry[1], entry[2]) for key, entry in counts.items()}


def compare(stack: Any, right: dict[str, tuple[int, int, Decimal]], prefix: str) -> int:
    """Reads every customer's kept metrics and compares; 1 if any differs."""
    from verify import function_environment

    os.environ["AWS_ENDPOINT_URL"] = stack.endpoint
    os.environ.update(AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test", AWS_DEFAULT_REGION="eu-west-1")
    os.environ.update(AWS_REGION="eu-west-1")
    os.environ.update(function_environment("customer360-local"))
    from customer360.storage.items import TotalsItem
    from customer360.storage.keys import METRICS, partition

    wrong = 0
    for key, figures in right.items():
        totals = TotalsItem.get(partition(f"{prefix}-{key}"), METRICS).totals
        kept = (int(totals["totalOrders"]), int(totals.get("completedOrders", 0)), totals.get("lifetimeValue", 0))
        wrong += kept != figures
    total = sum(figures[2] for figures in right.values())
    print(f"{len(right):,} customers, {sum(f[0] for f in right.values()):,} orders, {total:,} in total: {wrong} differ")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
