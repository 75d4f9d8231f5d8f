"""The same request again, by its Idempotency-Key: told of notes, and true of every POST"""

from collections.abc import Callable
from typing import Any

import pytest

from customer360.notes import service as notes
from support.faults import cancelled, no_answer, watch
from support.gateway import Answer, call_function, handler_of
from support.notes import head, listed, patch, told
from support.repeated import forget_keys

pytestmark = pytest.mark.engine

Call = Callable[..., Answer]


def post(
    call: Call, customer_id: str, key: str, body: Any = None, role: str = "support", name: str = "add_note"
) -> Answer:
    headers = {"Idempotency-Key": key}
    return call(name, customer_id=customer_id, body=body or {"content": "Once."}, role=role, headers=headers)


def test_a_repeated_request_gets_the_same_answer_and_makes_nothing(call: Call, known_customer: str) -> None:
    first, again = post(call, known_customer, "k1"), post(call, known_customer, "k1")
    assert (first.status, again.status) == (201, 201)
    assert (first.text, first.headers["ETag"]) == (again.text, again.headers["ETag"])
    assert len(listed(call, known_customer)) == 1
    assert len(told(call, known_customer)) == 1


def test_a_key_with_another_body_is_409(call: Call, known_customer: str) -> None:
    post(call, known_customer, "k1")
    other = post(call, known_customer, "k1", {"content": "Twice."})
    assert (other.status, other.json["code"]) == (409, "conflict")
    assert len(listed(call, known_customer)) == 1


def test_a_key_is_its_senders_own(call: Call, known_customer: str) -> None:
    made = {post(call, known_customer, "k1", role=role).json["note"]["id"] for role in ("support", "manager")}
    assert len(made) == 2


@pytest.mark.parametrize("key", ["", "x" * 256, "line\nbreak", "\x00"])
def test_an_unusable_key_is_400(call: Call, known_customer: str, key: str) -> None:
    answer = post(call, known_customer, key)
    assert (answer.status, answer.json["errors"][0]["field"]) == (400, "Idempotency-Key")
    assert not listed(call, known_customer)


def test_a_refused_request_may_be_mended_under_its_key(call: Call, known_customer: str) -> None:
    assert post(call, known_customer, "k1", {"content": " "}).status == 400
    assert post(call, known_customer, "k1").status == 201


def test_a_note_whose_answer_was_never_remembered_is_not_made_twice(
    call: Call, known_customer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch(monkeypatch).fail("UpdateItem", no_answer(), about="IDEMPOTENCY", times=9)
    assert post(call, known_customer, "k1").status == 500
    assert len(listed(call, known_customer)) == 1
    monkeypatch.undo()
    working = post(call, known_customer, "k1")
    assert (working.status, working.headers["Retry-After"]) == (409, "1")
    forget_keys()
    again = post(call, known_customer, "k1")
    assert again.status == 201
    assert [note["id"] for note in listed(call, known_customer)] == [again.json["note"]["id"]]
    assert len(told(call, known_customer)) == 1


def test_a_request_repeated_late_does_not_tell_what_the_note_is_now(call: Call, known_customer: str) -> None:
    first = post(call, known_customer, "k1")
    note_id = first.json["note"]["id"]
    patch(call, known_customer, note_id, {"content": "Secret.", "visibility": "managers"}, "manager")
    forget_keys()
    again = post(call, known_customer, "k1")
    assert (again.status, again.text) == (201, first.text)
    assert [note["content"] for note in listed(call, known_customer)] == ["Secret."]


def test_a_key_that_was_forgotten_may_come_with_another_body(call: Call, known_customer: str) -> None:
    post(call, known_customer, "k1", {"content": "Monday."})
    forget_keys()
    post(call, known_customer, "k1", {"content": "Tuesday."})
    assert [note["content"] for note in listed(call, known_customer)] == ["Tuesday.", "Monday."]


def test_a_request_repeated_while_it_is_worked_on_is_told_to_wait(
    call: Call, known_customer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    meanwhile: list[Answer] = []
    another = handler_of.__wrapped__("add_note")  # as in another process
    calls = watch(monkeypatch)

    def repeat() -> None:
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr("support.gateway.handler_of", lambda name: another)
            meanwhile.append(post(call_function, known_customer, "k1"))

    calls.before("TransactWriteItems", repeat)
    assert post(call, known_customer, "k1").status == 201
    (waiting,) = meanwhile
    assert (waiting.status, waiting.headers["Retry-After"]) == (409, "1")
    assert len(listed(call, known_customer)) == 1


def test_a_customer_who_is_too_busy_is_409_and_nothing_is_written(
    call: Call, known_customer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notes, "WAITING_SECONDS", 0.05)
    watch(monkeypatch).fail("TransactWriteItems", cancelled("None", "TransactionConflict"), times=1000)
    answer = post(call, known_customer, "k1")
    assert (answer.status, answer.headers["Retry-After"]) == (409, "1")
    assert not listed(call, known_customer)
    assert "claimedBy" not in head(known_customer)
    monkeypatch.undo()
    assert post(call, known_customer, "k1").status == 201
