"""Bulk assignments stopped and taken back: whom that changes, whom it does not, and when it is refused"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from customer360.bulk import reading, undoing, walking
from customer360.bulk.parts import ENDED_AFTER, find
from support.builders import new_id
from support.bulk import (
    begin,
    begin_undo,
    counts,
    crowd,
    done_in_bulk,
    request,
    undone,
    work,
    work_once,
)
from support.catalogs import TAGS, Catalog, of_both
from support.collection import collection
from support.faults import no_answer, watch
from support.gateway import Answer
from support.makers import a_job, a_tag
from support.removals import have, sent
from support.rights import recorded
from support.template import functions

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("bulk_queue")]

Call = Callable[..., Answer]
Invoke = Callable[..., Any]
TakeIn = Callable[..., list[str]]


def cancel(call: Call, job_id: str, role: str = "manager") -> Answer:
    return call("cancel_job", job_id=job_id, role=role)


def undo(call: Call, job_id: str, role: str = "manager") -> Answer:
    return call("undo_job", job_id=job_id, role=role)


@of_both
def test_what_was_given_is_taken_back_from_those_who_got_it(
    call: Call, invoke: Invoke, take_in: TakeIn, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "PAGE", 2)
    word, ids = crowd(take_in, 6)
    identifier = catalog.made(new_id())
    catalog.give_by_service(ids[4], identifier)
    job_id = done_in_bulk(call, invoke, request(catalog, identifier, {"q": word}))
    undo_id = undone(call, invoke, job_id)
    assert have(catalog, identifier, ids) == [ids[4]]
    assert catalog.count(call, identifier) == 1
    assert counts(call, undo_id) == ("completed", 5, 5, 5, 0)
    assert call("get_job", job_id=job_id).json["undoneBy"] == undo_id
    (event, _) = call("list_timeline_events", customer_id=ids[0], query={"type": catalog.noun}).json["events"]
    assert event["description"] == "A bulk assignment was undone"


def test_what_was_taken_comes_back_as_it_was(call: Call, invoke: Invoke, take_in: TakeIn) -> None:
    word, ids = crowd(take_in, 3)
    tag_id = a_tag()
    for each in ids[:2]:
        TAGS.give_by_service(each, tag_id)
    before = [collection(each)[f"HEAD#TAG#{tag_id}"] for each in ids[:2]]
    job_id = done_in_bulk(call, invoke, request(TAGS, tag_id, {"q": word}, "remove"))
    assert have(TAGS, tag_id, ids) == []
    undo_id = undone(call, invoke, job_id)
    assert [collection(each)[f"HEAD#TAG#{tag_id}"] for each in ids[:2]] == before
    assert have(TAGS, tag_id, ids) == ids[:2]
    assert counts(call, undo_id) == ("completed", 2, 2, 2, 0)
    assert TAGS.count(call, tag_id) == 2


def test_what_others_have_changed_since_stays(call: Call, invoke: Invoke, take_in: TakeIn) -> None:
    word, (taken, given_again, left_alone) = crowd(take_in, 3)
    tag_id = a_tag()
    job_id = done_in_bulk(call, invoke, request(TAGS, tag_id, {"q": word}))
    TAGS.take_by_service(taken, tag_id)
    TAGS.take_by_service(given_again, tag_id)
    TAGS.give_by_service(given_again, tag_id)
    undo_id = undone(call, invoke, job_id)
    assert have(TAGS, tag_id, [taken, given_again, left_alone]) == [given_again]
    assert counts(call, undo_id) == ("completed", 3, 3, 1, 0)


def test_a_cancelled_job_goes_no_further(
    call: Call, invoke: Invoke, take_in: TakeIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walking, "AT_ONCE", 2)
    word, ids = crowd(take_in, 6)
    tag_id = a_tag()
    job_id, messages = begin(call, request(TAGS, tag_id, {"q": word}))
    watch(monkeypatch).before("TransactWriteItems", lambda: undoing.cancel(job_id))
    (for_who_comes_later,) = work_once(invoke, *messages)
    assert for_who_comes_later["jobId"] == job_id
    assert len(have(TAGS, tag_id, ids)) == 2
    assert counts(call, job_id) == ("cancelled", 6, 2, 2, 0)
    assert work_once(invoke, *messages) == []
    assert len(have(TAGS, tag_id, ids)) == 2


def test_a_cancelled_job_is_undone_as_far_as_it_had_come(
    call: Call, invoke: Invoke, take_in: TakeIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walking, "AT_ONCE", 2)
    word, ids = crowd(take_in, 5)
    tag_id = a_tag()
    job_id, messages = begin(call, request(TAGS, tag_id, {"q": word}))
    clock = iter([True, True, False])
    walking.work_on(find(job_id), lambda: next(clock))
    assert cancel(call, job_id).status == 204
    undo_id, following = begin_undo(call, job_id)
    waiting = work_once(invoke, *following)  # the worker of the other may be at some customers still
    assert [each["jobId"] for each in waiting] == [undo_id]
    assert len(have(TAGS, tag_id, ids)) == 2
    work(invoke, *messages)
    work(invoke, *waiting)
    assert have(TAGS, tag_id, ids) == []
    assert counts(call, undo_id) == ("completed", 2, 2, 2, 0)


def test_a_cancelled_job_is_ended_though_its_message_has_failed_for_good(
    call: Call, invoke: Invoke, take_in: TakeIn
) -> None:
    word, _ = crowd(take_in, 1)
    job_id, _ = begin(call, request(TAGS, a_tag(), {"q": word}))
    with recorded() as calls:
        assert cancel(call, job_id).status == 204
    work(invoke, *sent(calls))
    assert "finishedAt" in call("get_job", job_id=job_id).json


def test_an_undo_does_not_wait_for_ever_for_a_worker_that_is_gone(
    call: Call, invoke: Invoke, take_in: TakeIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walking, "AT_ONCE", 2)
    word, ids = crowd(take_in, 5)
    tag_id = a_tag()
    job_id, _ = begin(call, request(TAGS, tag_id, {"q": word}))
    clock = iter([True, True, False])
    walking.work_on(find(job_id), lambda: next(clock))
    assert cancel(call, job_id).status == 204
    undo_id, following = begin_undo(call, job_id)
    waiting = work_once(invoke, *following)
    assert [each["jobId"] for each in waiting] == [undo_id]
    monkeypatch.setattr(walking, "ENDED_AFTER", timedelta(0))
    work(invoke, *waiting)
    assert have(TAGS, tag_id, ids) == []
    assert counts(call, undo_id) == ("completed", 2, 2, 2, 0)


def test_whoever_was_at_a_job_is_waited_for_longer_than_a_run_may_take() -> None:
    assert functions()["assign_in_bulk"]["Timeout"] < ENDED_AFTER.total_seconds()


def test_a_job_that_was_not_begun_can_be_cancelled(call: Call, invoke: Invoke, take_in: TakeIn) -> None:
    word, ids = crowd(take_in, 2)
    tag_id = a_tag()
    job_id, messages = begin(call, request(TAGS, tag_id, {"q": word}))
    assert cancel(call, job_id).status == 204
    assert counts(call, job_id) == ("cancelled", 2, 0, 0, 0)
    work(invoke, *messages)
    assert have(TAGS, tag_id, ids) == []
    assert "finishedAt" in call("get_job", job_id=job_id).json


def test_what_is_over_cannot_be_cancelled(call: Call, invoke: Invoke, take_in: TakeIn) -> None:
    word, _ = crowd(take_in, 1)
    job_id = done_in_bulk(call, invoke, request(TAGS, a_tag(), {"q": word}))
    assert cancel(call, job_id).status == 409
    assert counts(call, job_id)[0] == "completed"
    other, _ = begin(call, request(TAGS, a_tag(), {"q": word}))
    assert [cancel(call, other).status for _ in range(2)] == [204, 409]


def test_it_is_undone_once(call: Call, invoke: Invoke, take_in: TakeIn) -> None:
    word, _ = crowd(take_in, 1)
    job_id = done_in_bulk(call, invoke, request(TAGS, a_tag(), {"q": word}))
    undo_id = undone(call, invoke, job_id)
    assert undo(call, job_id).status == 409
    assert [undo(call, undo_id).status, cancel(call, undo_id).status] == [409, 409]


def test_of_two_who_undo_at_once_one_does(
    call: Call, invoke: Invoke, take_in: TakeIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    word, _ = crowd(take_in, 2)
    job_id = done_in_bulk(call, invoke, request(TAGS, a_tag(), {"q": word}))
    answers: list[Answer] = []
    watch(monkeypatch).before("TransactWriteItems", lambda: answers.append(undo(call, job_id)))
    assert undo(call, job_id).status == 409
    assert [answer.status for answer in answers] == [202]


@pytest.mark.parametrize("late", [False, True], ids=["before it was kept", "after it was kept"])
def test_an_undo_whose_making_failed_is_made_by_the_repeated_request(
    call: Call, invoke: Invoke, take_in: TakeIn, monkeypatch: pytest.MonkeyPatch, late: bool
) -> None:
    word, ids = crowd(take_in, 3)
    tag_id = a_tag()
    job_id = done_in_bulk(call, invoke, request(TAGS, tag_id, {"q": word}))
    key = {"Idempotency-Key": new_id("key")}
    watch(monkeypatch).fail("TransactWriteItems", no_answer(), late=late)
    with recorded() as calls:
        assert call("undo_job", job_id=job_id, role="manager", headers=key).status == 500
    first = sent(calls)
    monkeypatch.undo()
    undo_id, more = begin_undo(call, job_id, headers=key)
    assert {each["jobId"] for each in first} == {undo_id}
    work(invoke, *first, *more)
    assert have(TAGS, tag_id, ids) == []
    assert counts(call, undo_id) == ("completed", 3, 3, 3, 0)


def test_what_is_going_on_is_not_undone(call: Call, take_in: TakeIn) -> None:
    word, _ = crowd(take_in, 1)
    job_id, _ = begin(call, request(TAGS, a_tag(), {"q": word}))
    answer = undo(call, job_id)
    assert (answer.status, answer.json["detail"]) == (409, "the job is going on still; cancel it first")


@pytest.mark.usefixtures("removal_queue")
def test_what_was_deleted_since_is_not_undone(call: Call, invoke: Invoke, take_in: TakeIn) -> None:
    word, _ = crowd(take_in, 1)
    job_id = done_in_bulk(call, invoke, request(TAGS, tag_id := a_tag(), {"q": word}))
    assert TAGS.delete(call, tag_id).status == 204
    assert undo(call, job_id).status == 409


@pytest.mark.parametrize("function", ["cancel_job", "undo_job"])
def test_only_bulk_assignments_can_be_cancelled_and_undone(call: Call, function: str) -> None:
    assert call(function, job_id=a_job(), role="manager").status == 409
    assert call(function, job_id=new_id("unknown"), role="manager").status == 404
    assert call(function, job_id=a_job(), role="support").status == 403
