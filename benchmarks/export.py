"""`make bench-export`: what a file costs its worker: seconds, memory and bytes, by rows and format.

The worker is run whole, in a process of its own for each file, with its tables and bucket on a local engine. Only the
rows are made up, where the services of orders and of the search would read them: what is measured is to render, to
gather, to write and to upload them, and not how fast an engine reads. Orders have two lines, an address and a history
each, as a manager sees them.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from unittest.mock import patch

from benchmarks.bench import table, tables

ROWS = (1_000, 10_000, 100_000)
FORMATS = ("csv", "xlsx", "json", "pdf")
MOST = {("customer", "pdf"): 10_000, ("search", "pdf"): 5_000}
START = datetime(2020, 1, 1, tzinfo=UTC)
MEGABYTE = 1024 * 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--child", nargs=3, metavar=("KIND", "FORMAT", "ROWS"))
    parser.add_argument("--rows", type=int, nargs="+", default=ROWS)
    parser.add_argument("--formats", nargs="+", default=FORMATS)
    options = parser.parse_args()
    if options.child:
        kind, format_, rows = options.child
        print(json.dumps(measured(kind, format_, int(rows))))
        return
    with tables():
        os.environ.update(queues_and_bucket())
        for kind in ("customer", "search"):
            print(compared(kind, options.formats, options.rows))


def queues_and_bucket() -> dict[str, str]:
    import boto3

    boto3.client("s3").create_bucket(Bucket="exports", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    queue = boto3.client("sqs").create_queue(QueueName="exports")["QueueUrl"]
    return {"EXPORT_BUCKET": "exports", "EXPORT_QUEUE_URL": queue}


def compared(kind: str, formats: list[str], sizes: list[int]) -> str:
    lines: list[list[object]] = []
    for format_ in formats:
        for rows in sorted({min(rows, MOST.get((kind, format_), rows)) for rows in sizes}):
            command = [sys.executable, "-m", "benchmarks.export", "--child", kind, format_, str(rows)]
            done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
            found = json.loads(done.stdout.splitlines()[-1])
            print(kind, format_, rows, found, file=sys.stderr, flush=True)
            lines.append(
                [
                    format_,
                    f"{rows:,}",
                    f"{found['seconds']:.1f}",
                    f"{found['processor']:.1f}",
                    f"{1000 * found['processor'] / rows:.2f}",
                    f"{found['memory'] / MEGABYTE:.0f}",
                    f"{found['size'] / MEGABYTE:.2f}",
                ]
            )
    what = {"customer": "orders of one customer", "search": "customers found"}[kind]
    return table(["format", what, "seconds", "processor seconds", "ms a row", "peak memory MB", "file MB"], lines)


def measured(kind: str, format_: str, rows: int) -> dict[str, float]:
    """One file, made by this process: seconds of the clock and of the processor, and the most memory it has held."""
    from customer360.exports.building import Outcome, build
    from customer360.exports.table import ExportItem

    item = ExportItem.asked(request(kind, format_, rows), kept_until=datetime.now(UTC) + timedelta(days=1))
    item.save()
    orders, page = "customer360.exports.contents.orders", "customer360.search.service.page"
    with (
        patch(f"{orders}.page", partial(orders_page, rows)),
        patch(f"{orders}.reader", lambda _: whole_orders),
        patch(page, partial(found_page, rows)),
    ):
        started, before = time.perf_counter(), time.process_time()
        outcome = build(item, lambda: 900_000)
        seconds, processor = time.perf_counter() - started, time.process_time() - before
    assert outcome is Outcome.READY, item.error
    assert item.rows >= rows
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return {"seconds": seconds, "processor": processor, "memory": peak, "size": item.size}


def request(kind: str, format_: str, rows: int) -> Any:
    from customer360.access.caller import Caller
    from customer360.exports.request import ExportRequest
    from customer360.ingestion.intake import take_in
    from support.builders import customer

    customer_id = None
    if kind == "customer":
        customer_id = f"c-{format_}-{rows}"
        event = customer(customer_id)
        take_in(event["type"], event)
    return ExportRequest(
        id=f"export-{kind}-{format_}-{rows}",
        kind=kind,  # type: ignore[arg-type]  # one of the two
        format=format_,  # type: ignore[arg-type]
        maker=Caller("maker", "Mara Maker", "maker@example.com", "manager"),
        requested_at=datetime.now(UTC),
        customer_id=customer_id,
        sections=("orders",) if kind == "customer" else None,
        search={"sort": "name"} if kind == "search" else None,
    )


def orders_page(rows: int, customer_id: str, *, cursor: str | None, limit: int, **_: Any) -> Any:  # noqa: ARG001
    from customer360.orders.schemas import OrderPage, OrderRow

    first = int(cursor or 0)
    until = min(first + limit, rows)
    return OrderPage(
        orders=[OrderRow(**order_values(number)) for number in range(first, until)],
        total_orders=rows,
        total_revenue=Decimal("25.50") * rows,
        average_order_value=Decimal("25.50"),
        updated_at=START,
        next_cursor=str(until) if until < rows else None,
    )


def whole_orders(ids: list[str]) -> Iterator[Any]:
    from customer360.orders.schemas import Order

    statuses = [{"status": status, "at": START} for status in ("pending", "processing", "shipped", "completed")]
    lines = [
        {"sku": f"SKU-{at}", "name": "Enamel mug, blue", "category": "kitchen", "quantity": 2, "unit_price": "12.75"}
        for at in range(2)
    ]
    address = {"name": "Ada Lovelace", "line1": "12 St James's Square", "city": "London", "country": "GB"}
    for each in ids:
        yield Order(
            **order_values(int(each.removeprefix("o"))),
            shipping="4.90",
            lines=lines,
            shipping_address=address,
            status_history=statuses,
            updated_at=START,
        )


def order_values(number: int) -> dict[str, Any]:
    return {
        "id": f"o{number}",
        "order_number": f"2026-{number:07}",
        "date": START + timedelta(hours=number % 50_000),
        "status": "completed",
        "total": Decimal("25.50"),
        "currency": "EUR",
        "items_count": Decimal(4),
    }


def found_page(rows: int, query: Any, caller: Any, *, cursor: str | None, limit: int, **_: Any) -> Any:  # noqa: ARG001
    from customer360.search.schemas import SearchPage

    first = int(cursor or 0)
    until = min(first + limit, rows)
    return SearchPage(
        customers=[found_customer(number) for number in range(first, until)],
        total=min(rows, 10_000),
        total_is_exact=rows <= 10_000,
        next_cursor=str(until) if until < rows else None,
    )


def found_customer(number: int) -> Any:
    from customer360.search.schemas import FoundCustomer

    return FoundCustomer(
        id=f"c-{number:08}",
        name=f"Ada Lovelace {number}",
        email=f"ada.{number}@example.com",
        phone=f"+44 20 7946 {number % 10_000:04}",
        account_status="active",
        loyalty_tier="gold",
        total_orders=number % 40,
        lifetime_value=Decimal(number) / 100,
        registered_at=START + timedelta(minutes=number),
        last_purchase_at=START + timedelta(days=900),
        health_score=Decimal("71.4"),
        health_level="good",
        churn_score=Decimal("12.5"),
        churn_level="low",
        segments=[{"id": "segment-vip", "name": "VIP"}, {"id": "segment-new", "name": "New this year"}],
        tags=[{"id": "tag-press", "name": "Press", "color": "#3366CC"}],
    )


if __name__ == "__main__":
    main()
