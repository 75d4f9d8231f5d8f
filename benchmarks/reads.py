"""`make bench-reads`: what each section of the page costs, and whether history changes it.

Applies events of six kinds in turn, in the order of time, to one customer per size; then asks each read for its first
page. Runs on DynamoDB Local, whose times and consumed capacity are those of a page.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from itertools import chain
from typing import Any

from benchmarks.bench import Calls, milliseconds, table
from benchmarks.dynamodb_local import dynamodb_local

READS: dict[str, dict[str, str]] = {
    "get_customer_360": {},
    "list_orders": {},
    "get_order": {"order_id": "o0"},
    "get_loyalty": {},
    "get_marketing": {},
    "list_tickets": {},
    "get_ticket": {"ticket_id": "t3"},
    "list_payments": {},
    "list_timeline_events": {},
    "get_analytics": {},
    "list_notes": {},
}
CATEGORIES = 40
YEARS = 5
YEAR = timedelta(days=365)
# Items that are written once and never looked at again by later events.
HISTORY = ("EVENT#", "ORDER#", "POINTS#", "MESSAGE#", "TICKET#", "PAYMENT#", "SESSION#")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--items", type=int, nargs="+", default=[10, 1000, 100_000])
    parser.add_argument("--rounds", type=int, default=50)
    options = parser.parse_args()
    with dynamodb_local():
        for size in options.items:
            print(f"fed {size:,} events in {feed(size):.0f} s", flush=True)
        print()
        print(reads_by_history(options.items, options.rounds))


def feed(size: int) -> float:
    """Seconds it took to apply so many events of one customer, five years long, and to write three notes.

    What the engine that applies events would write is worked out here by the same code, transaction by transaction,
    and written in batches at the end: events in the order of time need nothing but the current items.
    """
    from customer360.access.caller import Caller
    from customer360.ingestion.apply import put_event
    from customer360.ingestion.events import read_event
    from customer360.ingestion.intake import this_shop
    from customer360.notes import service as notes
    from customer360.notes.schemas import NewNote
    from customer360.storage.base import Turn
    from customer360.storage.commit import Commit
    from customer360.storage.items import CommitItem, CustomerItem
    from customer360.storage.keys import COMMIT
    from support import builders

    customer_id, started = f"bench-{size}", time.perf_counter()
    begins = datetime.now(UTC) - timedelta(days=YEARS * 365)
    events = (nth_event(customer_id, number, begins + YEARS * YEAR * number / size) for number in range(size))
    current: dict[str, CustomerItem] = {}
    with CustomerItem.batch_write() as batch:
        for event in chain([builders.customer(customer_id)], events):
            previous = current.get(COMMIT)
            commit = Commit(customer_id, previous if isinstance(previous, CommitItem) else None, Turn())
            put_event(commit, read_event(event["type"], event, this_shop()), this_shop(), current)
            for item in (*commit._puts, commit._item()):
                if item.sk.startswith(HISTORY):
                    batch.save(item)
                else:
                    current[item.sk] = item
        for item in current.values():
            batch.save(item)
    by = Caller("bench", "Bench", "bench@example.com", "admin")
    for number in range(3):
        notes.add(customer_id, NewNote(content="Prefers e-mail."), by, f"{customer_id}-{number}")
    return time.perf_counter() - started


def nth_event(customer_id: str, number: int, when: datetime) -> dict[str, Any]:
    from support import builders

    at, category = when.isoformat(), f"Category {number % CATEGORIES}"
    lines = [{"name": "Tea", "category": category, "quantity": 1, "unitPrice": Decimal("19.99")}]
    expires = (when + YEAR).replace(hour=23, minute=59, second=59, microsecond=0).isoformat()
    makers: list[Callable[[], dict[str, Any]]] = [
        lambda: builders.order(
            customer_id, f"o{number}", placedAt=at, updatedAt=at, total=Decimal("19.99"), lines=lines
        ),
        lambda: builders.points(customer_id, f"l{number}", 20, at=at, occurredAt=at, expiresAt=expires),
        lambda: builders.message(customer_id, f"m{number}", sentAt=at, openedAt=at, updatedAt=at),
        lambda: builders.ticket(
            customer_id, f"t{number}", status="resolved", createdAt=at, resolvedAt=at, updatedAt=at
        ),
        lambda: builders.payment(customer_id, f"p{number}", at=at, updatedAt=at),
        lambda: builders.session(
            customer_id,
            f"s{number}",
            startedAt=at,
            endedAt=at,
            categoriesViewed=[{"category": category, "count": 2}],
        ),
    ]
    return makers[number % len(makers)]()


def reads_by_history(sizes: list[int], rounds: int) -> str:
    from support.gateway import call_function, claims_of, context, handler_of, http_event

    rows: list[list[object]] = []
    for name, path in READS.items():
        cells: list[object] = [f"`{name}`"]
        for size in sizes:
            request: dict[str, Any] = {"customer_id": f"bench-{size}", **path}
            assert call_function(name, **request).status == 200, name
            with Calls().recorded() as calls:
                call_function(name, **request)
            asked = [(made, arguments) for made, arguments, _ in calls.made if made != "PutItem"]
            event = http_event(name, claims=claims_of("admin"), **request)
            look, own = partial(handler_of(name).lambda_handler, event, context()), time.process_time()
            times = milliseconds(look, rounds=rounds, warm_up=0)
            own = (time.process_time() - own) * 1000 / rounds
            units = sum(consumed(made, arguments) for made, arguments in asked)
            cells += [len(asked), f"{units:g}", f"{own:.1f}", f"{statistics.median(times):.1f}"]
        rows.append(cells)
    header = ["read"]
    for size in sizes:
        header += [f"calls at {size:,}", "read units", "processor ms", "ms"]
    return table(header, rows)


def consumed(operation: str, arguments: dict[str, Any]) -> float:
    """The read units DynamoDB Local says this call consumes."""
    from customer360.storage.items import CustomerItem

    client = CustomerItem._get_connection().connection.client
    answer = client._make_api_call(operation, {**arguments, "ReturnConsumedCapacity": "TOTAL"})
    found = answer["ConsumedCapacity"]
    return float(sum(part["CapacityUnits"] for part in (found if isinstance(found, list) else [found])))


if __name__ == "__main__":
    main()
