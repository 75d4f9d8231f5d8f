"""`make bench-projection`: what keeping the search up to date costs and takes, by what has changed of a customer.

Customers come by real events; then each kind of change is applied to all of them and followed. Runs on DynamoDB Local,
whose consumed capacity is that of a transaction and of every index it touches.
"""

import argparse
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

from benchmarks.bench import table
from benchmarks.dynamodb_local import dynamodb_local

NOW = datetime.now(UTC)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--customers", type=int, default=100)
    options = parser.parse_args()
    with dynamodb_local():
        rows = [followed(name, change, options.customers) for name, change in CHANGES.items()]
    print(table(["change", "rows written", "read units", "write units", "ms, p50", "ms, p95"], rows))


def followed(name: str, change: Callable[[str, int], None], customers: int) -> list[object]:
    """Of one kind of change: how many it made a row for, and the units and the time of one projection."""
    from customer360.search.projecting import project

    times, units, written = [], Units(), 0
    for number in range(customers):
        customer_id = f"customer-{number}"
        change(customer_id, number)
        with units.counted():
            start = time.perf_counter()
            written += project(customer_id, NOW)
            times.append((time.perf_counter() - start) * 1000)
    p95 = statistics.quantiles(times, n=20)[-1]
    return [name, written, f"{units.read / customers:.1f}", f"{units.written / customers:.1f}",
            f"{statistics.median(times):.0f}", f"{p95:.0f}"]  # fmt: skip


class Units:
    """The capacity consumed while it counts."""

    def __init__(self) -> None:
        self.read = self.written = 0.0

    @contextmanager
    def counted(self) -> Iterator[None]:
        from pynamodb.connection import Connection

        original = Connection._make_api_call

        def make_api_call(connection: Connection, name: str, arguments: dict[str, Any], *rest: Any) -> Any:
            answer = original(connection, name, arguments | {"ReturnConsumedCapacity": "TOTAL"}, *rest)
            consumed = answer.get("ConsumedCapacity", [])
            for part in consumed if isinstance(consumed, list) else [consumed]:
                if name in {"GetItem", "Query", "BatchGetItem"}:
                    self.read += part["CapacityUnits"]
                else:
                    self.written += part["CapacityUnits"]
            return answer

        with patch.object(Connection, "_make_api_call", make_api_call):
            yield


def new_customer(customer_id: str, number: int) -> None:
    taken_in(
        "customer",
        customer_id,
        name=f"Amélie Laurent {number}",
        email=f"amelie.laurent{number}@example.com",
        phone=f"+33 6 12 34 {number:04}",
    )


def completed_order(customer_id: str, number: int) -> None:
    taken_in("order", customer_id, f"o{number}", number=f"ORD-{number}", status="completed")


def a_night(customer_id: str, number: int) -> None:
    """Both scores move by a little, as they do by the day."""
    from customer360.scores.rescoring import rescore

    rescore(customer_id, NOW + timedelta(days=20 + number % 3), [])


def nothing(customer_id: str, number: int) -> None:
    taken_in("message", customer_id, f"m{number}", status="sent")


def new_name(customer_id: str, number: int) -> None:
    taken_in("customer", customer_id, name=f"Amélie Martin {number}", email=f"amelie.martin{number}@example.com")


def taken_in(kind: str, customer_id: str, *arguments: Any, **data: Any) -> None:
    from customer360.ingestion.intake import take_in
    from support import builders

    event = getattr(builders, kind)(customer_id, *arguments, **data)
    assert take_in(event["type"], event).value == "applied"


CHANGES: dict[str, Callable[[str, int], None]] = {
    "a new customer": new_customer,
    "a completed order": completed_order,
    "a message that was sent": nothing,
    "both scores, by a night": a_night,
    "another name and e-mail": new_name,
}


if __name__ == "__main__":
    main()
