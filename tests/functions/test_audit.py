"""The audit trail: who saw or did what and when, and who was refused."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from support.builders import customer, new_id, order
from support.catalogs import Catalog, of_both
from support.gateway import Answer, claims_of
from support.makers import a_tag
from support.template import functions

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("erasure_queue", "export_bucket")]

Call = Callable[..., Answer]
MakeAdmin = Callable[[str | None], Any]
TRAIL = {
    "get_customer_360": "customer.viewed",
    "compare_customers": "customers.compared",
    "get_scores": "scores.viewed",
    "get_scoring_quality": "scoring-quality.viewed",
    "list_orders": "orders.listed",
    "get_order": "order.viewed",
    "get_loyalty": "loyalty.viewed",
    "get_marketing": "marketing.viewed",
    "list_tickets": "tickets.listed",
    "get_ticket": "ticket.viewed",
    "list_payments": "payments.listed",
    "get_analytics": "analytics.viewed",
    "list_timeline_events": "timeline.viewed",
    "get_me": "me.viewed",
    "list_audit_entries": "audit.listed",
    "list_notes": "notes.listed",
    "get_note": "note.viewed",
    "add_note": "note.added",
    "adjust_points": "points.adjusted",
    "create_ticket": "ticket.created",
    "send_email": "email.sent",
    "update_note": "note.edited",
    "delete_note": "note.deleted",
    "list_tags": "tags.listed",
    "create_tag": "tag.created",
    "update_tag": "tag.changed",
    "delete_tag": "tag.deleted",
    "add_tag": "tag.added",
    "remove_tag": "tag.removed",
    "search_customers": "customers.searched",
    "list_segments": "segments.listed",
    "create_segment": "segment.created",
    "update_segment": "segment.changed",
    "delete_segment": "segment.deleted",
    "add_to_segment": "segment.added",
    "remove_from_segment": "segment.removed",
    "preview_segment": "segment.previewed",
    "list_views": "views.listed",
    "create_view": "view.created",
    "delete_view": "view.deleted",
    "create_customer_export": "customer.exported",
    "create_search_export": "customers.exported",
    "get_export": "export.viewed",
    "get_job": "job.viewed",
    "cancel_job": "job.cancelled",
    "undo_job": "job.undone",
    "create_bulk_assignment": "bulk-assignment.begun",
    "preview_bulk_assignment": "bulk-assignment.previewed",
    "erase_customer": "customer.erased",
    "get_erasure": "erasure.viewed",
    "create_privacy_export": "customer.exported-whole",
    "create_realtime_ticket": "realtime-ticket.created",
    "record_telemetry": "telemetry.recorded",
    "list_rejected_events": "rejected-events.listed",
    "replay_rejected_event": "rejected-event.replayed",
}
# These make something that their path does not name.
MAKERS = {
    "add_note",
    "add_tag",
    "add_to_segment",
    "adjust_points",
    "create_bulk_assignment",
    "create_customer_export",
    "create_privacy_export",
    "create_search_export",
    "create_segment",
    "create_tag",
    "create_ticket",
    "create_view",
    "send_email",
}
HTTP = [name for name in functions() if any(event["Type"] == "Api" for event in functions()[name]["Events"].values())]


def path_of(name: str, customer_id: str) -> dict[str, str]:
    (event,) = functions()[name]["Events"].values()
    return {
        part: {"customer_id": customer_id}.get(part, "x1")
        for part in re.findall(r"{(\w+)}", event["Properties"]["Path"])
    }


def test_every_http_function_has_its_line_here() -> None:
    assert sorted(TRAIL) == sorted(HTTP)


@pytest.mark.parametrize("name", HTTP)
def test_what_was_let_in_is_on_the_trail(call: Call, admin: MakeAdmin, known_customer: str, name: str) -> None:
    somebody = admin("admin")
    before = datetime.now(UTC)
    answer = call(name, claims=somebody.claims, **path_of(name, known_customer))
    (line,) = somebody.trail_of(1)
    at, request_id = line["sk"].split("#")
    assert before <= datetime.fromisoformat(at) <= datetime.now(UTC)
    assert line["pk"] == f"DAY#{at[:10]}"
    assert request_id == answer.json.get("requestId", request_id)
    assert len(request_id) == 36
    assert (line["action"], line["outcome"], line["role"]) == (TRAIL[name], "allowed", "admin")
    assert (line["actor"], line["actorName"]) == (somebody.claims["sub"], "admin@example.com")
    path = path_of(name, known_customer)
    assert line.get("subject") == path.pop("customer_id", None)
    if name in MAKERS:
        assert re.fullmatch("[0-9a-f]{32}", line["target"])
    else:
        assert line.get("target") == next(iter(path.values()), None)


@pytest.mark.parametrize("name", HTTP)
def test_what_was_refused_is_too(call: Call, admin: MakeAdmin, known_customer: str, name: str) -> None:
    somebody = admin(None)
    assert call(name, claims=somebody.claims, **path_of(name, known_customer)).status == 403
    (line,) = somebody.trail_of(1)
    assert (line["action"], line["outcome"], line.get("role")) == (TRAIL[name], "refused", None)
    assert ("target" in line) == bool(path_of(name, known_customer).keys() - {"customer_id"})


@of_both
@pytest.mark.usefixtures("bulk_queue")
def test_the_trail_tells_which_job_gives_what_to_everybody(call: Call, admin: MakeAdmin, catalog: Catalog) -> None:
    somebody, identifier, key = admin("manager"), catalog.made(new_id()), {"Idempotency-Key": new_id("key")}
    body = {"search": {"q": new_id()}, "action": "add", f"{catalog.noun}Id": identifier}
    answers = [call("create_bulk_assignment", claims=somebody.claims, body=body, headers=key) for _ in range(2)]
    assert {answer.status for answer in answers} == {202}
    told = f"{answers[0].json['jobId']}/{identifier}"
    assert [line["target"] for line in somebody.trail_of(2)] == [told, told]


def test_the_trail_tells_what_was_made(call: Call, admin: MakeAdmin, known_customer: str) -> None:
    somebody = admin("manager")
    on_page = {"customer_id": known_customer, "claims": somebody.claims}
    note = call("add_note", body={"content": "Hello"}, **on_page).json["note"]
    view = call("create_view", claims=somebody.claims, body={"name": "View", "search": {}}).json
    export = call("create_search_export", claims=somebody.claims, body={"format": "csv", "search": {}}).json
    call("add_tag", body={"tagId": (tag_id := a_tag())}, **on_page)
    targets = [line["target"] for line in somebody.trail_of(4)]
    assert targets[0] == note["id"]
    assert [view["id"], export["exportId"]] == [f"view-{targets[1]}", f"export-{targets[2]}"]
    assert targets[3].endswith(f"/{tag_id}")


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        "text",
        {},
        {"tagId": 7},
        {"tagId": "~" * 3000},
        {"tagId": "ann@x.de", "name": "Ann"},
        {"tagId": "4111111111111111"},
    ],
    ids=repr,
)
def test_of_a_body_only_ids_of_ours_are_on_the_trail(
    call: Call, admin: MakeAdmin, known_customer: str, body: Any
) -> None:
    somebody = admin("manager")
    assert call("add_tag", customer_id=known_customer, claims=somebody.claims, body=body).status in {400, 404}
    (line,) = somebody.trail_of(1)
    assert re.fullmatch(r"[0-9a-f]{32}", line["target"])


def test_a_key_that_is_none_leaves_a_line_all_the_same(call: Call, admin: MakeAdmin) -> None:
    somebody = admin("manager")
    answer = call("create_tag", claims=somebody.claims, body={}, headers={"Idempotency-Key": "x" * 256})
    assert answer.status == 400
    (line,) = somebody.trail_of(1)
    assert ("target" in line, line["outcome"]) == (False, "allowed")


def test_asking_for_what_is_not_there_is_on_the_trail(call: Call, admin: MakeAdmin) -> None:
    somebody, unknown = admin("viewer"), new_id()
    assert call("get_customer_360", customer_id=unknown, claims=somebody.claims).status == 404
    assert call("get_order", customer_id=unknown, order_id="a%20b", claims=somebody.claims).status == 400
    assert [(line["subject"], line["outcome"]) for line in somebody.trail_of(2)] == [(unknown, "allowed")] * 2


def test_an_encoded_id_is_written_down_as_it_is(call: Call, admin: MakeAdmin) -> None:
    somebody = admin("viewer")
    call("get_order", customer_id="a%40b", order_id="c%3Ad", claims=somebody.claims)
    (line,) = somebody.trail_of(1)
    assert (line["subject"], line["target"]) == ("a@b", "c:d")


def test_an_answer_the_client_already_has_is_on_the_trail(call: Call, admin: MakeAdmin, known_customer: str) -> None:
    somebody = admin("viewer")
    etag = call("get_customer_360", customer_id=known_customer, claims=somebody.claims).headers["ETag"]
    again = call(
        "get_customer_360", customer_id=known_customer, claims=somebody.claims, headers={"If-None-Match": etag}
    )
    assert again.status == 304
    assert len(somebody.trail_of(2)) == 2


def test_who_is_nobody_leaves_no_line(call: Call, known_customer: str) -> None:
    sub = new_id("nobody")
    claims = claims_of("admin") | {"sub": sub, "token_use": "access"}
    assert call("get_customer_360", customer_id=known_customer, claims=claims).status == 401
    found = boto3.client("dynamodb").query(
        TableName="AuditTable",
        IndexName="by-actor",
        KeyConditionExpression="actor = :actor",
        ExpressionAttributeValues={":actor": {"S": sub}},
    )
    assert found["Count"] == 0


def test_all_that_was_done_about_a_customer_is_found(call: Call, take_in: Callable[..., Any]) -> None:
    customer_id = new_id()
    take_in(customer(customer_id), order(customer_id))
    for role in ("viewer", "admin", None):
        call("get_customer_360", customer_id=customer_id, role=role)
    call("get_order", customer_id=customer_id, order_id="o1", role="support")
    found = boto3.client("dynamodb").query(
        TableName="AuditTable",
        IndexName="by-subject",
        KeyConditionExpression="subject = :subject",
        ExpressionAttributeValues={":subject": {"S": customer_id}},
    )
    assert [(item["action"]["S"], item["outcome"]["S"]) for item in found["Items"]] == [
        ("customer.viewed", "allowed"),
        ("customer.viewed", "allowed"),
        ("customer.viewed", "refused"),
        ("order.viewed", "allowed"),
    ]
    kept_until = datetime.fromtimestamp(int(found["Items"][0]["expiresAt"]["N"]), UTC)
    assert timedelta(days=729) < kept_until - datetime.now(UTC) <= timedelta(days=730)


@pytest.mark.parametrize("role", ["admin", None])
@pytest.mark.parametrize("customer_id", ["known", "unknown", "a%20b"])
def test_what_cannot_be_written_down_is_not_answered(
    call: Call, known_customer: str, monkeypatch: pytest.MonkeyPatch, role: str | None, customer_id: str
) -> None:
    from customer360.access import audit

    def fail(*_: Any, **__: Any) -> None:
        raise TimeoutError("secret-7421")

    monkeypatch.setattr(audit, "record", fail)
    identifier = known_customer if customer_id == "known" else customer_id
    headers = {"origin": "http://localhost:5173"}
    answer = call("get_customer_360", customer_id=identifier, role=role, headers=headers)
    assert (answer.status, answer.json["code"]) == (500, "internal_server_error")
    assert "secret-7421" not in answer.text
    assert "Ada" not in answer.text
    assert answer.headers["Access-Control-Allow-Origin"] == headers["origin"]


def test_an_id_too_long_for_the_trail_is_a_problem_and_no_crash(call: Call) -> None:
    for role in ("admin", None):
        answer = call("get_customer_360", customer_id="x" * 3000, role=role)
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.status in {400, 403}


@pytest.mark.parametrize(
    ("sent", "target"),
    [("x" * 3000, "x" * 64), ("erased~0123456789abcdef", "erased?0123456789abcdef"), ("a%2Cb", "a?b")],
    ids=["too long for a key", "a pseudonym", "two"],
)
def test_what_is_no_id_of_a_customer_is_on_nobodys_trail(call: Call, admin: MakeAdmin, sent: str, target: str) -> None:
    somebody = admin("viewer")
    assert call("get_customer_360", customer_id=sent, claims=somebody.claims).status == 400
    (line,) = somebody.trail_of(1)
    assert ("subject" in line, line["target"], line["outcome"]) == (False, target, "allowed")


def test_an_id_of_something_else_takes_no_more_room_than_an_id_may(
    call: Call, admin: MakeAdmin, known_customer: str
) -> None:
    somebody = admin("viewer")
    path = {"customer_id": known_customer, "order_id": "~" * 3000}
    assert call("get_order", claims=somebody.claims, **path).status == 400
    (line,) = somebody.trail_of(1)
    assert (line["subject"], line["target"]) == (known_customer, "?" * 64)
