"""A customer asks what the shop knows of them: an admin has all that is held made into a file."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from customer360.exact_json import loads
from customer360.search.projecting import project
from support.builders import customer, new_id, order
from support.collection import collection
from support.erasing import finish, job_of
from support.exports import build, deliver, fetched
from support.gateway import Answer
from support.makers import a_note

pytestmark = [
    pytest.mark.engine,
    pytest.mark.usefixtures("erasure_queue", "export_bucket", "live_gateway"),
]

Call = Callable[..., Answer]
Invoke = Callable[..., Any]


def asked(call: Call, customer_id: str) -> str:
    answer = call("create_privacy_export", customer_id=customer_id)
    assert (answer.status, answer.json["kind"], answer.json["format"]) == (202, "privacy", "json")
    return str(answer.json["exportId"])


def items(document: dict[str, Any], place: str) -> dict[str, dict[str, Any]]:
    return {item["key"]: item for item in document[place]["items"]}


def test_the_file_holds_every_item_there_is_of_the_customer(
    call: Call, invoke: Invoke, take_in: Any, keep: Any
) -> None:
    who = new_id()
    take_in(customer(who, email=f"{who}@example.com"), order(who, total=Decimal("12.30")))
    a_note(who)
    rejected, unreadable = keep(order(who)), keep(f"not JSON: {who}@example.com")
    project(who, datetime.now(UTC))
    call("get_order", customer_id=who, order_id="o1")
    call("add_note", customer_id=who, body={"content": "Hello."}, headers={"Idempotency-Key": "k"})
    export_id = asked(call, who)
    build(invoke, export_id)
    document = loads(fetched(call("get_export", export_id=export_id)))
    assert document["export"]["subject"] == who

    records = items(document, "records")
    assert {key.removeprefix(f"CUSTOMER#{who}/") for key in records} == set(collection(who))
    kept = records[f"CUSTOMER#{who}/ORDER#o1"]
    assert (kept["kind"], kept["content"]["record"]["total"]) == ("record", Decimal("12.30"))
    (row,) = items(document, "directory").values()
    assert row["content"]["row"]["email"] == f"{who}@example.com"
    assert f"NAME#l/lovelace#{who}" in items(document, "search-terms")
    assert any(key.endswith(rejected) for key in items(document, "work"))
    (other,) = items(document, "unreadable-events")
    assert other.endswith(unreadable)
    (answer,) = items(document, "answers").values()
    assert answer["content"]["data"]
    assert {"order.viewed", "note.added"} <= {item["content"]["action"] for item in document["audit-lines"]["items"]}


def test_of_somebody_who_never_came_there_is_a_file_if_anything_is_held(
    call: Call, invoke: Invoke, take_in: Any, keep: Any
) -> None:
    waiting, refused = new_id(), new_id()
    assert take_in(order(waiting)) == ["held"]
    rejected = keep(order(refused))
    files = {}
    for who in (waiting, refused):
        export_id = asked(call, who)
        build(invoke, export_id)
        files[who] = loads(fetched(call("get_export", export_id=export_id)))
    (held,) = items(files[waiting], "records").values()
    assert (held["kind"], held["content"]["event"]["data"]["orderId"]) == ("held", "o1")
    assert any(key.endswith(rejected) for key in items(files[refused], "work"))


def test_of_whoever_is_being_erased_none_can_be_asked_for(call: Call, known_customer: str) -> None:
    job_of(known_customer)
    assert call("create_privacy_export", customer_id=known_customer).status == 404


def test_of_nobody_there_is_no_file(call: Call) -> None:
    assert call("create_privacy_export", customer_id=new_id()).status == 404


def test_a_repeated_request_asks_once(call: Call, known_customer: str) -> None:
    key = {"Idempotency-Key": new_id()}
    first, again = (
        call("create_privacy_export", customer_id=known_customer, headers=key).json["exportId"] for _ in range(2)
    )
    assert first == again


def test_of_a_customer_who_is_erased_meanwhile_there_is_no_file(call: Call, known_customer: str) -> None:
    export_id = asked(call, known_customer)
    job_id = job_of(known_customer)
    deliver(export_id)
    finish(job_id)
    answer = call("get_export", export_id=export_id).json
    assert answer["status"] == "failed"
    assert "url" not in answer
