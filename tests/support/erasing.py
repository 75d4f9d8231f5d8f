"""Erases customers as the stack does, and looks for what is left of them in everything there is."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import boto3

from customer360.exact_json import dumps
from support.builders import new_id
from support.gateway import Answer, call_function, context, handler_of, sqs_event
from support.template import resources


def ask(customer_id: str, **request: Any) -> Answer:
    return call_function("erase_customer", customer_id=customer_id, **request)


def job_of(customer_id: str) -> str:
    """Begins an erasure."""
    answer = ask(customer_id)
    assert answer.status == 202, answer.text
    return str(answer.json["jobId"])


def message(job_id: str) -> dict[str, Any]:
    """What the queue brings its worker."""
    return sqs_event({"jobId": job_id, "announcedAt": datetime.now(UTC).isoformat()})


def work(job_id: str, milliseconds: int = 600_000) -> Any:
    return handler_of("erase_from_stores").lambda_handler(message(job_id), context(milliseconds))


def progress(job_id: str) -> dict[str, Any]:
    answer = call_function("get_erasure", job_id=job_id)
    assert answer.status == 200, answer.text
    return dict(answer.json)


def finish(job_id: str, work: Callable[[str], Any] = work) -> dict[str, Any]:
    """Works until the erasure is verified, and gives its receipt."""
    for _ in range(100):
        assert work(job_id) == {"batchItemFailures": []}
        told = progress(job_id)
        if told["status"] == "verified":
            return dict(told["receipt"])
    raise AssertionError(f"not verified: {told}")


def erased(receipt: dict[str, Any]) -> dict[str, int]:
    """How much was erased, by place."""
    return {place["place"]: place["erased"] for place in receipt["places"]}


def found_again(receipt: dict[str, Any]) -> dict[str, int]:
    """What later looks have found, by place."""
    return {place["place"]: place["foundAgain"] for place in receipt["places"] if place["foundAgain"]}


def everything() -> dict[str, str]:
    """All items of all tables and all objects of all buckets, as text by where each is."""
    found = {}
    scan = boto3.client("dynamodb").get_paginator("scan")
    for table in resources("AWS::DynamoDB::Table"):
        for page in scan.paginate(TableName=table, ConsistentRead=True):
            for item in page["Items"]:
                place = f"{table}/" + "/".join(str(next(iter(value.values()))) for value in _keys(table, item))
                found[place] = json.dumps(item, ensure_ascii=False, default=str)
    s3 = boto3.client("s3")
    for bucket in s3.list_buckets()["Buckets"]:
        for objects in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket["Name"]):
            for each in objects.get("Contents", []):
                body = s3.get_object(Bucket=bucket["Name"], Key=each["Key"])["Body"].read()
                found[f"{bucket['Name']}/{each['Key']}"] = body.decode(errors="replace")
    return found


def where(*words: str) -> list[str]:
    """Every place of which the name or the content holds one of the words."""
    folded = [word.casefold() for word in words]
    return sorted(
        place
        for place, content in everything().items()
        if any(word in f"{place} {content}".casefold() for word in folded)
    )


def _keys(table: str, item: dict[str, Any]) -> list[dict[str, Any]]:
    return [item[key["AttributeName"]] for key in resources("AWS::DynamoDB::Table")[table]["KeySchema"]]


def work_briefly(job_id: str) -> Any:
    """The worker's time ends once it has looked at the clock."""
    told = context()
    left = iter([600_000])
    told.get_remaining_time_in_millis = lambda: next(left, 0)
    return handler_of("erase_from_stores").lambda_handler(message(job_id), told)


def import_lines(invoke: Callable[..., Any], bucket: str, *events: dict[str, Any]) -> dict[str, Any]:
    """Imports a file of events, and gives the report."""
    return import_file(invoke, bucket, "events", *map(dumps, events))


def import_file(invoke: Callable[..., Any], bucket: str, folder: str, *lines: str) -> dict[str, Any]:
    """Imports a file of lines, and gives the report."""
    s3, key = boto3.client("s3"), f"{folder}/{new_id('file')}"
    body = "\n".join(lines)
    tag = s3.put_object(Bucket=bucket, Key=key, Body=body.encode())["ETag"].strip('"')
    uploaded = {"bucket": {"name": bucket}, "object": {"key": key, "eTag": tag, "sequencer": "1"}}
    invoke("import_file", sqs_event({"Records": [{"s3": uploaded}]}))
    return dict(json.loads(s3.get_object(Bucket=bucket, Key=f"{key}.report.json")["Body"].read()))
