"""A tag or segment is deleted: DELETE /api/admin/tags/{id} and …/segments/{id}, GET /api/admin/jobs/{id}"""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from customer360.catalog import removal
from customer360.catalog.kinds import SHARDS
from customer360.instants import sortable
from customer360.jobs import service as jobs
from support.builders import customer, new_id
from support.catalogs import TAGS, Catalog, of_both
from support.collection import collection, version
from support.faults import refused, watch
from support.gateway import Answer
from support.parallel import all_at_once
from support.removals import (
    delete,
    have,
    holders,
    holders_of_shard,
    job,
    left_of,
    part,
    progress,
    sent,
    work,
)
from support.rights import recorded

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("removal_queue")]

Call = Callable[..., Answer]
Invoke = Callable[..., Any]
TakeIn = Callable[..., list[str]]


@of_both
def test_what_is_deleted_is_gone_at_once_and_from_its_customers_soon(
    call: Call, invoke: Invoke, take_in: TakeIn, catalog: Catalog, pause_caches: None
) -> None:
    identifier, kept = catalog.made(name := new_id()), catalog.made(new_id())
    ids = holders(catalog, take_in, identifier, [new_id() for _ in range(5)])
    catalog.give_by_service(ids[0], kept)
    versions = [version(collection(each)) for each in ids]

    job_id, parts = delete(call, catalog, identifier)
    assert catalog.row(call, identifier) is None
    assert all(identifier not in catalog.shown(call, each) for each in ids)
    assert catalog.create(call, name).status == 201
    waiting = job(call, job_id)
    assert datetime.now(UTC) - datetime.fromisoformat(waiting.pop("requestedAt")) < timedelta(minutes=1)
    assert waiting == {
        "id": job_id,
        "kind": "remove-from-customers",
        "status": "queued",
        "subjectName": name,
        "total": 5,
        "done": 0,
        "updatedAt": None,
    }

    assert not work(invoke, *parts)
    done = job(call, job_id)
    assert (done["status"], done["total"], done["done"]) == ("completed", 5, 5)
    assert done["requestedAt"] <= done["updatedAt"] <= done["finishedAt"]
    assert not have(catalog, identifier, ids)
    assert not left_of(catalog, identifier)
    assert [version(collection(each)) for each in ids] == [before + 1 for before in versions]
    assert catalog.shown(call, ids[0]) == [kept]
    assert catalog.count(call, kept) == 1


@of_both
def test_each_customer_is_told_once_what_went_and_who_deleted_it(
    call: Call, invoke: Invoke, take_in: TakeIn, catalog: Catalog
) -> None:
    identifier = catalog.made(name := new_id())
    (customer_id,) = holders(catalog, take_in, identifier, [new_id()])
    _, parts = delete(call, catalog, identifier)
    work(invoke, *parts)
    query = {"type": catalog.noun, "limit": "1"}
    (event,) = call("list_timeline_events", customer_id=customer_id, query=query).json["events"]
    assert event["title"] == f"{catalog.noun.capitalize()} {name} removed"
    assert event["description"] == f"The {catalog.noun} was deleted"
    assert event["metadata"] == {
        f"{catalog.noun}Id": identifier,
        "field": catalog.noun,
        "before": name,
        "after": None,
        "by": {"id": "sub-manager", "name": "manager@example.com"},
    }
    commit = collection(customer_id)["HEAD#COMMIT"]
    assert json.loads(commit["changed"]["S"]) == {catalog.plural: [identifier]}
    assert len(catalog.told(call, customer_id)) == 2


def test_what_nobody_had_is_soon_done(call: Call, invoke: Invoke) -> None:
    job_id, parts = delete(call, TAGS, TAGS.made(new_id()))
    assert progress(call, job_id) == ("queued", 0, 0)
    assert sorted(each["shard"] for each in parts) == list(range(SHARDS))
    work(invoke, *parts[:-1])
    assert progress(call, job_id) == ("running", 0, 0)
    work(invoke, parts[-1])
    assert progress(call, job_id) == ("completed", 0, 0)


def test_a_job_tells_how_far_it_has_come(call: Call, invoke: Invoke, take_in: TakeIn) -> None:
    tag_id = TAGS.made(new_id())
    mine = holders_of_shard(TAGS, take_in, tag_id, 3, 2)
    others = holders_of_shard(TAGS, take_in, tag_id, 4, 1)
    job_id, parts = delete(call, TAGS, tag_id)
    work(invoke, *(each for each in parts if each["shard"] == 3))
    assert progress(call, job_id) == ("running", 2, 3)
    assert "finishedAt" not in job(call, job_id)
    assert have(TAGS, tag_id, mine + others) == others
    work(invoke, *(each for each in parts if each["shard"] != 3))
    assert progress(call, job_id) == ("completed", 3, 3)


def test_an_unknown_job_is_404(call: Call) -> None:
    answer = call("get_job", job_id=new_id())
    assert (answer.status, answer.json["detail"]) == (404, "no such job")


@of_both
def test_deleted_twice_it_is_404(call: Call, catalog: Catalog) -> None:
    identifier = catalog.made(new_id())
    delete(call, catalog, identifier)
    again = catalog.delete(call, identifier)
    assert (again.status, "Location" in again.headers) == (404, False)


@pytest.mark.parametrize(("failing", "after"), [("SendMessage", 0), ("SendMessage", 5), ("TransactWriteItems", 0)])
def test_a_deletion_that_fails_changes_nothing(
    call: Call, invoke: Invoke, monkeypatch: pytest.MonkeyPatch, failing: str, after: int
) -> None:
    """The workers may have been told of a job that never came: they forget it after a while."""
    tag_id = TAGS.made(new_id())
    row = TAGS.row(call, tag_id)
    watch(monkeypatch).fail(failing, refused("InternalError", failing), skip=after)
    with recorded() as calls:
        assert TAGS.delete(call, tag_id).status == 500
    monkeypatch.undo()
    assert TAGS.row(call, tag_id) == row
    forgotten = [each | {"announcedAt": sortable(datetime.now(UTC) - timedelta(minutes=3))} for each in sent(calls)]
    assert not work(invoke, *forgotten)
    assert TAGS.row(call, tag_id) == row


# ---------------------------------------------------------------- Deleted while it is given


@of_both
def test_deleted_while_many_are_given_it_nobody_keeps_it(
    call: Call, invoke: Invoke, take_in: TakeIn, catalog: Catalog
) -> None:
    identifier = catalog.made(new_id())
    ids = [new_id() for _ in range(20)]
    take_in(*map(customer, ids))
    job_id = new_id("job")
    works: list[Callable[[], Any]] = [partial(catalog.give_by_service, each, identifier) for each in ids]
    works.insert(10, partial(catalog.delete_by_service, identifier, job_id))
    outcomes = all_at_once(works)
    assert {str(outcome) for outcome in outcomes} <= {"None", f"no such {catalog.noun}"}
    given = have(catalog, identifier, ids)
    assert len(given) == outcomes.count(None) - 1
    work(invoke, *(part(job_id, shard) for shard in range(SHARDS)))
    assert not have(catalog, identifier, ids)
    assert not left_of(catalog, identifier)
    assert progress(call, job_id) == ("completed", len(given), len(given))


def test_who_is_given_it_just_before_it_goes_is_counted_too(
    call: Call, invoke: Invoke, take_in: TakeIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    tag_id = TAGS.made(new_id())
    meanwhile = partial(holders_of_shard, TAGS, take_in, tag_id, 2, 2)
    given: list[str] = []
    watch(monkeypatch).before("TransactWriteItems", lambda: given.extend(meanwhile()))
    TAGS.delete_by_service(tag_id, job_id := new_id("job"))
    clock = iter([True, False])
    assert not removal.remove_from_customers(jobs.find(job_id), 2, lambda: next(clock))
    assert progress(call, job_id) == ("running", 1, 1)
    work(invoke, *(part(job_id, shard) for shard in range(SHARDS)))
    assert progress(call, job_id) == ("completed", 2, 2)
    assert not have(TAGS, tag_id, given)
