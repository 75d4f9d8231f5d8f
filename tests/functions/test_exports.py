"""Exports: a file of one customer, asked for, made in the background, and fetched by a link that expires."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlparse
from urllib.request import urlopen

import boto3
import pytest

from customer360.exports import building, composing
from support.builders import customer, new_id, order
from support.exports import (
    DONE,
    WHOLE,
    build,
    content,
    deliver,
    end_lease,
    fetched,
    message,
    objects,
    objects_of,
    sent,
    state,
)
from support.faults import lose_answers, refused, watch
from support.gateway import Answer, call_function, sqs_event
from support.rights import recorded

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("export_bucket", "live_gateway")]

Call = Callable[..., Answer]
Invoke = Callable[..., Any]
TakeIn = Callable[..., list[str]]

WHAT_A_FILE_LEAVES = {".json", ".json.manifest.json"}


class Killed(BaseException):
    """As a function dies that has run out of time or memory: nothing of ours is run any more."""


def asked(call: Call, customer_id: str, role: str = "manager", **body: Any) -> str:
    answer = call("create_customer_export", role=role, customer_id=customer_id, body={"format": "json", **body})
    assert answer.status == 202, answer.text
    return str(answer.json["exportId"])


def made(call: Call, invoke: Invoke, customer_id: str, role: str = "manager", **body: Any) -> Answer:
    """The answer of an export that is ready."""
    export_id = asked(call, customer_id, role, **body)
    build(invoke, export_id)
    answer = call("get_export", role=role, export_id=export_id)
    assert answer.json["status"] == "ready", answer.text
    return answer


def test_what_was_asked_for_is_answered_at_once_and_made_in_the_background(
    call: Call, invoke: Invoke, known_customer: str
) -> None:
    answer = call("create_customer_export", role="manager", customer_id=known_customer, body={"format": "json"})
    assert (answer.status, answer.json["status"], answer.json["progress"]) == (202, "queued", 0)
    export_id = answer.json["exportId"]
    waiting = call("get_export", role="manager", export_id=export_id).json
    assert waiting["status"] == "queued"
    assert "url" not in waiting
    build(invoke, export_id)
    ready = call("get_export", role="manager", export_id=export_id)
    assert (ready.json["status"], ready.json["progress"]) == ("ready", 100)
    file = json.loads(fetched(ready))
    assert file["export"]["id"] == export_id
    assert file["export"]["madeBy"] == {"id": "sub-manager", "name": "manager@example.com", "role": "manager"}
    assert file["export"]["madeAt"] == ready.json["manifest"]["madeAt"]
    assert file["profile"]["id"] == known_customer


@pytest.mark.parametrize(("format_", "magic"), [("csv", b"PK"), ("xlsx", b"PK"), ("json", b"{"), ("pdf", b"%PDF-")])
def test_every_format_of_the_contract_is_made(
    call: Call, invoke: Invoke, take_in: TakeIn, format_: str, magic: bytes
) -> None:
    customer_id = new_id()
    take_in(customer(customer_id), order(customer_id))
    answer = made(call, invoke, customer_id, format=format_, sections=["profile", "orders"])
    assert fetched(answer).startswith(magic)


def test_a_file_is_limited_as_asked_and_its_manifest_says_to_what(call: Call, invoke: Invoke, take_in: TakeIn) -> None:
    customer_id = new_id()
    take_in(
        customer(customer_id),
        order(customer_id, "o1", placedAt="2025-05-01T10:00:00Z"),
        order(customer_id, "o2", placedAt="2025-06-01T10:00:00Z"),
    )
    limits: dict[str, Any] = {"sections": ["orders"], "from": "2025-05-01", "to": "2025-05-31"}
    answer = made(call, invoke, customer_id, **limits)
    manifest = answer.json["manifest"]
    assert manifest["filters"] == {
        "sections": ["orders"],
        "from": "2025-05-01T00:00:00Z",
        "to": "2025-05-31T23:59:59Z",
    }
    version = call("get_customer_360", customer_id=customer_id).json["version"]
    assert manifest["version"] == version
    file = json.loads(fetched(answer))
    assert file.keys() == {"export", "orders"}
    assert [row["id"] for row in file["orders"]["orders"]] == ["o1"]
    (key,) = (key for key in objects() if key.endswith(f"{manifest['exportId']}.json.manifest.json"))
    assert json.loads(content(key)) == json.loads(json.dumps(manifest))


def test_neither_the_link_nor_the_bucket_says_whose_file_it_is(call: Call, invoke: Invoke, take_in: TakeIn) -> None:
    customer_id = new_id("jane.doe")
    take_in(customer(customer_id, name="Jane Doe", email="jane@example.com"))
    answer = made(call, invoke, customer_id)
    for text in (answer.json["url"], *objects()):
        assert not [word for word in ("jane", "doe", customer_id) if word in text.lower()]
    query = parse_qs(urlparse(answer.json["url"]).query)
    assert query["X-Amz-Expires"] == ["900"]
    assert query["response-content-disposition"] == [f'attachment; filename="{answer.json["exportId"]}.json"']


def test_it_is_the_makers_and_an_admins_and_there_is_none_for_anybody_else(
    call: Call, known_customer: str, admin: Callable[[str], Any]
) -> None:
    export_id = asked(call, known_customer, role="support")
    assert call("get_export", role="support", export_id=export_id).status == 200
    assert call("get_export", role="admin", export_id=export_id).status == 200
    for role in ("support", "manager"):
        other = call("get_export", claims=admin(role).claims, export_id=export_id)
        assert (other.status, other.json["detail"]) == (404, "no such export")
    assert call("get_export", role="manager", export_id="export-0").json["detail"] == "no such export"


def test_whoever_may_see_less_by_now_gets_no_file_of_the_time_they_saw_more(
    call: Call, invoke: Invoke, known_customer: str, admin: Callable[[str], Any]
) -> None:
    claims = admin("manager").claims
    answer = call("create_customer_export", claims=claims, customer_id=known_customer, body={"format": "json"})
    build(invoke, answer.json["exportId"])
    demoted = call("get_export", claims=claims | {"cognito:groups": "support"}, export_id=answer.json["exportId"])
    assert demoted.status == 403
    assert "url" not in demoted.text


def test_an_export_that_is_over_is_gone(call: Call, invoke: Invoke, known_customer: str) -> None:
    export_id = made(call, invoke, known_customer).json["exportId"]
    boto3.client("dynamodb").update_item(
        TableName="JobsTable",
        Key={"pk": {"S": f"EXPORT#{export_id}"}, "sk": {"S": "EXPORT"}},
        UpdateExpression="SET keptUntil = :then",
        ExpressionAttributeValues={":then": {"S": "2026-01-01T00:00:00.000000Z"}},
    )
    assert call("get_export", role="manager", export_id=export_id).status == 404


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "format"),
        ({"format": "docx"}, "format"),
        ({"format": "pdf", "sections": ["secrets"]}, "sections"),
        ({"format": "pdf", "sections": []}, "sections"),
        ({"format": "pdf", "from": "yesterday"}, "from"),
        ({"format": "pdf", "from": "2025-02-01", "to": "2025-01-01"}, "from"),
        ({"format": "pdf", "customerId": "c-1"}, "customerId"),
    ],
)
def test_a_request_that_means_nothing_is_refused_by_the_field(
    call: Call, known_customer: str, body: dict[str, Any], field: str
) -> None:
    answer = call("create_customer_export", customer_id=known_customer, body=body)
    assert answer.status == 400
    assert [each["field"] for each in answer.json["errors"]] == [field]


def test_there_is_no_export_of_nobody(call: Call) -> None:
    assert call("create_customer_export", customer_id=new_id(), body={"format": "pdf"}).status == 404


# ---------------------------------------------------------------- Whatever is repeated, and dies


def test_a_repeated_request_is_the_same_export(call: Call, known_customer: str) -> None:
    request: dict[str, Any] = {
        "customer_id": known_customer,
        "headers": {"Idempotency-Key": new_id("key")},
        "body": {"format": "json"},
    }
    first, second = call("create_customer_export", **request), call("create_customer_export", **request)
    assert first.json == second.json


def test_a_request_that_died_before_its_export_was_kept_leaves_nothing_and_can_be_repeated(
    call: Call, invoke: Invoke, known_customer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = watch(monkeypatch)
    request: dict[str, Any] = {
        "customer_id": known_customer,
        "headers": {"Idempotency-Key": new_id("key")},
        "body": {"format": "json"},
    }
    with recorded() as made_calls:
        calls.fail("PutItem", refused("InternalServerError", "PutItem"), about="EXPORT#")
        assert call_function("create_customer_export", **request).status == 500
        ((export_id, _),) = sent(made_calls)
    assert call("get_export", export_id=export_id).status == 404
    with recorded() as made_calls:
        build(invoke, export_id)  # it may only be late
    assert [each for each, _ in sent(made_calls)] == [export_id]
    with recorded() as made_calls:
        assert invoke("build_export", sqs_event(message(export_id, timedelta(minutes=3))), WHOLE) == DONE
    assert sent(made_calls) == []
    assert call("create_customer_export", **request).json["exportId"] == export_id
    build(invoke, export_id)
    assert call("get_export", export_id=export_id).json["status"] == "ready"


def test_a_second_delivery_leaves_it_to_the_first(
    call: Call, invoke: Invoke, known_customer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    export_id = asked(call, known_customer)
    calls = watch(monkeypatch)
    calls.before("PutObject", lambda: build(invoke, export_id))
    build(invoke, export_id)
    assert calls.made["PutObject"] == 2  # a file and its manifest
    build(invoke, export_id)
    assert calls.made["PutObject"] == 2
    assert objects_of(export_id) == WHAT_A_FILE_LEAVES


@pytest.mark.parametrize("operation", ["BatchGetItem", "PutObject", "UpdateItem", "DeleteObjects"])
@pytest.mark.parametrize("skip", [0, 1, 2])
def test_wherever_a_worker_dies_the_next_one_makes_the_file_once(
    call: Call, invoke: Invoke, known_customer: str, monkeypatch: pytest.MonkeyPatch, operation: str, skip: int
) -> None:
    export_id = asked(call, known_customer)
    with monkeypatch.context() as patched:
        watch(patched).fail(operation, Killed(), skip=skip)
        try:
            deliver(export_id)
        except Killed:
            build(invoke, export_id)
            assert call("get_export", role="manager", export_id=export_id).json["status"] in {"running", "ready"}
    end_lease(export_id)
    build(invoke, export_id)
    fetched(call("get_export", role="manager", export_id=export_id))
    assert objects_of(export_id) == WHAT_A_FILE_LEAVES


def test_writes_that_are_sent_twice_for_want_of_an_answer_are_the_workers_own(
    call: Call, invoke: Invoke, known_customer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    export_id = asked(call, known_customer)
    with monkeypatch.context() as patched:
        lost = lose_answers(patched, "UpdateItem", "PutItem")
        build(invoke, export_id)
    assert lost
    fetched(call("get_export", role="manager", export_id=export_id))
    assert objects_of(export_id) == WHAT_A_FILE_LEAVES


def test_a_worker_whose_time_is_over_changes_nothing_any_more(
    call: Call, invoke: Invoke, known_customer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    export_id = asked(call, known_customer)
    with monkeypatch.context() as patched:
        calls = watch(patched)

        def overtake_and_die() -> None:
            end_lease(export_id)
            calls.fail("PutObject", Killed())
            with pytest.raises(Killed):
                deliver(export_id)

        calls.before("PutObject", overtake_and_die)
        deliver(export_id)
    assert call("get_export", role="manager", export_id=export_id).json["status"] == "running"
    end_lease(export_id)
    build(invoke, export_id)
    fetched(call("get_export", role="manager", export_id=export_id))
    assert objects_of(export_id) == WHAT_A_FILE_LEAVES


def test_a_worker_leaves_a_message_behind_by_which_it_is_followed_should_it_die(
    call: Call, invoke: Invoke, known_customer: str
) -> None:
    export_id = asked(call, known_customer)
    with recorded() as calls:
        build(invoke, export_id)
    assert sent(calls) == [(export_id, 900)]


def test_what_fails_by_our_fault_is_tried_again_and_in_the_end_told_without_a_word_of_it(
    call: Call, invoke: Invoke, known_customer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    export_id = asked(call, known_customer)
    calls = watch(monkeypatch)
    calls.fail("PutObject", refused("InternalError: bucket secret-7 of host 10.0.0.1", "PutObject"), times=3)
    for _ in range(2):
        with recorded() as made_calls:
            build(invoke, export_id)
        assert sent(made_calls) == [(export_id, 900), (export_id, 20)]
        assert call("get_export", role="manager", export_id=export_id).json["status"] == "running"
    build(invoke, export_id)
    answer = call("get_export", role="manager", export_id=export_id).json
    assert (answer["status"], answer["error"]) == ("failed", building.OURS)
    assert "url" not in answer
    assert objects_of(export_id) == set()
    build(invoke, export_id)
    assert call("get_export", role="manager", export_id=export_id).json == answer


def test_an_export_whose_workers_all_die_without_a_word_fails_in_the_end(
    call: Call, invoke: Invoke, known_customer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    export_id = asked(call, known_customer)
    watch(monkeypatch).fail("PutObject", Killed(), times=99)
    for _ in range(3):
        with pytest.raises(Killed):
            deliver(export_id)
        end_lease(export_id)
    build(invoke, export_id)
    answer = call("get_export", role="manager", export_id=export_id).json
    assert (answer["status"], answer["error"]) == ("failed", building.OURS)


def test_who_is_not_there_any_more_cannot_be_exported(
    call: Call, invoke: Invoke, known_customer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from customer360.errors import NotFound

    export_id = asked(call, known_customer)

    def gone(*_: Any) -> None:
        raise NotFound("customer")

    monkeypatch.setattr(composing, "some_heads", gone)
    build(invoke, export_id)
    answer = call("get_export", role="manager", export_id=export_id).json
    assert (answer["status"], answer["error"]) == ("failed", "The file could not be made: no such customer.")


def test_who_is_erased_meanwhile_is_in_no_file(
    call: Call, invoke: Invoke, known_customer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    export_id = asked(call, known_customer)
    monkeypatch.setattr(building, "is_erased", lambda customer_id: customer_id == known_customer)
    build(invoke, export_id)
    answer = call("get_export", role="manager", export_id=export_id).json
    assert (answer["status"], answer["error"]) == ("failed", building.ERASED)
    assert objects_of(export_id) == set()


# ---------------------------------------------------------------- Told live, and kept on the trail


def test_its_maker_hears_how_far_it_has_come_and_nobody_else_does(
    call: Call, invoke: Invoke, known_customer: str, opened: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from customer360.exports import telling

    monkeypatch.setattr(telling, "APART_SECONDS", 0)
    monkeypatch.setattr(telling, "REST", 0)
    session, second, stranger = opened("manager"), opened("manager"), opened("support")
    export_id = asked(call, known_customer)
    build(invoke, export_id)
    assert session.heard == second.heard
    assert stranger.heard == []
    assert all(each.keys() == {"type", "exportId", "status", "progress"} for each in session.heard)
    assert {(each["type"], each["exportId"]) for each in session.heard} == {("export", export_id)}
    told = [each["progress"] for each in session.heard]
    assert told == sorted(told)
    assert len(told) > 3
    assert session.heard[-1] == {"type": "export", "exportId": export_id, "status": "ready", "progress": 100}


def test_no_more_than_one_step_a_second_is_told(
    call: Call, invoke: Invoke, known_customer: str, opened: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from customer360.exports import telling

    monkeypatch.setattr(telling, "APART_SECONDS", 3600)
    session = opened("manager")
    build(invoke, asked(call, known_customer))
    assert [each["status"] for each in session.heard] == ["running", "ready"]


def test_sessions_that_cannot_be_told_do_not_fail_an_export(
    call: Call, invoke: Invoke, known_customer: str, opened: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened("manager")
    calls = watch(monkeypatch)
    calls.fail("PostToConnection", refused("ForbiddenException", "PostToConnection"), times=99)
    calls.fail("Query", refused("InternalServerError", "Query"), about="ConnectionsTable", skip=1)
    export_id = made(call, invoke, known_customer).json["exportId"]
    assert state(export_id)["status"] == {"S": "ready"}


def test_the_trail_tells_who_made_and_who_fetched_which_file_of_whom(
    call: Call, invoke: Invoke, known_customer: str, admin: Callable[[str], Any]
) -> None:
    someone = admin("manager")
    answer = call("create_customer_export", claims=someone.claims, customer_id=known_customer, body={"format": "json"})
    export_id = answer.json["exportId"]
    build(invoke, export_id)
    call("get_export", claims=someone.claims, export_id=export_id)
    lines = [(line["action"], line.get("subject"), line.get("target")) for line in someone.trail_of(3)]
    assert lines == [
        ("customer.exported", known_customer, export_id.removeprefix("export-")),
        ("export.made", known_customer, export_id),
        ("export.viewed", None, export_id),
    ]


def test_a_link_that_was_altered_opens_nothing(call: Call, invoke: Invoke, take_in: TakeIn) -> None:
    first, second = new_id(), new_id()
    take_in(customer(first), customer(second))
    answer, other = made(call, invoke, first), made(call, invoke, second)
    altered = answer.json["url"].replace(urlparse(answer.json["url"]).path, urlparse(other.json["url"]).path)
    with pytest.raises(HTTPError) as refusal:
        urlopen(altered, timeout=20)
    refusal.value.close()  # it is the answer, too
    assert refusal.value.code == 403
