"""Every sample event of `events/` runs, so that `sam local invoke` shows something that works."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import md5
from pathlib import Path
from typing import Any

import boto3
import pytest

from support.template import functions

pytestmark = pytest.mark.engine

EVENTS = Path(__file__).parents[2] / "events"
Invoke = Callable[..., Any]

# The file of the sample notification.
FILE = (
    b'{"type":"customer.upserted","eventId":"sample-import-01","customerId":"c-1002",'
    b'"occurredAt":"2026-01-01T10:00:00Z","data":{"name":"Ada Lovelace","email":"ada@example.com",'
    b'"registeredAt":"2025-12-10T00:00:00Z","status":"active","addresses":[],'
    b'"optIns":{"email":false,"sms":false,"push":false},"updatedAt":"2026-01-01T10:00:00Z"}}\n'
)


def sample(name: str) -> dict[str, Any]:
    event: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text())
    return event


def test_the_batch_of_source_events_is_applied_whole(invoke: Invoke) -> None:
    assert invoke("ingest_events", sample("ingest_events")) == {"batchItemFailures": []}


def test_the_notification_imports_its_file(invoke: Invoke, import_bucket: str) -> None:
    event = sample("import_file")
    uploaded = json.loads(event["Records"][0]["body"])["Records"][0]["s3"]
    assert uploaded["bucket"]["name"] == import_bucket
    assert (uploaded["object"]["eTag"], uploaded["object"]["size"]) == (md5(FILE).hexdigest(), len(FILE))
    s3 = boto3.client("s3")
    s3.put_object(Bucket=import_bucket, Key="events/sample file.jsonl", Body=FILE)
    assert invoke("import_file", event) == {"batchItemFailures": []}
    report = json.loads(s3.get_object(Bucket=import_bucket, Key="events/sample file.jsonl.report.json")["Body"].read())
    assert (report["status"], report["read"], report["rejected"]) == ("completed", 1, 0)


@pytest.mark.parametrize("name", [name for name in functions() if "GET" in (EVENTS / f"{name}.json").read_text()])
def test_a_read_is_answered(invoke: Invoke, name: str) -> None:
    invoke("ingest_events", sample("ingest_events"))
    answer = invoke(name, sample(name))
    assert answer["statusCode"] == 200, answer["body"]
    if name == "list_orders":
        assert [order["id"] for order in json.loads(answer["body"])["orders"]] == ["o-5001"]


def test_a_replay_is_answered(invoke: Invoke) -> None:
    from customer360.ingestion import rejections
    from customer360.ingestion.events import Rejected

    event = sample("replay_rejected_event")
    origin = rejections.Origin("sample", datetime(2026, 1, 1, tzinfo=UTC))
    kept = rejections.keep("order.shipped", "{}", Rejected("unknown_type", []), origin)
    assert event["pathParameters"] == {"rejected_id": kept.sk}
    answer = invoke("replay_rejected_event", event)
    assert answer["statusCode"] == 200, answer["body"]
    assert json.loads(answer["body"])["outcome"] == "rejected"
