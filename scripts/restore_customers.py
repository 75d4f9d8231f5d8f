"""Puts customers back as they were, from a table that was restored beside the live one (docs/runbook.md).

    python -m restore_customers --from <table> (--customer ID … | --everybody) [--stack customer360-local]
    python -m restore_customers --erased [--lift] [--stack customer360-local]

Everything of the customer is replaced by what the other table has, and the search is brought up to date. Left as they
are now: tags and segments, which the catalog counts, too; what was told or is to be told outside, which must not be
told again. The version goes on from the higher of the two, so open pages fetch everything. Whoever was erased since is
left out. Repeated, it ends the same; killed in between, it is to be repeated; a customer who changes meanwhile is told
and left for the next run, so the writers had better be stopped.

`--erased` lists customers who are there though they were erased, as after a table was replaced, and exits with 1. With
`--lift` it also takes their tombstones away, without which they cannot be erased again; do that at once. Whose erasure
is not verified yet is told, and left for a run after that.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

import boto3

from stack.aws import environment
from stack.testing import stack_of_up
from verify import LOCAL_STACK, customer_ids, function_environment

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Item = dict[str, Any]
WORKERS = 8


def main() -> int:
    options = _options()
    if options.stack == LOCAL_STACK:
        os.environ.update(environment(stack_of_up().endpoint))
    os.environ.update(function_environment(options.stack))
    if options.erased:
        return list_erased(lifts=options.lift)
    source = options.source
    customers = options.customer or everybody_of(source)
    with ThreadPoolExecutor(WORKERS) as pool:
        outcomes = dict(pool.map(lambda customer_id: (customer_id, restore(source, customer_id)), customers))
    for customer_id, outcome in outcomes.items():
        print(f"{customer_id}: {outcome}")
    return 0 if set(outcomes.values()) <= {"restored", "erased since, left out"} else 1


def list_erased(*, lifts: bool = False) -> int:
    """The exit code: 1 if there is anybody. Whose tombstone cannot be lifted yet keeps nobody else's."""
    from customer360.errors import Conflict, NotFound
    from customer360.privacy.lifting import lift
    from customer360.privacy.tombstones import is_erased

    found = 0
    for customer_id in customer_ids():
        if is_erased(customer_id):
            found += 1
            outcome = ""
            if lifts:
                try:
                    lift(customer_id)
                except (Conflict, NotFound) as error:
                    outcome = f": not lifted, {error}"
            print(f"{customer_id}{outcome}")
    return 1 if found else 0


def everybody_of(table: str) -> Iterator[str]:
    """Every customer of a table, by their commit items."""
    pages = (
        boto3.client("dynamodb")
        .get_paginator("scan")
        .paginate(
            TableName=table,
            FilterExpression="sk = :commit",
            ExpressionAttributeValues={":commit": {"S": "HEAD#COMMIT"}},
            ProjectionExpression="pk",
        )
    )
    for page in pages:
        yield from (item["pk"]["S"].removeprefix("CUSTOMER#") for item in page["Items"])


def restore(source: str, customer_id: str) -> str:
    """What became of it."""
    # Imported now, because the models read the names of their tables when they are defined.
    from customer360.privacy.tombstones import is_erased
    from customer360.search.projecting import project
    from customer360.settings import settings
    from customer360.storage.keys import COMMIT, NOTICE, OUTBOX, SEGMENT, TAG, partition

    if is_erased(customer_id):
        return "erased since, left out"
    client, live = boto3.client("dynamodb"), settings().customers_table
    then = collection(client, source, partition(customer_id))
    now = collection(client, live, partition(customer_id))
    if COMMIT not in then:
        return "not in that table"
    stays = (COMMIT, NOTICE, OUTBOX, SEGMENT, TAG)
    writes = [
        {"DeleteRequest": {"Key": {"pk": item["pk"], "sk": item["sk"]}}}
        for sort_key, item in now.items()
        if sort_key not in then and not sort_key.startswith(stays)
    ]
    writes += [
        {"PutRequest": {"Item": item}}
        for sort_key, item in then.items()
        if item != now.get(sort_key) and not sort_key.startswith(stays)
    ]
    write(client, live, writes)
    if not commit(client, live, then[COMMIT], now.get(COMMIT)):
        return "changed meanwhile, run it again"
    project(customer_id, datetime.now(UTC), anew=True)
    return "restored"


def collection(client: "DynamoDBClient", table: str, pk: str) -> dict[str, Item]:
    """All items of a customer by their sort keys."""
    pages = client.get_paginator("query").paginate(
        TableName=table,
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": pk}},
        ConsistentRead=True,
    )
    return {item["sk"]["S"]: dict(item) for page in pages for item in page["Items"]}


def write(client: "DynamoDBClient", table: str, writes: list[Any]) -> None:
    left = iter(writes)
    while batch := list(islice(left, 25)):
        while batch:
            batch = list(client.batch_write_item(RequestItems={table: batch})["UnprocessedItems"].get(table, []))


def commit(client: "DynamoDBClient", table: str, then: Item, now: Item | None) -> bool:
    """Announces the restored customer as one commit that changed every section, unless another came first."""
    from customer360.instants import sortable

    both = [each for each in (then, now) if each]
    newest = str(max(int(each["version"]["N"]) for each in both) + 1)
    sections = sorted({section for each in both for section in each["sections"]["M"]})
    item = {
        **then,
        "version": {"N": newest},
        "committedAt": {"S": sortable(datetime.now(UTC))},
        "sections": {"M": {section: {"N": newest} for section in sections}},
        "changed": {"S": json.dumps({section: [] for section in sections})},
        "isOldNews": {"BOOL": True},
    }
    for gone in ("marks", "claimedBy", "claimedUntil", "correlationId"):
        item.pop(gone, None)
    known: Any = {"ConditionExpression": "attribute_not_exists(pk)"}
    if now:
        known = {"ConditionExpression": "version = :known", "ExpressionAttributeValues": {":known": now["version"]}}
    try:
        client.put_item(TableName=table, Item=item, **known)
    except client.exceptions.ConditionalCheckFailedException:
        return False
    return True


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--stack", default=LOCAL_STACK, help="on AWS: its name, with credentials as usual")
    parser.add_argument("--from", dest="source", help="the restored table")
    who = parser.add_mutually_exclusive_group(required=True)
    who.add_argument("--customer", action="append", help="these only")
    who.add_argument("--everybody", action="store_true", help="all of the restored table")
    who.add_argument("--erased", action="store_true", help="only list who is there though they were erased")
    parser.add_argument("--lift", action="store_true", help="with --erased: let them be erased again")
    options = parser.parse_args()
    if not options.erased and not options.source:
        parser.error("--from: which table?")
    return options


if __name__ == "__main__":
    sys.exit(main())
