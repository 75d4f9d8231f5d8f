"""Exports as an admin meets them: asked for, made by their worker, and fetched by their link."""

import csv
import hashlib
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.request import urlopen

import boto3

from support.builders import customer, new_id
from support.gateway import Answer, context, handler_of, sqs_event

Invoke = Callable[..., Any]
Call = Callable[..., Answer]

BUCKET = "customer360-exports"
# A whole invocation, in which a search is gathered and written.
WHOLE = 900_000
DONE: dict[str, Any] = {"batchItemFailures": []}


def message(export_id: str, age: timedelta = timedelta()) -> dict[str, Any]:
    """By which a worker is asked for an export."""
    return {"exportId": export_id, "announcedAt": (datetime.now(UTC) - age).isoformat()}


def build(invoke: Invoke, export_id: str, milliseconds: int = WHOLE) -> None:
    """One delivery, with all that the function's role does not allow being a failure."""
    assert invoke("build_export", sqs_event(message(export_id)), milliseconds) == DONE


def deliver(export_id: str) -> None:
    """One delivery in which what the test has planned happens to the worker; its rights are not looked at."""
    handler_of("build_export").lambda_handler(sqs_event(message(export_id)), context(WHOLE))


def sent(calls: list[tuple[str, dict[str, Any]]]) -> list[tuple[str, int]]:
    """The exports that were asked for by messages, and after how many seconds."""
    made = [arguments for operation, arguments in calls if operation == "sqs:SendMessage"]
    return [(json.loads(each["MessageBody"])["exportId"], each["DelaySeconds"]) for each in made]


def end_lease(export_id: str) -> None:
    """As if the time of the worker that died had run out."""
    boto3.client("dynamodb").update_item(
        TableName="JobsTable",
        Key={"pk": {"S": f"EXPORT#{export_id}"}, "sk": {"S": "EXPORT"}},
        UpdateExpression="SET leasedUntil = :then",
        ExpressionAttributeValues={":then": {"S": "2026-01-01T00:00:00.000000Z"}},
    )


def state(export_id: str) -> dict[str, Any]:
    """The item of the export."""
    key = {"pk": {"S": f"EXPORT#{export_id}"}, "sk": {"S": "EXPORT"}}
    item: dict[str, Any] = boto3.client("dynamodb").get_item(TableName="JobsTable", Key=key, ConsistentRead=True)[
        "Item"
    ]
    return item


def forget(export_id: str) -> None:
    """Deletes the item of the export."""
    key = {"pk": {"S": f"EXPORT#{export_id}"}, "sk": {"S": "EXPORT"}}
    boto3.client("dynamodb").delete_item(TableName="JobsTable", Key=key)


def objects() -> dict[str, int]:
    """All there is in the bucket, and how large it is."""
    pages = boto3.client("s3").get_paginator("list_objects_v2").paginate(Bucket=BUCKET)
    return {each["Key"]: each["Size"] for page in pages for each in page.get("Contents", [])}


def objects_of(export_id: str) -> set[str]:
    """What is in the bucket of one export, without what all of them have in common in their keys."""
    return {key.rpartition(export_id)[2] for key in objects() if export_id in key}


def content(key: str) -> bytes:
    return boto3.client("s3").get_object(Bucket=BUCKET, Key=key)["Body"].read()


def fetched(answer: Answer) -> bytes:
    """The file behind the link, which needs no token; it is what the answer says of it."""
    with urlopen(answer.json["url"], timeout=20) as response:
        file: bytes = response.read()
    assert len(file) == answer.json["size"]
    assert hashlib.sha256(file).hexdigest() == answer.json["manifest"]["sha256"]
    return file


def csv_rows(file: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(file.decode("utf-8-sig"), newline="")))


def findable(take_in: Callable[..., list[str]], number: int, word: str | None = None) -> tuple[str, list[str]]:
    """New customers with a word in their names that nobody else has, in the order of their names; and the word."""
    from customer360.search.projecting import project

    word = word or new_id("W").replace("-", "")
    ids = []
    for at in range(number):
        ids.append(new_id())
        take_in(customer(ids[-1], name=f"A{at:03} {word}", email=f"a{at}@example.com"))
        project(ids[-1], datetime.now(UTC))
    return word, ids
