"""What a test needs to delete a tag or segment, to have the workers take it away, and to look at what is left."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from customer360.catalog.kinds import SHARDS, shard_of
from customer360.catalog.table import CountItem, MemberItem
from customer360.instants import sortable
from support.builders import customer, new_id
from support.catalogs import Catalog
from support.collection import collection
from support.gateway import Answer, sqs_event
from support.rights import recorded

Call = Callable[..., Answer]
Invoke = Callable[..., Any]
TakeIn = Callable[..., list[str]]
Part = dict[str, Any]
WORKER = "remove_from_customers"
NOTHING_FAILED: dict[str, Any] = {"batchItemFailures": []}


def sent(calls: list[tuple[str, dict[str, Any]]]) -> list[Part]:
    """The parts of jobs that were put into the queue."""
    return [json.loads(arguments["MessageBody"]) for operation, arguments in calls if operation == "sqs:SendMessage"]


def delete(call: Call, catalog: Catalog, identifier: str) -> tuple[str, list[Part]]:
    """Deletes it as an admin does; gives the job's id and what was put into the queue."""
    with recorded() as calls:
        answer = catalog.delete(call, identifier, role="manager")
    assert (answer.status, answer.text) == (204, "")
    path, _, job_id = answer.headers["Location"].rpartition("/")
    assert path == "/api/admin/jobs"
    return job_id, sent(calls)


def work(invoke: Invoke, *parts: Part, milliseconds: int = 600_000) -> list[Part]:
    """Has these parts done, and gives what was put into the queue meanwhile."""
    with recorded() as calls:
        assert invoke(WORKER, sqs_event(*parts), milliseconds) == NOTHING_FAILED
    return sent(calls)


def part(job_id: str, shard: int, age: timedelta = timedelta()) -> Part:
    return {"jobId": job_id, "shard": shard, "announcedAt": sortable(datetime.now(UTC) - age)}


def job(call: Call, job_id: str) -> Any:
    answer = call("get_job", job_id=job_id, role="manager")
    assert answer.status == 200, answer.text
    return answer.json


def progress(call: Call, job_id: str) -> tuple[str, int, int]:
    found = job(call, job_id)
    return found["status"], found["done"], found["total"]


def of_shard(shard: int) -> Iterator[str]:
    """New ids of customers who are all in one shard."""
    prefix = new_id()
    return (each for number in count() if shard_of(each := f"{prefix}-{number}") == shard)


def holders(catalog: Catalog, take_in: TakeIn, identifier: str, ids: list[str]) -> list[str]:
    """Customers with these ids who have it."""
    take_in(*map(customer, ids))
    for each in ids:
        catalog.give_by_service(each, identifier)
    return ids


def holders_of_shard(catalog: Catalog, take_in: TakeIn, identifier: str, shard: int, number: int) -> list[str]:
    new = of_shard(shard)
    return holders(catalog, take_in, identifier, [next(new) for _ in range(number)])


def have(catalog: Catalog, identifier: str, ids: list[str]) -> list[str]:
    return [each for each in ids if catalog.kind.head + identifier in collection(each)]


def left_of(catalog: Catalog, identifier: str) -> list[str]:
    """Whatever the catalog still holds of it."""
    counts = [item.sk for item in CountItem.query(catalog.kind.counts) if item.sk.startswith(f"{identifier}#")]
    shards = [MemberItem.query(catalog.kind.members(identifier, shard)) for shard in range(SHARDS)]
    return counts + [item.sk for members in shards for item in members]
