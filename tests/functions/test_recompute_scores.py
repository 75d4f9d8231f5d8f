"""Everybody is brought up to date, whatever dies on the way; changed criteria come into force all at once."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any
from zlib import crc32

import pytest

from customer360.catalog.definitions import KEPT_SECONDS
from customer360.instants import sortable
from customer360.jobs import service as jobs
from customer360.scores import recompute
from customer360.scores.current import fresh_assessment
from customer360.scores.rescoring import rescore
from customer360.scoring.assessment import Assessment
from customer360.segments.convergence import MOST_GENERATIONS
from customer360.storage.everyone import SHARDS
from customer360.storage.heads import heads_of
from support.builders import customer, new_id, order
from support.collection import collection, version
from support.faults import lose_answers, no_answer, refused, watch
from support.gateway import Answer
from support.makers import a_tag
from support.rights import recorded
from support.scores import follow, sent, tell, trouble, waiting, work, work_off

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("recompute_queue", "event_bus")]

Call = Callable[..., Answer]
Invoke = Callable[..., Any]
TakeIn = Callable[..., list[str]]
SHARD = 7
START = {"time": "2026-01-01T02:00:00Z"}


@pytest.fixture(autouse=True)
def only_one_shard(monkeypatch: pytest.MonkeyPatch) -> None:
    """The other shards hold the customers of other tests."""
    monkeypatch.setattr(recompute, "shard_numbers", lambda: range(SHARD, SHARD + 1))


def ids(number: int) -> list[str]:
    """New ids of customers who are all in that shard."""
    prefix = new_id()
    found: Iterator[str] = (each for at in count() if crc32((each := f"{prefix}-{at}").encode()) % SHARDS == SHARD)
    return [next(found) for _ in range(number)]


def buyers(take_in: TakeIn, number: int, total: str = "25.00", country: str = "GB") -> list[str]:
    customers = ids(number)
    addresses = [{"id": "a1", "line1": "1 Main Street", "city": "Home", "country": country, "isPrimary": True}]
    for each in customers:
        take_in(customer(each, addresses=addresses), order(each, total=Decimal(total)))
    return customers


def begun(job_id: str | None = None) -> dict[str, Any]:
    """The message that asks for the plan of a new nightly job."""
    with recorded() as calls:
        recompute.begin(job_id or new_id("recompute"), datetime.now(UTC))
    (part,) = sent(calls)
    return part


def job_of(call: Call, job_id: str) -> Any:
    return call("get_job", job_id=job_id, role="manager").json


def scored(customers: list[str]) -> int:
    return sum("HEAD#SCORES" in collection(each) for each in customers)


def test_everybody_is_rescored_and_the_job_says_so(call: Call, invoke: Invoke, take_in: TakeIn) -> None:
    customers, part = buyers(take_in, 3), begun()
    assert job_of(call, part["jobId"])["status"] == "queued"
    work_off(invoke, part)
    assert scored(customers) == 3
    job = job_of(call, part["jobId"])
    assert (job["status"], job["kind"], job["subjectName"]) == ("completed", "recompute-scores", "All customers")
    assert job["done"] == job["total"] >= 3


def test_a_second_night_changes_nothing_of_those_who_are_as_they_were(invoke: Invoke, take_in: TakeIn) -> None:
    customers = buyers(take_in, 2)
    work_off(invoke, begun())
    before = [version(collection(each)) for each in customers]
    work_off(invoke, begun())
    assert [version(collection(each)) for each in customers] == before


def test_time_alone_moves_what_is_kept_by_half_a_point_or_more_and_a_level_at_once(take_in: TakeIn) -> None:
    """So a night writes little, and what is kept is never further off than that."""
    (customer_id,) = buyers(take_in, 1)
    now, kept, nights_kept = datetime.now(UTC), None, 0
    for night in range(90):
        rescore(customer_id, now + timedelta(days=night), [])
        heads = heads_of(customer_id)
        fresh = fresh_assessment(heads, now + timedelta(days=night))
        scores = heads.scores()
        assert scores
        latest = Assessment.from_json(scores.assessment)
        assert fresh.is_near(latest, Decimal("0.5"))
        if kept and latest != kept:
            assert not latest.is_near(kept, Decimal("0.5"))
            nights_kept += 1
        kept = latest
    assert 0 < nights_kept < 60


def test_what_an_event_moves_is_kept_exactly(take_in: TakeIn) -> None:
    (customer_id,) = buyers(take_in, 1)
    now = datetime.now(UTC)
    for number in range(5):
        take_in(order(customer_id, f"o{number}", total=Decimal(number + 1)))
        rescore(customer_id, now, [])
        heads = heads_of(customer_id)
        scores = heads.scores()
        assert scores
        assert fresh_assessment(heads, now).is_near(Assessment.from_json(scores.assessment))


def test_the_schedule_that_fires_twice_begins_one_job(invoke: Invoke, call: Call) -> None:
    with recorded() as calls:
        invoke("start_recompute", START)
        invoke("start_recompute", START)
    assert {part["jobId"] for part in sent(calls)} == {"recompute-20260101T0200"}
    assert job_of(call, "recompute-20260101T0200")["kind"] == "recompute-scores"


def test_a_plan_made_twice_counts_nobody_twice(call: Call, invoke: Invoke, take_in: TakeIn) -> None:
    buyers(take_in, 2)
    part = begun()
    parts = work(invoke, part) + work(invoke, part)
    work_off(invoke, *parts)
    job = job_of(call, part["jobId"])
    assert job["done"] == job["total"]


def test_a_job_that_was_announced_and_never_made_is_dropped(invoke: Invoke) -> None:
    part = {"jobId": new_id("job"), "announcedAt": sortable(datetime.now(UTC) - timedelta(minutes=3))}
    assert work(invoke, part) == []


def test_a_job_that_is_not_made_yet_is_asked_for_again(invoke: Invoke) -> None:
    part = {"jobId": new_id("job"), "announcedAt": sortable(datetime.now(UTC))}
    assert work(invoke, part) == [part]


def test_a_shard_goes_on_where_time_ran_out(
    call: Call, invoke: Invoke, take_in: TakeIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    customers = buyers(take_in, 4)
    monkeypatch.setattr(recompute, "PAGE", 2)
    part = begun()
    (shard,) = work(invoke, part)
    clock = iter([True, False])
    assert recompute.work_on(jobs.find(part["jobId"]), shard["shard"], lambda: next(clock)).has_more
    assert job_of(call, part["jobId"])["done"] == 2
    assert work(invoke, shard, milliseconds=1000) == [shard]
    work_off(invoke, shard)
    assert scored(customers) == 4


@pytest.mark.parametrize("operation", ["Query", "GetItem", "UpdateItem", "TransactWriteItems"])
@pytest.mark.parametrize("skip", [0, 1, 3, 6])
def test_a_worker_that_dies_anywhere_loses_nobody_and_counts_nobody_twice(
    call: Call, invoke: Invoke, take_in: TakeIn, monkeypatch: pytest.MonkeyPatch, operation: str, skip: int
) -> None:
    monkeypatch.setattr(recompute, "PAGE", 2)
    customers = buyers(take_in, 3)
    part = begun()
    (shard,) = work(invoke, part)
    with monkeypatch.context() as patched:
        watch(patched).fail(operation, no_answer(), skip=skip, times=1)
        with suppress(Exception):  # whatever it dies of
            recompute.work_on(jobs.find(part["jobId"]), shard["shard"], lambda: True)
    work_off(invoke, shard)
    job = job_of(call, part["jobId"])
    assert (job["status"], job["done"]) == ("completed", job["total"])
    again = [each for each in customers if "HEAD#SCORES" not in collection(each)]
    assert len(again) <= 1  # waits in the queue, see below


def test_writes_that_are_sent_twice_for_want_of_an_answer_do_not_stop_it(
    call: Call, invoke: Invoke, take_in: TakeIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    customers = buyers(take_in, 4)
    monkeypatch.setattr(recompute, "PAGE", 2)
    part = begun()
    with monkeypatch.context() as patched:
        lost = lose_answers(patched, "UpdateItem", "PutItem")
        work_off(invoke, part)
    assert lost
    assert (job_of(call, part["jobId"])["status"], scored(customers)) == ("completed", 4)


def test_a_customer_for_whom_it_fails_is_tried_again_and_holds_up_no_other(
    call: Call, invoke: Invoke, take_in: TakeIn, monkeypatch: pytest.MonkeyPatch, recompute_queue: str
) -> None:
    customers = buyers(take_in, 3)
    waiting(recompute_queue)
    part = begun()
    (shard,) = work(invoke, part)
    watch(monkeypatch).fail("TransactWriteItems", refused("ValidationException"), about=customers[1])
    again = work(invoke, shard)
    assert scored(customers) == 2
    assert job_of(call, part["jobId"])["status"] == "completed"
    work_off(invoke, *again)
    assert scored(customers) == 3


def test_a_throttled_table_is_waited_for(invoke: Invoke, take_in: TakeIn, monkeypatch: pytest.MonkeyPatch) -> None:
    from support.faults import cancelled

    customers = buyers(take_in, 2)
    (shard,) = work(invoke, begun())
    watch(monkeypatch).fail("TransactWriteItems", cancelled("ThrottlingError", "None"), times=3)
    work_off(invoke, shard)
    assert scored(customers) == 2


# Segments


@pytest.fixture
def country() -> str:
    """Where only customers of this test live; in no other test's segments."""
    return new_id("country")


def where(country: str, condition: dict[str, Any]) -> dict[str, Any]:
    return {"all": [{"field": "country", "op": "eq", "value": country.upper()}, condition]}


def segment(call: Call, **criteria: Any) -> tuple[str, dict[str, Any]]:
    """A new automatic segment, and the message that asks for its plan."""
    body = {"name": new_id("segment"), "isAutomatic": True, "criteria": criteria}
    with recorded() as calls:
        answer = call("create_segment", role="manager", body=body)
    assert answer.status == 201, answer.text
    (part,) = sent(calls)
    return answer.json["id"], part


def edited(call: Call, segment_id: str, **criteria: Any) -> dict[str, Any]:
    with recorded() as calls:
        answer = call("update_segment", role="manager", segment_id=segment_id, body={"criteria": criteria})
    assert answer.status == 200, answer.text
    (part,) = sent(calls)
    return part


def row(call: Call, segment_id: str) -> Any:
    rows = call("list_segments", role="manager").json["segments"]
    return next(each for each in rows if each["id"] == segment_id)


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers name segments as they are, not as they were up to 30 seconds ago."""
    monkeypatch.setattr("customer360.catalog.definitions.KEPT_SECONDS", -1.0)


def members(call: Call, segment_id: str, customers: list[str]) -> list[str]:
    def has(each: str) -> bool:
        page = call("get_customer_360", customer_id=each).json
        return segment_id in [found["id"] for found in page["segments"]]

    return [each for each in customers if has(each)]


def told(call: Call, customer_id: str, *segment_ids: str) -> list[str]:
    query = {"type": "segment", "limit": "100"}
    events = call("list_timeline_events", customer_id=customer_id, query=query).json["events"]
    return [event["title"].split()[0] for event in events if event["metadata"]["segmentId"] in segment_ids]


MUCH: dict[str, Any] = {"field": "lifetimeValue", "op": "gte", "value": 900}
LITTLE: dict[str, Any] = {"field": "lifetimeValue", "op": "lt", "value": 900}


@pytest.mark.usefixtures("fresh")
def test_a_new_segment_fills_in_the_background_and_is_seen_all_at_once(
    call: Call, invoke: Invoke, take_in: TakeIn, country: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recompute, "PAGE", 2)
    rich, poor = buyers(take_in, 3, "900.00", country), buyers(take_in, 1, country=country)
    segment_id, part = segment(call, **where(country, MUCH))
    assert row(call, segment_id)["jobId"] == part["jobId"]
    (shard,) = work(invoke, part)
    clock = iter([True, False])
    recompute.work_on(jobs.find(part["jobId"]), shard["shard"], lambda: next(clock))
    assert (row(call, segment_id)["customerCount"], members(call, segment_id, rich)) == (0, [])
    assert [told(call, each, segment_id) for each in rich] == [[], [], []]
    work_off(invoke, shard)
    answered = row(call, segment_id)
    assert "jobId" not in answered
    assert members(call, segment_id, rich + poor) == rich
    assert answered["customerCount"] == 3
    assert [told(call, each, segment_id) for each in rich + poor] == [["Entered"], ["Entered"], ["Entered"], []]


@pytest.mark.usefixtures("fresh")
def test_edited_criteria_come_into_force_for_all_at_once_and_those_who_stay_are_not_told(
    call: Call, invoke: Invoke, take_in: TakeIn, country: str
) -> None:
    rich, poor = buyers(take_in, 2, "900.00", country), buyers(take_in, 2, country=country)
    segment_id, part = segment(call, **where(country, MUCH))
    work_off(invoke, part)
    part = edited(
        call, segment_id, **where(country, {"any": [{"field": "lifetimeValue", "op": "lt", "value": 26}, MUCH]})
    )
    (shard,) = work(invoke, part)
    (settle,) = work(invoke, shard)
    assert members(call, segment_id, rich + poor) == rich + poor
    assert row(call, segment_id)["customerCount"] == 4
    work_off(invoke, settle)
    part = edited(call, segment_id, **where(country, LITTLE))
    (shard,) = work(invoke, part)
    assert (members(call, segment_id, rich + poor), row(call, segment_id)["customerCount"]) == (rich + poor, 4)
    work_off(invoke, shard)
    assert (members(call, segment_id, rich + poor), row(call, segment_id)["customerCount"]) == (poor, 2)
    assert [told(call, each, segment_id) for each in rich] == [["Left", "Entered"]] * 2
    assert [told(call, each, segment_id) for each in poor] == [["Entered"]] * 2
    keys = [key for each in rich + poor for key in collection(each) if key.startswith(f"HEAD#SEGMENT#{segment_id}")]
    assert keys == [f"HEAD#SEGMENT#{segment_id}@3"] * 2


@pytest.mark.usefixtures("fresh")
def test_criteria_edited_again_meanwhile_overtake(call: Call, invoke: Invoke, take_in: TakeIn, country: str) -> None:
    rich, poor = buyers(take_in, 1, "900.00", country), buyers(take_in, 1, country=country)
    segment_id, first = segment(call, **where(country, MUCH))
    (shard,) = work(invoke, first)
    second = edited(call, segment_id, **where(country, LITTLE))
    work_off(invoke, shard)  # the first one's worker ends later than the second edit
    assert row(call, segment_id)["customerCount"] == 0
    work_off(invoke, second)
    assert (members(call, segment_id, rich + poor), row(call, segment_id)["customerCount"]) == (poor, 1)
    assert [told(call, each, segment_id) for each in rich + poor] == [[], ["Entered"]]


def test_the_generation_before_is_there_as_long_as_anybody_may_know_of_no_other(
    call: Call, invoke: Invoke, take_in: TakeIn, country: str
) -> None:
    """Taken away earlier, whoever stays would be in neither, to functions that keep definitions for a while."""
    buyers(take_in, 1, "900.00", country)
    _, part = segment(call, **where(country, MUCH))
    (shard,) = work(invoke, part)
    with recorded() as calls:
        work(invoke, shard)
    (settle,) = (arguments for name, arguments in calls if name == "sqs:SendMessage")
    assert settle["DelaySeconds"] > KEPT_SECONDS


@pytest.mark.usefixtures("fresh")
def test_a_job_that_is_overtaken_does_not_go_through_everybody(
    call: Call, invoke: Invoke, take_in: TakeIn, country: str
) -> None:
    (customer_id,) = buyers(take_in, 1, "900.00", country)
    segment_id, first = segment(call, **where(country, MUCH))
    (shard,) = work(invoke, first)
    edited(call, segment_id, **where(country, LITTLE))
    with recorded() as calls:
        work_off(invoke, shard)
    assert customer_id not in str(calls)
    assert job_of(call, first["jobId"])["status"] == "completed"


@pytest.mark.usefixtures("fresh", "removal_queue")
def test_criteria_cannot_be_edited_so_often_meanwhile_that_the_segment_cannot_be_deleted(
    call: Call, country: str
) -> None:
    segment_id, _ = segment(call, **where(country, MUCH))
    for value in range(2, MOST_GENERATIONS):  # beside what it was made with, and what it had before
        edited(call, segment_id, **where(country, MUCH | {"value": value}))
    refused = call("update_segment", role="manager", segment_id=segment_id, body={"criteria": where(country, LITTLE)})
    assert (refused.status, refused.json["code"]) == (409, "conflict")
    assert call("delete_segment", role="manager", segment_id=segment_id).status == 204


@pytest.mark.usefixtures("fresh")
def test_a_changed_customer_enters_and_leaves_at_once_also_while_criteria_are_applied(
    call: Call, invoke: Invoke, take_in: TakeIn, country: str
) -> None:
    (customer_id,) = buyers(take_in, 1, country=country)
    segment_id, part = segment(call, **where(country, MUCH))
    work_off(invoke, part)
    part = edited(call, segment_id, **where(country, MUCH | {"value": 901}))
    (shard,) = work(invoke, part)
    take_in(order(customer_id, "o2", total=Decimal("875.00")))
    follow(invoke, customer_id)
    assert (members(call, segment_id, [customer_id]), row(call, segment_id)["customerCount"]) == ([customer_id], 1)
    take_in(order(customer_id, "o3", total=Decimal("50.00")))
    follow(invoke, customer_id)
    work_off(invoke, shard)
    assert (members(call, segment_id, [customer_id]), row(call, segment_id)["customerCount"]) == ([customer_id], 1)
    take_in(order(customer_id, "o2", total=Decimal("875.00"), status="cancelled", updatedAt="2026-02-01T00:00:00Z"))
    follow(invoke, customer_id)
    assert (members(call, segment_id, [customer_id]), row(call, segment_id)["customerCount"]) == ([], 0)
    assert told(call, customer_id, segment_id) == ["Left", "Entered"]


@pytest.mark.usefixtures("fresh", "removal_queue")
def test_a_deleted_automatic_segment_is_taken_from_its_customers(
    call: Call, invoke: Invoke, take_in: TakeIn, country: str
) -> None:
    from support.gateway import sqs_event

    rich = buyers(take_in, 2, "900.00", country)
    segment_id, part = segment(call, **where(country, MUCH))
    work_off(invoke, part)
    edited(call, segment_id, **where(country, MUCH | {"value": 1}))
    for each in rich:
        take_in(order(each, "o2", total=Decimal("1.00")))
        follow(invoke, each)
    with recorded() as calls:
        assert call("delete_segment", role="manager", segment_id=segment_id).status == 204
    assert members(call, segment_id, rich) == []
    assert invoke("remove_from_customers", sqs_event(*sent(calls))) == {"batchItemFailures": []}
    keys = [key for each in rich for key in collection(each) if key.startswith(f"HEAD#SEGMENT#{segment_id}")]
    assert keys == []
    assert [told(call, each, segment_id) for each in rich] == [["Segment", "Entered"]] * 2


@pytest.mark.usefixtures("fresh")
def test_more_segments_than_one_transaction_takes_are_all_entered(
    call: Call, invoke: Invoke, take_in: TakeIn, country: str
) -> None:
    (customer_id,) = buyers(take_in, 1, "900.00", country)
    made = [segment(call, **where(country, MUCH)) for _ in range(20)]
    for _, part in made:
        work_off(invoke, part)
    (other,) = buyers(take_in, 1, "900.00", country)
    follow(invoke, other)
    for segment_id, _ in made:
        assert members(call, segment_id, [customer_id, other]) == [customer_id, other]
    assert told(call, other, *(segment_id for segment_id, _ in made)) == ["Entered"] * 20


@pytest.mark.usefixtures("fresh")
def test_a_tag_moves_who_is_in_a_segment_that_asks_for_it(
    call: Call, invoke: Invoke, take_in: TakeIn, country: str
) -> None:
    (customer_id,) = buyers(take_in, 1, country=country)
    tag_id = a_tag()
    segment_id, part = segment(call, field="tag", op="eq", value=tag_id)
    work_off(invoke, part)
    assert call("add_tag", customer_id=customer_id, role="manager", body={"tagId": tag_id}).status == 201
    follow(invoke, customer_id)
    assert members(call, segment_id, [customer_id]) == [customer_id]


def test_scores_of_the_night_are_told_too(invoke: Invoke, take_in: TakeIn, call: Call) -> None:
    (customer_id,) = buyers(take_in, 1)
    take_in(*trouble(new_id()))
    work_off(invoke, begun())
    tell(invoke, customer_id)
    take_in(*trouble(customer_id))
    work_off(invoke, begun())
    (message,) = tell(invoke, customer_id)
    assert message["type"] in {"health-changed", "churn-level-changed"}
