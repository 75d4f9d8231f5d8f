"""SQS, fed by deletions: a deleted tag or segment is taken from its customers, whatever happens to the worker"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from customer360.catalog import removal
from customer360.jobs import service as jobs
from customer360.storage.items import CommitItem, CustomerItem
from customer360.storage.keys import COMMIT, partition
from support.builders import new_id
from support.catalogs import TAGS
from support.collection import collection, version
from support.faults import no_answer, watch
from support.gateway import Answer, sqs_event
from support.removals import (
    WORKER,
    delete,
    have,
    holders,
    holders_of_shard,
    job,
    part,
    progress,
    work,
)

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("removal_queue")]

Call = Callable[..., Answer]
Invoke = Callable[..., Any]
TakeIn = Callable[..., list[str]]


def test_a_message_delivered_twice_does_nothing_twice(call: Call, invoke: Invoke, take_in: TakeIn) -> None:
    tag_id = TAGS.made(new_id())
    ids = holders(TAGS, take_in, tag_id, [new_id() for _ in range(3)])
    job_id, parts = delete(call, TAGS, tag_id)
    work(invoke, *parts, *parts)
    done, versions = job(call, job_id), [version(collection(each)) for each in ids]
    assert not work(invoke, *parts)
    assert job(call, job_id) == done
    assert [version(collection(each)) for each in ids] == versions
    assert all(len(TAGS.told(call, each)) == 2 for each in ids)


def test_a_message_delivered_to_two_workers_at_once_does_nothing_twice(
    call: Call, take_in: TakeIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    tag_id = TAGS.made(new_id())
    ids = holders_of_shard(TAGS, take_in, tag_id, 2, 3)
    job_id, _ = delete(call, TAGS, tag_id)
    other = []
    in_between = watch(monkeypatch)
    remove = partial(removal.remove_from_customers, jobs.find(job_id), 2, lambda: True)
    in_between.before("TransactWriteItems", lambda: other.append(remove()))
    assert (remove(), other) == (True, [True])
    assert progress(call, job_id) == ("running", 3, 3)
    assert all(len(TAGS.told(call, each)) == 2 for each in ids)


@pytest.mark.parametrize("late", [False, True], ids=["before it was done", "after it was done"])
def test_after_a_crash_the_rest_is_done_once(
    call: Call, invoke: Invoke, take_in: TakeIn, monkeypatch: pytest.MonkeyPatch, late: bool
) -> None:
    tag_id = TAGS.made(new_id())
    ids = holders_of_shard(TAGS, take_in, tag_id, 5, 5)
    job_id, parts = delete(call, TAGS, tag_id)
    mine = [each for each in parts if each["shard"] == 5]
    watch(monkeypatch).fail("TransactWriteItems", no_answer(), skip=2, late=late)
    event = sqs_event(*mine)
    failed = invoke(WORKER, event)
    assert failed == {"batchItemFailures": [{"itemIdentifier": event["Records"][0]["messageId"]}]}
    monkeypatch.undo()
    assert progress(call, job_id) == ("running", 2 + late, 5)
    work(invoke, *parts)
    assert progress(call, job_id) == ("completed", 5, 5)
    assert not have(TAGS, tag_id, ids)
    assert all(len(TAGS.told(call, each)) == 2 for each in ids)


def test_without_time_it_goes_on_by_another_message(call: Call, invoke: Invoke, take_in: TakeIn) -> None:
    tag_id = TAGS.made(new_id())
    ids = holders_of_shard(TAGS, take_in, tag_id, 2, 1)
    job_id, parts = delete(call, TAGS, tag_id)
    mine = next(each for each in parts if each["shard"] == 2)
    assert work(invoke, mine, milliseconds=5_000) == [mine]
    assert (progress(call, job_id), have(TAGS, tag_id, ids)) == (("queued", 0, 1), ids)
    assert not work(invoke, mine)
    assert not have(TAGS, tag_id, ids)


def test_it_stops_between_customers_when_time_runs_out(call: Call, take_in: TakeIn) -> None:
    tag_id = TAGS.made(new_id())
    ids = holders_of_shard(TAGS, take_in, tag_id, 2, 5)
    job_id, _ = delete(call, TAGS, tag_id)
    clock = iter([True, True, True, False])
    assert not removal.remove_from_customers(jobs.find(job_id), 2, lambda: next(clock))
    assert len(have(TAGS, tag_id, ids)) == 2
    assert progress(call, job_id) == ("running", 3, 5)
    assert removal.remove_from_customers(jobs.find(job_id), 2, lambda: True)
    assert progress(call, job_id)[1:] == (5, 5)


@pytest.mark.parametrize(("minutes", "comes_again"), [(0, True), (1.5, True), (2.5, False), (60 * 24, False)])
def test_a_job_that_is_not_there_yet_is_waited_for_but_not_for_ever(
    invoke: Invoke, minutes: float, comes_again: bool
) -> None:
    message = part(new_id("job"), 0, timedelta(minutes=minutes))
    assert work(invoke, message) == ([message] if comes_again else [])


def test_a_customer_who_is_busy_is_done_later(
    call: Call, invoke: Invoke, take_in: TakeIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(removal, "WAITING_SECONDS", 0.05)
    tag_id = TAGS.made(new_id())
    ids = holders_of_shard(TAGS, take_in, tag_id, 6, 3)
    job_id, parts = delete(call, TAGS, tag_id)
    mine = next(each for each in parts if each["shard"] == 6)
    busy = CommitItem.get(partition(ids[1]), COMMIT)
    until = datetime.now(UTC) + timedelta(hours=1)
    busy.update(actions=[CommitItem.claimed_by.set("another"), CommitItem.claimed_until.set(until)])
    assert work(invoke, mine) == [mine]
    assert (have(TAGS, tag_id, ids), progress(call, job_id)) == ([ids[1]], ("running", 2, 3))
    busy.update(actions=[CommitItem.claimed_by.remove(), CommitItem.claimed_until.remove()])
    assert not work(invoke, mine)
    assert not have(TAGS, tag_id, ids)


def test_an_erased_customer_is_not_brought_back(call: Call, invoke: Invoke, take_in: TakeIn) -> None:
    tag_id = TAGS.made(new_id())
    erased, other = holders_of_shard(TAGS, take_in, tag_id, 1, 2)
    for item in CustomerItem.query(partition(erased)):
        item.delete()
    job_id, parts = delete(call, TAGS, tag_id)
    assert not work(invoke, *parts)
    assert not collection(erased)
    assert not have(TAGS, tag_id, [other])
    assert progress(call, job_id) == ("completed", 1, 1)


@pytest.mark.parametrize("body", ["not JSON", "[]", "{}", '{"jobId": 7}'])
def test_a_message_that_means_nothing_is_reported_and_holds_nobody_up(call: Call, invoke: Invoke, body: str) -> None:
    job_id, parts = delete(call, TAGS, TAGS.made(new_id()))
    event = sqs_event(body, *parts)
    failed = invoke(WORKER, event)
    assert failed == {"batchItemFailures": [{"itemIdentifier": event["Records"][0]["messageId"]}]}
    assert job(call, job_id)["status"] == "completed"
