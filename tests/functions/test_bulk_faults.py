"""A bulk assignment whatever happens to its worker: crashes, duplicates, busy customers, deletions, no time"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from customer360.bulk import assigning, reading, walking
from customer360.bulk.parts import find, part_kept
from customer360.instants import sortable
from customer360.jobs.table import JOB
from customer360.storage.items import CommitItem, CustomerItem
from customer360.storage.keys import COMMIT, partition
from support.builders import customer, instant, new_id
from support.bulk import NOTHING_FAILED, WORKER, begin, changed_by, counts, crowd, request, work, work_once
from support.catalogs import TAGS, Catalog, of_both
from support.collection import collection
from support.faults import cancelled, lose_answers, no_answer, refused, watch
from support.finding import make_findable
from support.gateway import Answer, sqs_event
from support.makers import a_tag
from support.removals import have

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("bulk_queue")]

Call = Callable[..., Answer]
Invoke = Callable[..., Any]
TakeIn = Callable[..., list[str]]
Begun = tuple[str, str, list[str], list[Any]]


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Several pages, and several steps a page, of few customers."""
    monkeypatch.setattr(reading, "PAGE", 4)
    monkeypatch.setattr(walking, "AT_ONCE", 2)


@pytest.fixture
def begun(call: Call, take_in: TakeIn) -> Begun:
    """A job that is to give a new tag to seven customers: its id, the tag's, theirs, and its messages."""
    word, ids = crowd(take_in, 7)
    tag_id = a_tag()
    job_id, messages = begin(call, request(TAGS, tag_id, {"q": word}))
    return job_id, tag_id, ids, messages


def require_done_once(call: Call, begun: Begun) -> None:
    job_id, tag_id, ids, _ = begun
    assert have(TAGS, tag_id, ids) == ids
    assert counts(call, job_id) == ("completed", 7, 7, 7, 0)
    assert TAGS.count(call, tag_id) == 7
    assert sorted(changed_by(job_id)) == sorted(ids)
    assert all(len(TAGS.told(call, each)) == 1 for each in ids)


class Died(BaseException):
    """The worker was killed: nothing of it goes on, no message is sent or deleted."""


@pytest.mark.parametrize("late", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("steps", range(0, 8))
def test_a_worker_that_dies_while_it_keeps_its_place_is_followed_by_one_that_goes_on(
    call: Call, invoke: Invoke, begun: Begun, monkeypatch: pytest.MonkeyPatch, steps: int, late: bool
) -> None:
    messages = begun[3]
    watch(monkeypatch).fail("UpdateItem", Died(), about="JobsTable", skip=steps, late=late)
    with pytest.raises(Died):
        invoke(WORKER, sqs_event(*messages))
    monkeypatch.setattr(walking, "AT_ONCE", 2)
    work(invoke, *messages)
    require_done_once(call, begun)


def test_writes_that_are_sent_twice_for_want_of_an_answer_do_not_stop_it(
    call: Call, invoke: Invoke, begun: Begun, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        lost = lose_answers(patched, "UpdateItem", "PutItem")
        work(invoke, *begun[3])
    assert lost
    require_done_once(call, begun)


def test_a_job_is_cancelled_by_a_request_that_is_sent_twice_for_want_of_an_answer(
    call: Call, begun: Begun, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        lose_answers(patched, "UpdateItem")
        assert call("cancel_job", job_id=begun[0], role="manager").status == 204


@pytest.mark.parametrize("late", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("customers", [0, 3, 6])
def test_a_worker_that_dies_at_a_customer_is_followed_by_one_that_changes_nobody_twice(
    call: Call, invoke: Invoke, begun: Begun, monkeypatch: pytest.MonkeyPatch, customers: int, late: bool
) -> None:
    messages = begun[3]
    watch(monkeypatch).fail("TransactWriteItems", Died(), skip=customers, late=late)
    with pytest.raises(Died):
        invoke(WORKER, sqs_event(*messages))
    work(invoke, *messages)
    require_done_once(call, begun)


def test_a_message_that_comes_twice_does_nothing_twice(call: Call, invoke: Invoke, begun: Begun) -> None:
    messages = begun[3]
    work(invoke, *messages, *messages)
    require_done_once(call, begun)
    assert work_once(invoke, *messages) == []
    require_done_once(call, begun)


@pytest.mark.parametrize("about", ["TransactWriteItems", "UpdateItem"])
def test_two_workers_at_once_do_nothing_twice(
    call: Call, invoke: Invoke, begun: Begun, monkeypatch: pytest.MonkeyPatch, about: str
) -> None:
    job_id, _, _, messages = begun
    other: list[Any] = []
    watch(monkeypatch).before(about, lambda: other.append(walking.work_on(find(job_id), lambda: True)))
    assert work_once(invoke, *messages) == []
    assert other == [None]
    require_done_once(call, begun)


def test_many_workers_at_once_do_nothing_twice(call: Call, begun: Begun) -> None:
    with ThreadPoolExecutor(4) as pool:
        left = list(pool.map(lambda _: walking.work_on(find(begun[0]), lambda: True), range(4)))
    assert left == [None] * 4
    require_done_once(call, begun)


def test_without_time_it_goes_on_by_another_message(call: Call, invoke: Invoke, begun: Begun) -> None:
    job_id, tag_id, ids, messages = begun
    (following,) = work_once(invoke, *messages, milliseconds=5_000)
    assert following["jobId"] == job_id
    assert (have(TAGS, tag_id, ids), counts(call, job_id)) == ([], ("queued", 7, 0, 0, 0))
    work(invoke, following)
    require_done_once(call, begun)


def test_when_time_runs_out_it_keeps_its_place(call: Call, invoke: Invoke, begun: Begun) -> None:
    job_id, tag_id, ids, messages = begun
    clock = iter([True, True, False])
    assert walking.work_on(find(job_id), lambda: next(clock)) == 0
    assert len(have(TAGS, tag_id, ids)) == 2
    assert counts(call, job_id) == ("running", 7, 2, 2, 0)
    work(invoke, *messages)
    require_done_once(call, begun)


@pytest.mark.parametrize(
    "error", [cancelled("ThrottlingError", "None"), refused("ThrottlingException"), no_answer()], ids=str
)
def test_a_write_that_fails_is_tried_again(
    call: Call, invoke: Invoke, begun: Begun, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    messages = begun[3]
    watch(monkeypatch).fail("TransactWriteItems", error, times=3, skip=1)
    work(invoke, *messages)
    require_done_once(call, begun)


def test_a_customer_for_whom_it_fails_thrice_is_counted_and_holds_up_nobody(
    call: Call, invoke: Invoke, begun: Begun, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id, tag_id, ids, messages = begun
    calls = watch(monkeypatch)
    calls.fail("TransactWriteItems", no_answer(), about=ids[3], times=100)
    (second,) = work_once(invoke, *messages)
    assert counts(call, job_id)[0] == "running"
    (third,) = work_once(invoke, second)
    assert work_once(invoke, third) == []
    assert counts(call, job_id) == ("completed", 7, 7, 6, 1)
    assert have(TAGS, tag_id, ids) == [each for each in ids if each != ids[3]]


def test_a_customer_who_is_busy_is_done_later(
    call: Call, invoke: Invoke, begun: Begun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assigning, "WAITING_SECONDS", 0.05)
    _, tag_id, ids, messages = begun
    busy = CommitItem.get(partition(ids[1]), COMMIT)
    until = datetime.now(UTC) + timedelta(hours=1)
    busy.update(actions=[CommitItem.claimed_by.set("another"), CommitItem.claimed_until.set(until)])
    left = work_once(invoke, *messages)
    assert ids[1] not in have(TAGS, tag_id, ids)
    busy.update(actions=[CommitItem.claimed_by.remove(), CommitItem.claimed_until.remove()])
    work(invoke, *left)
    require_done_once(call, begun)


def test_who_is_met_twice_counts_as_changed_once(
    call: Call, invoke: Invoke, begun: Begun, take_in: TakeIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their date of registration is corrected once the first page is done, and puts them on the last."""
    job_id, tag_id, ids, messages = begun
    clock = iter([True, True, True, False])
    walking.work_on(find(job_id), lambda: next(clock))
    again = have(TAGS, tag_id, ids)[0]
    name = call("get_customer_360", customer_id=again).json["profile"]["name"]
    take_in(customer(again, name=name, registeredAt=instant(-200), updatedAt=instant(1)))
    make_findable(again)
    work(invoke, *messages)
    assert have(TAGS, tag_id, ids) == ids
    assert len(changed_by(job_id)) == 7
    assert counts(call, job_id) == ("completed", 8, 8, 7, 0)


def test_an_erased_customer_is_not_brought_back(call: Call, invoke: Invoke, begun: Begun) -> None:
    job_id, _, ids, messages = begun
    for item in CustomerItem.query(partition(ids[0])):
        item.delete()
    work(invoke, *messages)
    assert not collection(ids[0])
    assert counts(call, job_id) == ("completed", 7, 7, 6, 0)
    assert ids[0] not in changed_by(job_id)


def test_who_was_changed_by_hand_since_is_not_changed_again(
    call: Call, invoke: Invoke, begun: Begun, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker died with some done, which then lost the tag by hand, and is followed by another."""
    job_id, tag_id, ids, messages = begun
    watch(monkeypatch).fail("UpdateItem", Died(), about="JobsTable", skip=1)
    with pytest.raises(Died):
        invoke(WORKER, sqs_event(*messages))
    first, _ = have(TAGS, tag_id, ids)
    TAGS.take_by_service(first, tag_id)
    work(invoke, *messages)
    assert have(TAGS, tag_id, ids) == [each for each in ids if each != first]
    assert counts(call, job_id) == ("completed", 7, 7, 7, 0)


@pytest.mark.usefixtures("removal_queue")
@pytest.mark.parametrize("done", [0, 2])
def test_a_tag_that_is_deleted_midway_ends_the_job(call: Call, invoke: Invoke, begun: Begun, done: int) -> None:
    job_id, tag_id, _, messages = begun
    clock = iter([True, True, False] if done else [False])
    walking.work_on(find(job_id), lambda: next(clock))
    assert TAGS.delete(call, tag_id).status == 204
    assert work_once(invoke, *messages) == []
    assert counts(call, job_id) == ("cancelled", 7, done, done, 0)
    assert call("get_job", job_id=job_id).json["reason"] == "The tag was deleted"


@of_both
@pytest.mark.usefixtures("removal_queue")
@pytest.mark.parametrize("done", [0, 4])
def test_what_the_search_is_for_ends_the_job_if_it_is_deleted_midway(
    call: Call, invoke: Invoke, take_in: TakeIn, catalog: Catalog, done: int
) -> None:
    _, ids = crowd(take_in, 7)
    sought = catalog.made(new_id())
    for each in ids:
        catalog.give_by_service(each, sought)
    make_findable(*ids)
    job_id, messages = begin(call, request(TAGS, tag_id := a_tag(), {catalog.noun: [sought]}))
    clock = iter([True] * 3 + [False] if done else [False])
    walking.work_on(find(job_id), lambda: next(clock))
    assert catalog.delete(call, sought).status == 204
    assert work_once(invoke, *messages) == []
    assert counts(call, job_id) == ("cancelled", 7, done, done, 0)
    reason = f"There is no such {catalog.noun} as the search names, or not any more"
    assert call("get_job", job_id=job_id).json["reason"] == reason
    assert len(have(TAGS, tag_id, ids)) == done


@pytest.mark.usefixtures("removal_queue")
def test_a_tag_that_is_deleted_while_customers_are_worked_on_ends_the_job(
    call: Call, invoke: Invoke, begun: Begun, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id, tag_id, ids, messages = begun
    watch(monkeypatch).before("TransactWriteItems", lambda: TAGS.delete_by_service(tag_id, new_id("job")))
    assert work_once(invoke, *messages) == []
    status, _, done, changed, failed = counts(call, job_id)
    assert (status, changed, failed) == ("cancelled", done, 0)
    assert done == len(have(TAGS, tag_id, ids)) <= 1  # who was given it a moment before; the deletion takes it away


@pytest.mark.parametrize(("minutes", "comes_again"), [(0, True), (1.5, True), (2.5, False)])
def test_a_job_that_is_not_there_yet_is_waited_for_but_not_for_ever(
    invoke: Invoke, minutes: float, comes_again: bool
) -> None:
    at = sortable(datetime.now(UTC) - timedelta(minutes=minutes))
    message = {"jobId": new_id("job"), "announcedAt": at}
    assert work_once(invoke, message) == ([message] if comes_again else [])


@pytest.mark.parametrize("body", ["not JSON", "[]", "{}", '{"jobId": 7}'])
def test_a_message_that_means_nothing_is_reported_and_holds_nobody_up(
    call: Call, invoke: Invoke, begun: Begun, body: str
) -> None:
    event = sqs_event(body, *begun[3])
    assert invoke(WORKER, event) == {"batchItemFailures": [{"itemIdentifier": event["Records"][0]["messageId"]}]}
    require_done_once(call, begun)


def test_nothing_is_left_of_the_way_once_it_is_gone(invoke: Invoke, begun: Begun) -> None:
    job_id, _, _, messages = begun
    work(invoke, *messages)
    assert part_kept(JOB + job_id).page is None
    assert invoke(WORKER, sqs_event(*messages)) == NOTHING_FAILED
