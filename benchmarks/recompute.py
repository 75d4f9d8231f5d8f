"""`make bench-recompute`: how fast everybody is rescored, what one customer costs, and what a million would.

The rules alone first: scores and twenty segments of generated customers, without a table. Then the nightly job on the
tables of a local engine, by one worker with the threads it has on AWS: the first night (nobody has scores yet), the
same night again (nothing changes) and the next one (a day has passed). The customers are copies of forty that were made
by real events; of each, what rescoring reads.
"""

import argparse
import copy
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import cycle, islice
from threading import Lock
from typing import Any
from unittest.mock import patch

from benchmarks.bench import Calls, item_size, table, tables, write_units

NOW = datetime.now(UTC)
ARCHETYPES = 40
SEGMENTS = 20
WORKERS = 10  # the stack's default concurrency
WRITE_PRICE, READ_PRICE = Decimal("0.705"), Decimal("0.141")  # US dollars a million units, as in docs/cost.md


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--customers", type=int, default=5000)
    options = parser.parse_args()
    with tables():
        print(rules(), nights(options.customers), sep="\n\n")


def rules(count: int = 100_000) -> str:
    """Customers a second by the rules alone, in one thread."""
    from customer360.scoring.assessment import Assessment, assess
    from customer360.scoring.inputs import Engagement, History, Inputs
    from customer360.scoring.parameters import DEFAULT
    from customer360.segments.membership import decide
    from customer360.segments.rules import Facts

    chance = random.Random(1)
    inputs = [
        Inputs(
            History(chance.randrange(40), span := chance.randrange(2000), span + chance.randrange(600)),
            Decimal(chance.randrange(100_000)) / 100,
            Engagement(chance.random() * 9, chance.uniform(-1, 1)),
            chance.random() * 2,
        )
        for _ in range(count)
    ]
    definitions = [segment.definition for segment in compiled_segments()]
    facts: Facts = {"lifetimeValue": Decimal(500), "churnLevel": "low", "country": "GB", "openRate": 40}
    rows: list[list[object]] = []
    for name, work in (
        ("both scores, explained", lambda each: assess(each, NOW, DEFAULT)),
        ("and kept as text, and read again", lambda each: Assessment.from_json(assess(each, NOW, DEFAULT).to_json())),
        (f"{SEGMENTS} segments decided", lambda _: decide({}, definitions, facts)),
    ):
        start = time.perf_counter()
        for each in inputs:
            work(each)
        seconds = time.perf_counter() - start
        rows.append([name, f"{count / seconds:,.0f}", f"{1e6 * seconds / count:.0f}"])
    return table(["rules alone", "customers/s", "microseconds each"], rows)


def compiled_segments() -> list[Any]:
    from customer360.catalog.table import SEGMENTS as PARTITION
    from customer360.catalog.table import SegmentItem
    from customer360.exact_json import dumps
    from customer360.segments.automatic import automatic_of

    made: dict[str, Any] = {"created_at": NOW, "updated_at": NOW, "generation": 1}
    return [
        automatic_of(SegmentItem(PARTITION, f"segment-{n}", name=str(n), criteria=text, applied=text, **made))
        for n, text in enumerate(dumps(criteria) for criteria in criteria_of_segments())
    ]


def criteria_of_segments() -> list[dict[str, Any]]:
    return [
        {
            "all": [
                {"field": "lifetimeValue", "op": "gte", "value": 25 * number},
                {"any": [
                    {"field": "churnLevel", "op": "in", "value": ["low", "medium"]},
                    {"field": "openRate", "op": "lt", "value": 50},
                ]},
                {"not": {"field": "country", "op": "eq", "value": "FR"}},
            ]
        }
        for number in range(SEGMENTS)
    ]  # fmt: skip


def nights(customers: int) -> str:
    loaded = plant(customers)
    rows: list[list[object]] = []
    for name, days in (
        ("first night", 0),
        ("the same again", 0),
        *((f"{days} nights later", days) for days in range(1, 6)),
    ):
        calls, units = Calls(), Units()
        calls.made = units  # a hundred thousand customers' calls would not fit into memory
        with at_a_later_day(days), calls.recorded():
            start = time.perf_counter()
            changed = night(f"job-{len(rows)}")
            seconds = time.perf_counter() - start
        rows.append([name, *figures(units, customers, changed, seconds)])
    header = ["night", "changed", "calls a customer", "read units", "write units", "customers/s, one worker",
              f"1,000,000 by {WORKERS} workers, minutes", "US dollars for their units"]  # fmt: skip
    title = f"{customers:,} customers, {SEGMENTS} segments; loaded in {loaded:.0f} s past the ordinary way"
    return f"{title}\n\n{table(header, rows)}"


class Units(list[Any]):
    """Adds up the calls that are appended, and forgets them."""

    def __init__(self) -> None:
        super().__init__()
        self.calls = self.written = 0
        self.read = 0.0
        self._adding = Lock()

    def append(self, call: tuple[str, dict[str, Any], dict[str, Any]]) -> None:
        name, arguments, answer = call
        with self._adding:
            self.calls += 1
            self.read += units_read(name, answer)
            self.written += units_written(name, arguments)


def figures(units: Units, customers: int, changed: int, seconds: float) -> list[object]:
    read, written = units.read / customers, units.written / customers
    rate = customers / seconds
    dollars = (Decimal(read) * READ_PRICE + Decimal(written) * WRITE_PRICE).quantize(Decimal("0.01"))
    return [
        f"{changed:,}",
        f"{units.calls / customers:.1f}",
        f"{read:.1f}",
        f"{written:.1f}",
        f"{rate:.0f}",
        f"{1_000_000 / rate / WORKERS / 60:.0f}",
        dollars,
    ]


def units_read(name: str, answer: dict[str, Any]) -> float:
    """By the sizes of what was found; an index is read eventually consistent, for half."""
    if name == "GetItem":
        found = [answer["Item"]] if "Item" in answer else []
    elif name == "Query":
        found = answer.get("Items", [])  # none where they are only counted
    else:
        return 0
    units = max(1, -(-sum(map(item_size, found)) // 4096))
    return units / 2 if found and "shard" in found[0] and "version" not in found[0] else units


def units_written(name: str, arguments: dict[str, Any]) -> int:
    if name == "TransactWriteItems":
        puts = [part["Put"]["Item"] for part in arguments["TransactItems"] if "Put" in part]
        others = len(arguments["TransactItems"]) - len(puts)  # small ones: counts, and what is deleted
        return sum(write_units(item, transactional=True) for item in puts) + 2 * others
    return int(name in {"UpdateItem", "PutItem"})


@contextmanager
def at_a_later_day(days: int) -> Iterator[None]:
    from customer360.scores import recompute

    class Later(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]  # a plain one will do
            return datetime.now(tz) + timedelta(days=days)

    with patch.object(recompute, "datetime", Later):
        yield


def night(job_id: str) -> int:
    """Goes through all shards; gives how many customers changed."""
    from customer360.jobs import service as jobs
    from customer360.jobs import work
    from customer360.scores import recompute

    names: list[str] = []
    with patch.object(work, "announce"), patch.object(work, "hand_out", lambda _, name: names.append(name)):
        recompute.begin(job_id, datetime.now(UTC))
        recompute.plan(jobs.find(job_id))
    worked = [recompute.work_on(jobs.find(job_id), name, lambda: True) for name in names]
    assert not any(part.failed or part.has_more for part in worked)
    return sum(part.changed for part in worked)


def plant(customers: int) -> float:
    """Writes the segments and the customers; gives the seconds it took."""
    import boto3

    from customer360.catalog import store
    from customer360.catalog.kinds import SEGMENT_KIND
    from customer360.catalog.table import SEGMENTS as PARTITION
    from customer360.catalog.table import SegmentItem
    from customer360.exact_json import dumps
    from customer360.segments.membership import membership_key
    from customer360.storage.everyone import shard_of

    made: dict[str, Any] = {"created_at": NOW, "updated_at": NOW, "generation": 1}
    for number, criteria in enumerate(criteria_of_segments()):
        text, identifier = dumps(criteria), f"segment-{number:02}"
        segment = SegmentItem(PARTITION, identifier, name=identifier, criteria=text, applied=text, **made)
        store.create(SEGMENT_KIND, segment, store.no_members_yet(SEGMENT_KIND, membership_key(identifier, 1)))
    client: Any = boto3.client("dynamodb")
    archetypes = [read_by_rescoring(client, number) for number in range(ARCHETYPES)]
    for items in archetypes:
        for item in items:
            client.delete_item(TableName="CustomersTable", Key={"pk": item["pk"], "sk": item["sk"]})

    def copies() -> Iterator[dict[str, Any]]:
        for number, items in zip(range(customers), cycle(archetypes), strict=False):
            pk = f"CUSTOMER#copy-{number}"
            for original in items:
                item = copy.copy(original) | {"pk": {"S": pk}}
                if "shard" in item:
                    item["shard"] = {"S": shard_of(pk)}
                yield {"PutRequest": {"Item": item}}

    start, requests = time.perf_counter(), copies()
    while batch := list(islice(requests, 25)):
        client.batch_write_item(RequestItems={"CustomersTable": batch})
    return time.perf_counter() - start


def read_by_rescoring(client: Any, number: int) -> list[dict[str, Any]]:
    """What rescoring reads of a customer made by real events: heads, months, ledger."""
    from customer360.ingestion.intake import take_in
    from support.builders import customer, message, order, points, session, ticket

    chance, customer_id = random.Random(number), f"archetype-{number}"

    def ago(most: int) -> str:
        return (NOW - timedelta(days=chance.uniform(0, most))).isoformat()

    events = [customer(customer_id, registeredAt=(NOW - timedelta(days=900)).isoformat())]
    events += [
        order(customer_id, f"o{at}", placedAt=ago(800), total=Decimal(chance.randrange(500, 12_000)) / 100)
        for at in range(chance.randrange(16))
    ]
    for at in range(chance.randrange(12)):
        events.append(message(customer_id, f"m{at}", openedAt=ago(200)))
        events.append(session(customer_id, f"s{at}", startedAt=(when := ago(200)), endedAt=when))
    for at in range(chance.randrange(3)):
        events.append(ticket(customer_id, f"t{at}", createdAt=ago(90), status=chance.choice(["open", "resolved"])))
    events.append(points(customer_id, "p1", 400, at=ago(300)))
    for each in events:
        take_in(each["type"], each)
    found = client.query(
        TableName="CustomersTable",
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": f"CUSTOMER#{customer_id}"}},
    )["Items"]
    return [item for item in found if item["sk"]["S"].startswith(("HEAD#", "SIGNALS#", "LEDGER"))]


if __name__ == "__main__":
    main()
