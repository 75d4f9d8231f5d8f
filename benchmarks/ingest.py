"""`make bench-ingest`: what applying an event costs, and whether history changes it.

Prints events a second of one worker (one thread, one event after the other), the calls, bytes and capacity of each
event type for a customer with little history and for one with much, and what many workers do on different customers.
"""

import argparse
import itertools
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

from benchmarks.bench import Calls, item_size, table, tables, write_units

Event = dict[str, Any]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--histories", type=int, nargs="+", default=[10, 10_000])
    parser.add_argument("--events", type=int, default=300, help="events timed in each row")
    options = parser.parse_args()
    with tables():
        for size in options.histories:
            prepare(f"history-{size}", size)
        print(by_type(options.histories, options.events // 10), end="\n\n")
        print(throughput(options.events * 5))


def prepare(customer_id: str, orders: int) -> None:
    from customer360.ingestion.intake import take_in
    from support import builders

    take_in("customer.upserted", builders.customer(customer_id))
    for number in range(orders):
        placed = builders.instant(number / 100)
        take_in("order.upserted", builders.order(customer_id, f"h{number}", placedAt=placed, updatedAt=placed))


def event_makers() -> dict[str, Callable[[str, str], Event]]:
    from support import builders

    late = builders.instant(200)
    return {
        "order.upserted, new": lambda customer, new: builders.order(customer, new, placedAt=late, updatedAt=late),
        "order.upserted, next status": lambda customer, new: builders.order(
            customer,
            "h3",
            placedAt=builders.instant(0.03),
            updatedAt=builders.instant(300 + int(new[4:])),
            event_id=new,
        ),
        "payment.transaction.upserted": builders.payment,
        "loyalty.points.recorded": lambda customer, new: builders.points(customer, new, 100),
        "marketing.message.upserted, sent": builders.message,
        "marketing.message.upserted, opened": lambda customer, new: builders.message(
            customer, new, openedAt=builders.instant(1)
        ),
        "support.ticket.upserted": builders.ticket,
        "analytics.session.recorded": builders.session,
    }


def by_type(histories: list[int], rounds: int) -> str:
    from customer360.ingestion.intake import take_in

    numbers = itertools.count()
    rows: list[list[object]] = []
    for name, make in event_makers().items():
        for size in histories:
            times = []
            recorded = Calls()
            for _ in range(rounds):
                event = make(f"history-{size}", f"new-{next(numbers)}")
                recorded = Calls()
                with recorded.recorded():
                    start = time.perf_counter()
                    take_in(event["type"], event)
                    times.append((time.perf_counter() - start) * 1000)
            written = [put["Put"]["Item"] for put in _transaction(recorded) if "Put" in put]
            rows.append(
                [
                    f"`{name}`",
                    f"{size:,}",
                    len(recorded.made),
                    len(written),
                    sum(map(item_size, written)),
                    sum(write_units(item, transactional=True) for item in written),
                    f"{statistics.median(times):.1f}",
                ]
            )
    return table(["event", "orders before", "calls", "items written", "bytes", "write units", "ms"], rows)


def _transaction(calls: Calls) -> list[dict[str, Any]]:
    ((arguments, _),) = calls.named("TransactWriteItems")
    return list(arguments["TransactItems"])


def throughput(events: int) -> str:
    """One worker, and sixteen, on customers with a handful of orders each; duplicates as the cheapest case."""
    from customer360.ingestion.intake import take_in
    from support import builders

    per_customer = 5

    def batch(prefix: str) -> list[list[Event]]:
        customers = [f"{prefix}-{number}" for number in range(events // per_customer)]
        return [
            [
                builders.customer(customer),
                *(
                    builders.order(customer, f"o{number}", placedAt=builders.instant(number), total=Decimal("9.99"))
                    for number in range(per_customer - 1)
                ),
            ]
            for customer in customers
        ]

    def apply(group: list[Event]) -> None:
        for event in group:
            take_in(event["type"], event)

    one, many = batch("one"), batch("many")
    rows: list[list[object]] = []
    cases = (("one worker", one, 1), ("the same again: duplicates", one, 1), ("16 workers", many, 16))
    for name, groups, workers in cases:
        start = time.perf_counter()
        with ThreadPoolExecutor(workers) as pool:
            list(pool.map(apply, groups))
        rows.append([name, f"{events:,}", f"{events / (time.perf_counter() - start):.0f}"])
    return table(["ingest", "events", "events/s"], rows)


if __name__ == "__main__":
    main()
