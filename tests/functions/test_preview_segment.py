"""POST /api/admin/segments/preview: how many criteria would match, and who, before anything is saved."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from support.builders import account, customer, instant, message, new_id, order, points, ticket
from support.collection import collection
from support.gateway import Answer
from support.makers import a_segment, a_tag, give_segment, give_tag

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("recompute_queue", "plenty")]

Call = Callable[..., Answer]
TakeIn = Callable[..., list[str]]
Invoke = Callable[..., Any]


@pytest.fixture
def plenty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Room and time for everybody whom other tests have left behind, on whatever machine."""
    from customer360.segments import preview

    monkeypatch.setattr(preview, "MOST_EVALUATED", 100_000)
    monkeypatch.setattr(preview, "MOST_SECONDS", 300)


@pytest.fixture
def group(take_in: TakeIn) -> tuple[str, list[str]]:
    """A tag that three customers have who have bought once, twice and three times."""
    tag_id, ids = a_tag(), [new_id() for _ in range(3)]
    for number, customer_id in enumerate(ids, start=1):
        take_in(customer(customer_id, name=f"Customer {number}", email=f"customer{number}@example.com"))
        take_in(*(order(customer_id, f"o{n}", total=Decimal("10.00")) for n in range(number)))
        give_tag(customer_id, tag_id)
    return tag_id, ids


def tagged(tag_id: str, *more: Any) -> dict[str, Any]:
    return {"all": [{"field": "tag", "op": "eq", "value": tag_id}, *more]}


def orders(op: str, value: Any) -> dict[str, Any]:
    return {"field": "totalOrders", "op": op, "value": value}


def preview(call: Call, criteria: Any, **request: Any) -> Answer:
    body = {"criteria": criteria} | request.pop("fields", {})
    return call("preview_segment", body=body, **request)


def test_it_counts_and_shows_who_would_match(call: Call, group: tuple[str, list[str]]) -> None:
    tag_id, ids = group
    answer = preview(call, tagged(tag_id, orders("gte", 2)))
    assert answer.status == 200, answer.text
    found = answer.json
    assert (found["count"], found["countIsExact"], "marginOfError" in found) == (2, True, False)
    assert found["evaluated"] == found["total"] >= 3
    assert {one["id"] for one in found["sample"]} == set(ids[1:])
    assert "entering" not in found
    assert "leaving" not in found
    (third,) = [one for one in found["sample"] if one["id"] == ids[2]]
    page = call("get_customer_360", customer_id=ids[2]).json
    assert third == {
        "id": ids[2],
        "name": "Customer 3",
        "email": "customer3@example.com",
        "lifetimeValue": 30,
        "totalOrders": 3,
        "healthScore": page["healthScore"]["score"],
        "churnLevel": page["churnRisk"]["level"],
    }
    assert '"lifetimeValue":30.00' in answer.text


def test_nobody_is_an_answer(call: Call, group: tuple[str, list[str]]) -> None:
    found = preview(call, tagged(group[0], orders("gt", 3))).json
    assert (found["count"], found["countIsExact"], found["sample"]) == (0, True, [])


def test_no_more_than_ten_are_shown(call: Call, take_in: TakeIn) -> None:
    tag_id, ids = a_tag(), [new_id() for _ in range(12)]
    for customer_id in ids:
        take_in(customer(customer_id))
        give_tag(customer_id, tag_id)
    found = preview(call, tagged(tag_id)).json
    assert (found["count"], len(found["sample"])) == (12, 10)
    assert len({one["id"] for one in found["sample"]} & set(ids)) == 10


def test_those_who_match_are_those_who_are_put_in_once_it_is_saved(call: Call, take_in: TakeIn) -> None:
    """By whatever is asked, scores and points included: the preview and the segment go by the same facts."""
    from customer360.scores.rescoring import rescore
    from customer360.segments.automatic import automatic_segments
    from customer360.segments.membership import membership_key
    from customer360.storage.heads import heads_of

    tag_id, ids, now = a_tag(), [new_id() for _ in range(4)], datetime.now(UTC)
    take_in(
        *(customer(customer_id) for customer_id in ids),
        *(order(ids[0], f"o{n}", placedAt=(now - timedelta(days=3 + 5 * n)).isoformat()) for n in range(9)),
        order(ids[1], total=Decimal("20.00"), placedAt=instant(-90)),
        *(ticket(ids[1], f"t{n}", priority="urgent") for n in range(4)),
        account(ids[2]),
        points(ids[2], "l1", 1200),
        message(ids[3], openedAt=instant(1)),
    )
    for customer_id in ids:
        give_tag(customer_id, tag_id)
    scores = [call("get_customer_360", customer_id=one).json["healthScore"]["score"] for one in ids]
    asked = [
        {"field": "healthScore", "op": "gte", "value": int(sorted(scores)[2])},
        {"field": "churnLevel", "op": "in", "value": ["medium", "high"]},
        {"field": "pointsBalance", "op": "gte", "value": 1000},
        {"field": "daysSinceLastPurchase", "op": "lt", "value": 30},
        {"field": "openRate", "op": "gt", "value": 0},
        {"not": {"field": "openTickets", "op": "eq", "value": 0}},
    ]
    segments = [a_segment(criteria=tagged(tag_id, each)) for each in asked]
    for customer_id in ids:
        rescore(customer_id, now, [each for each in automatic_segments() if each.definition.id in segments])
    for segment_id, each in zip(segments, asked, strict=True):
        members = {one for one in ids if membership_key(segment_id, 1) in heads_of(one).segments()}
        sample = preview(call, tagged(tag_id, each)).json["sample"]
        assert {one["id"] for one in sample} == members, each
        assert 0 < len(members) < len(ids), each


def test_nothing_is_written(call: Call, group: tuple[str, list[str]]) -> None:
    before = [collection(customer_id) for customer_id in group[1]]
    preview(call, tagged(group[0], orders("gte", 1)))
    assert [collection(customer_id) for customer_id in group[1]] == before


# ---------------------------------------------------------------- Against a segment that is there


def saved(criteria: Any, members: list[str]) -> str:
    """An automatic segment in force, with these members."""
    from customer360.catalog.table import SEGMENTS, SegmentItem
    from customer360.exact_json import dumps
    from customer360.storage.items import AssignmentItem
    from customer360.storage.keys import SEGMENT, partition

    segment_id, now = new_id("segment"), datetime.now(UTC)
    text = dumps(criteria)
    item = SegmentItem(SEGMENTS, segment_id, name=segment_id, criteria=text, created_at=now, updated_at=now)
    item.generation, item.applied = 2, text
    item.save()
    for customer_id in members:
        AssignmentItem(partition(customer_id), f"{SEGMENT}{segment_id}@2", assigned_at=now).save()
    return segment_id


def test_with_a_segment_it_says_who_would_enter_and_who_would_leave(call: Call, group: tuple[str, list[str]]) -> None:
    tag_id, ids = group
    segment_id = saved(tagged(tag_id, orders("lte", 2)), ids[:2])
    found = preview(call, tagged(tag_id, orders("gte", 2)), fields={"segmentId": segment_id}).json
    assert found["count"] == 2
    assert (found["entering"]["count"], [one["id"] for one in found["entering"]["sample"]]) == (1, [ids[2]])
    assert (found["leaving"]["count"], [one["id"] for one in found["leaving"]["sample"]]) == (1, [ids[0]])
    same = preview(call, tagged(tag_id, orders("lte", 2)), fields={"segmentId": segment_id}).json
    assert (same["entering"], same["leaving"]) == ({"count": 0, "sample": []}, {"count": 0, "sample": []})


def test_into_a_segment_being_built_for_the_first_time_everybody_enters(
    call: Call, group: tuple[str, list[str]]
) -> None:
    segment_id = a_segment(criteria=tagged(group[0]))
    found = preview(call, tagged(group[0]), fields={"segmentId": segment_id}).json
    assert (found["count"], found["entering"]["count"], found["leaving"]["count"]) == (3, 3, 0)


def test_a_segment_filled_by_hand_has_no_criteria_to_change(call: Call, group: tuple[str, list[str]]) -> None:
    segment_id = a_segment()
    give_segment(group[1][0], segment_id)
    answer = preview(call, tagged(group[0]), fields={"segmentId": segment_id})
    assert (answer.status, answer.json["errors"][0]["field"]) == (400, "segmentId")
    assert preview(call, tagged(group[0]), fields={"segmentId": new_id("segment")}).status == 404


# ---------------------------------------------------------------- More customers than there is time for


def test_of_very_many_customers_some_are_asked_and_the_rest_is_estimated(
    call: Call, group: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    from customer360.segments import preview as previews

    monkeypatch.setattr(previews, "MOST_EVALUATED", 2)
    found = preview(call, {"field": "tag", "op": "exists", "value": True}).json
    assert (found["countIsExact"], found["evaluated"]) == (False, 2)
    assert found["total"] >= 3
    assert found["marginOfError"] > 0
    assert found["count"] == round(len(found["sample"]) / 2 * found["total"])


def test_when_time_runs_out_it_says_what_it_knows(
    call: Call, group: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    from customer360.segments import preview as previews

    monkeypatch.setattr(previews, "MOST_SECONDS", 0)
    monkeypatch.setattr(previews, "LEAST_SECONDS", 0)
    found = preview(call, tagged(group[0])).json
    assert (found["countIsExact"], found["evaluated"], found["count"], found["sample"]) == (False, 0, 0, [])
    assert found["marginOfError"] == found["total"]


def test_when_drawing_takes_all_the_time_some_are_asked_still(
    call: Call, group: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    from customer360.segments import preview as previews

    monkeypatch.setattr(previews, "MOST_SECONDS", 0)
    assert preview(call, tagged(group[0])).json["evaluated"] > 0


def test_of_all_there_are_everybody_is_drawn_once(group: tuple[str, list[str]]) -> None:
    from customer360.segments.preview import draw

    everybody = draw(10**6, Random(1))
    assert len(set(everybody.customers)) == len(everybody.customers) == everybody.total
    assert set(group[1]) <= set(everybody.customers)


def test_whoever_is_drawn_is_as_likely_as_anybody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever their shard, and wherever in it: ids often tell who came first."""
    from customer360.segments import preview as previews

    size = {number: 0 if number == 7 else 10 + number % 3 for number in range(8)}
    monkeypatch.setattr(previews, "shard_numbers", lambda: range(8))
    monkeypatch.setattr(previews, "count_of_shard", size.__getitem__)
    monkeypatch.setattr(
        previews, "customers_of_shard", lambda number, limit: [f"{number}-{place}" for place in range(size[number])]
    )
    random, drawn, rounds = Random(5), Counter[str](), 600
    for _ in range(rounds):
        found = previews.draw(20, random)
        assert (len(set(found.customers)), found.total) == (20, sum(size.values()))
        drawn.update(found.customers)
    often = rounds * 20 / sum(size.values())
    for place in range(10):
        mean = sum(drawn[f"{number}-{place}"] for number in range(7)) / 7
        assert mean == pytest.approx(often, rel=0.15)
    for number in range(7):
        mean = sum(drawn[f"{number}-{place}"] for place in range(size[number])) / size[number]
        assert mean == pytest.approx(often, rel=0.2)


def test_who_is_erased_meanwhile_is_not_in_it(
    call: Call, group: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    from customer360.segments import preview as previews

    drawn = previews.Drawn([group[1][0], new_id("gone")], 2)
    monkeypatch.setattr(previews, "draw", lambda *_: drawn)
    found = preview(call, tagged(group[0])).json
    assert (found["count"], found["countIsExact"], found["total"]) == (1, True, 2)


# ---------------------------------------------------------------- Faults


@pytest.mark.parametrize(
    ("criteria", "path"),
    [
        ({}, "criteria.field"),
        ({"all": [orders("gte", 1), orders("gte", "one")]}, "criteria.all[1].value"),
        ({"not": {"field": "shoeSize", "op": "eq", "value": 1}}, "criteria.not.field"),
        ({"field": "tag", "op": "in", "value": ["nowhere"]}, "criteria.value[0]"),
        ({"any": [{"field": "country", "op": "in", "value": ["x" * 99] * 100}] * 3}, "criteria"),
        ([], "criteria"),
        (None, "criteria"),
    ],
)
def test_a_fault_in_the_criteria_is_named_as_when_they_are_saved(call: Call, criteria: Any, path: str) -> None:
    answer = preview(call, criteria)
    assert (answer.status, answer.json["errors"][0]["field"]) == (400, path)
    body = {"name": new_id(), "isAutomatic": True, "criteria": criteria}
    assert call("create_segment", body=body).json["errors"][0]["field"] == path


def test_it_is_for_those_who_manage_segments(call: Call) -> None:
    for role in ("viewer", "support"):
        answer = preview(call, {}, role=role)
        assert (answer.status, answer.json["detail"]) == (403, "the permission segments:manage is missing")
