"""A customer's whole item collection as DynamoDB keeps it, read without any code of ours."""

import json
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any

import boto3

from support.oracle import Entry

Item = dict[str, Any]
TABLE = "CustomersTable"
# What the order of arrival decides, and what says when, how and to whom an event came.
OF_THE_COMMIT = {"committedAt", "sections", "changed", "marks", "correlationId", "isOldNews", "shard"}
OF_THE_ARRIVAL = {"via", "heldAt"}


@cache
def dynamodb() -> Any:
    return boto3.client("dynamodb")


def collection(customer_id: str) -> dict[str, Item]:
    """Every item by sort key, every attribute as DynamoDB gives it, without the partition key."""
    pages = dynamodb().get_paginator("query").paginate(**_partition(customer_id))
    items = [item for page in pages for item in page["Items"]]
    return {item["sk"]["S"]: {name: item[name] for name in item if name != "pk"} for item in items}


def settled(items: dict[str, Item]) -> dict[str, Item]:
    """The items without what the order of arrival legitimately decides."""
    return {key: {name: item[name] for name in item if name not in _arrival(key)} for key, item in items.items()}


def held(items: dict[str, Item]) -> list[str]:
    return [key for key in items if key.startswith("HELD#")]


def version(items: dict[str, Item]) -> int:
    return int(items["HEAD#COMMIT"]["version"]["N"]) if "HEAD#COMMIT" in items else 0


def totals(items: dict[str, Item], prefix: str) -> dict[str, Decimal]:
    """The kept sums of the items under a sort key or a prefix of it."""
    return {
        name: Decimal(number["N"])
        for key, item in items.items()
        if key.startswith(prefix)
        for name, number in item["totals"]["M"].items()
    }


def months(items: dict[str, Item]) -> dict[str, dict[str, Decimal]]:
    """The kept signals of each month."""
    return {key: totals(items, key) for key in items if key.startswith("SIGNALS#")}


def ledger(items: dict[str, Item]) -> dict[str, Any]:
    """What is kept of points: open lots, debt, points earned, changes of tier, the last transaction, and lapses."""
    if "LEDGER" not in items:
        return {}
    item = items["LEDGER"]
    return {
        "lots": json.loads(item["lots"]["S"]),
        "debt": int(item["debt"]["N"]),
        "earned": int(item["earned"]["N"]),
        "tierChanges": json.loads(item["tierChanges"]["S"]),
        "last": item["last"]["S"],
        "lapses": {
            instant: left
            for key in sorted(items)
            if key.startswith("LAPSES#")
            for instant, left in json.loads(items[key]["lapses"]["S"]).items()
        },
    }


def moments(items: dict[str, Item]) -> dict[str, datetime]:
    return _instants(items, "moments")


def freshness(items: dict[str, Item]) -> dict[str, datetime]:
    return _instants(items, "freshness")


def current_event_ids(items: dict[str, Item]) -> set[str]:
    return {item["eventId"]["S"] for item in items.values() if item["type"]["S"] == "record"}


def timeline(customer_id: str) -> list[Entry]:
    """Newest first, by the index that lists it."""
    pages = (
        dynamodb()
        .get_paginator("query")
        .paginate(
            **_partition(customer_id, " AND begins_with(byTime, :kind)", {":kind": {"S": "EVENT#"}}),
            IndexName="by-time",
            ScanIndexForward=False,
        )
    )
    rows = [(item["sk"]["S"], json.loads(item["summary"]["S"])) for page in pages for item in page["Items"]]
    return [Entry(datetime.fromisoformat(row["timestamp"]), sk.split("#")[1], row["type"]) for sk, row in rows]


def _arrival(key: str) -> set[str]:
    return OF_THE_ARRIVAL | (OF_THE_COMMIT if key == "HEAD#COMMIT" else set())


def _instants(items: dict[str, Item], attribute: str) -> dict[str, datetime]:
    return {
        name: datetime.fromisoformat(instant["S"])
        for item in items.values()
        for name, instant in item.get(attribute, {"M": {}})["M"].items()
    }


def _partition(customer_id: str, further: str = "", values: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "TableName": TABLE,
        "ConsistentRead": True,
        "KeyConditionExpression": f"pk = :pk{further}",
        "ExpressionAttributeValues": {":pk": {"S": f"CUSTOMER#{customer_id}"}, **(values or {})},
    }
