"""Every sample event of `events/` runs, so that `sam local invoke` shows something that works."""

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from hashlib import md5
from pathlib import Path
from typing import Any

import boto3
import pytest

from support.builders import new_id
from support.live import LiveGateway
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


CUSTOMER = "c-1001"


@pytest.fixture
def plant(invoke: Invoke, removal_queue: str, bulk_queue: str, erasure_queue: str, export_bucket: str) -> None:
    """What the samples ask for: the customer of the sample batch, with a note, a tag, a segment and jobs."""
    from customer360.access.caller import Caller
    from customer360.bulk.parts import ADD, job_of, part_of
    from customer360.catalog import assignments, store
    from customer360.catalog.kinds import SEGMENT_KIND, TAG_KIND
    from customer360.catalog.table import SEGMENTS, TAGS, SegmentItem, TagItem
    from customer360.errors import Conflict
    from customer360.exports.asking import ask
    from customer360.ingestion.intake import take_in
    from customer360.notes import service as notes
    from customer360.notes.schemas import NewNote
    from customer360.privacy.beginning import begin
    from customer360.views.table import SHARED, ViewItem

    invoke("ingest_events", sample("ingest_events"))
    take_in("customer.upserted", json.loads(FILE))
    by, now = Caller("sample", "Sample", "sample@example.com", "admin"), datetime(2026, 1, 1, tzinfo=UTC)
    notes.add(CUSTOMER, NewNote(content="Prefers e-mail."), by, "note-sample")
    common: dict[str, Any] = {"created_at": now, "updated_at": now}
    store.create(TAG_KIND, TagItem(TAGS, "tag-sample", name="Sample", color="#112233", **common))
    store.create(SEGMENT_KIND, SegmentItem(SEGMENTS, "segment-sample", name="Sample", **common))
    for kind, identifier in ((TAG_KIND, "tag-sample"), (SEGMENT_KIND, "segment-sample")):
        with suppress(Conflict):  # the sample before has not taken it away
            assignments.give(kind, CUSTOMER, identifier, by, new_id(), lambda _: None)
    export = sample("get_export")["pathParameters"]["export_id"].removeprefix("export-")
    ask(by, export, datetime.now(UTC), kind="customer", format="json", customer_id=CUSTOMER)
    for customer_id, job_id in (("c-1003", None), ("c-1004", "erasure-sample")):
        take_in("customer.upserted", json.loads(FILE) | {"customerId": customer_id})
        if job_id:
            begin(customer_id, by, job_id, datetime.now(UTC))
    view: dict[str, Any] = {"name": "Sample", "search": "{}", "created_by": by.id, "created_by_name": by.name}
    ViewItem(SHARED, "view-sample", created_at=now, **view).save()
    for job_id, finished_at in (("job-bulk-begun", None), ("job-bulk-done", now)):
        tag = ("TAGS#tag-sample", "Sample")
        job = job_of(job_id, "bulk-add", ADD, tag, by, datetime.now(UTC), search='{"tag":["tag-sample"]}')
        job.finished_at = finished_at
        part_of(job, 0).save()
        job.save()
    store.create(TAG_KIND, TagItem(TAGS, "tag-deleted", name="Deleted", color="#112233", **common))
    store.delete(TAG_KIND, "tag-deleted", by, "job-sample")


def methods(*wanted: str) -> list[str]:
    """The functions whose sample is a request of one of these methods."""
    return [name for name in functions() if sample(name).get("httpMethod") in wanted]


@pytest.mark.usefixtures("plant")
@pytest.mark.parametrize("name", methods("GET"))
def test_a_read_is_answered(invoke: Invoke, name: str) -> None:
    answer = invoke(name, sample(name))
    assert answer["statusCode"] == 200, answer["body"]
    if name == "list_orders":
        assert [order["id"] for order in json.loads(answer["body"])["orders"]] == ["o-5001"]


@pytest.mark.usefixtures("plant", "recompute_queue", "event_bus", "mail_service")
@pytest.mark.parametrize(
    "name", [name for name in methods("POST", "PATCH", "DELETE") if name != "replay_rejected_event"]
)
def test_a_write_is_done(invoke: Invoke, name: str) -> None:
    taken = {"add_tag": "remove_tag", "add_to_segment": "remove_from_segment"}
    if name in taken:
        invoke(taken[name], sample(taken[name]))
    answer = invoke(name, sample(name))
    assert answer["statusCode"] in {200, 201, 202, 204}, answer["body"]


@pytest.mark.parametrize("name", ["remove_from_customers", "assign_in_bulk", "build_export", "erase_from_stores"])
def test_the_message_of_a_job_is_worked_on(invoke: Invoke, plant: None, live_gateway: LiveGateway, name: str) -> None:
    assert invoke(name, sample(name)) == {"batchItemFailures": []}


@pytest.mark.usefixtures("recompute_queue", "event_bus")
def test_the_changed_customer_is_followed_and_the_scheduled_job_begun_and_planned(invoke: Invoke) -> None:
    invoke("on_customer_changed", sample("on_customer_changed"))
    invoke("start_recompute", sample("start_recompute"))
    assert invoke("recompute_scores", sample("recompute_scores")) == {"batchItemFailures": []}


def test_what_became_of_an_e_mail_that_nobody_knows_is_dropped(invoke: Invoke) -> None:
    assert invoke("record_email_delivery", sample("record_email_delivery")) == {"batchItemFailures": []}


def test_the_scheduled_refit_runs(invoke: Invoke) -> None:
    from support.fitted import forget_models

    forget_models()
    try:
        assert invoke("refit_model", sample("refit_model"))["stored"] is True
    finally:
        forget_models()


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


@pytest.mark.usefixtures("plant")
def test_a_live_session_begins_speaks_is_told_and_ends(
    invoke: Invoke, live_gateway: LiveGateway, broadcast_failures: str
) -> None:
    from customer360.realtime.table import TicketItem

    event = sample("on_connect")
    ticket = TicketItem.of(event["queryStringParameters"]["ticket"])
    ticket.admin, ticket.role, ticket.expires_at, ticket.session_end = "sample", "viewer", 4102444800, 4102444800
    ticket.save()
    assert invoke("on_connect", event) == {"statusCode": 200}
    assert invoke("on_message", sample("on_message")) == {"statusCode": 200}
    invoke("broadcast", sample("broadcast"))
    subscribed, changed = live_gateway.received[event["requestContext"]["connectionId"]]
    assert (subscribed["type"], changed["type"]) == ("subscribed", "changed")
    assert (changed["from"], changed["version"]) == (3, 4)
    assert invoke("on_disconnect", sample("on_disconnect")) == {"statusCode": 200}
