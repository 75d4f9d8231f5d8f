"""What only segments have: criteria, and those that follow them by themselves."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from support.builders import new_id
from support.catalogs import SEGMENTS, TAGS
from support.collection import collection
from support.gateway import Answer
from support.makers import a_segment, a_tag

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("recompute_queue")]

Call = Callable[..., Answer]
COUNTRY = {"field": "country", "op": "eq", "value": "FR"}
CRITERIA = {"all": [{"field": "lifetimeValue", "op": "gte", "value": 500.10}, {"not": COUNTRY}]}


def automatic(call: Call, criteria: Any = None, **fields: Any) -> Answer:
    body = SEGMENTS.body(isAutomatic=True, criteria=CRITERIA if criteria is None else criteria) | fields
    return SEGMENTS.create(call, body=body)


def test_an_automatic_segment_has_criteria_kept_exactly(call: Call) -> None:
    answer = automatic(call)
    assert answer.status == 201, answer.text
    assert answer.json["isAutomatic"] is True
    assert '"value":500.1}' in answer.text
    assert answer.json["criteria"] == json.loads(json.dumps(CRITERIA), parse_float=Decimal)
    assert SEGMENTS.row(call, answer.json["id"]) == answer.json


def test_a_segment_filled_by_hand_has_none(call: Call) -> None:
    made = SEGMENTS.create(call).json
    assert (made["isAutomatic"], "criteria" in made) == (False, False)


@pytest.mark.parametrize(
    "fields",
    [
        {"isAutomatic": True},
        {"isAutomatic": True, "criteria": None},
        {"isAutomatic": False, "criteria": COUNTRY},
        {"isAutomatic": True, "criteria": []},
        {"isAutomatic": True, "criteria": "country = FR"},
    ],
)
def test_there_are_criteria_if_and_only_if_it_is_automatic(call: Call, fields: dict[str, Any]) -> None:
    answer = SEGMENTS.create(call, body=SEGMENTS.body() | fields)
    assert (answer.status, answer.json["errors"][0]["field"]) == (400, "criteria")


@pytest.mark.parametrize("value", [None, "true", 1])
def test_whether_it_is_automatic_is_true_or_false(call: Call, value: Any) -> None:
    answer = SEGMENTS.create(call, body=SEGMENTS.body(isAutomatic=value))
    assert (answer.status, answer.json["errors"][0]["field"]) == (400, "isAutomatic")


@pytest.mark.parametrize(
    ("criteria", "path"),
    [
        ({}, "criteria.field"),
        ({"all": [COUNTRY, {**COUNTRY, "op": "gt"}]}, "criteria.all[1].op"),
        ({"any": [{"not": {**COUNTRY, "value": "\ud800"}}]}, "criteria.any[0].not.value"),
        ({**COUNTRY, "value": "4111 1111 1111 1111"}, "criteria.value"),
        ({**COUNTRY, "field": "shoeSize"}, "criteria.field"),
        ({"x" * 5000: 1}, f"criteria.{'x' * 50}"),
        ({"any": [{**COUNTRY, "op": "in", "value": ["x" * 99] * 100}] * 3}, "criteria"),
    ],
)
def test_a_fault_in_the_criteria_is_named_by_its_path(call: Call, criteria: Any, path: str) -> None:
    segment_id = a_segment(criteria=COUNTRY)
    for answer in (automatic(call, criteria), SEGMENTS.update(call, segment_id, {"criteria": criteria})):
        assert (answer.status, answer.json["errors"][0]["field"]) == (400, path)
        answer.text.encode()


@pytest.mark.parametrize("criteria", [{"\ud800": 1}, {"a\udfff": 1}, {"not": {"\ud800": 1}}])
def test_a_name_that_is_no_text_is_400(call: Call, criteria: Any) -> None:
    answer = automatic(call, criteria)
    assert answer.status == 400
    answer.text.encode()


def test_criteria_can_be_changed_but_not_given_to_one_filled_by_hand(call: Call) -> None:
    made = automatic(call).json
    changed = SEGMENTS.update(call, made["id"], {"criteria": COUNTRY})
    assert changed.json["criteria"] == COUNTRY
    for kept in ({"criteria": None}, {"description": "Other."}):
        assert SEGMENTS.update(call, made["id"], kept).json["criteria"] == COUNTRY
    by_hand = SEGMENTS.update(call, SEGMENTS.made(new_id()), {"criteria": COUNTRY})
    assert (by_hand.status, by_hand.json["errors"][0]["field"]) == (400, "criteria")
    for answer in (SEGMENTS.update(call, made["id"], {"isAutomatic": False}),):
        assert (answer.status, answer.json["errors"][0]["field"]) == (400, "isAutomatic")


@pytest.mark.parametrize(("role", "sees"), [("viewer", False), ("support", False), ("manager", True), ("admin", True)])
def test_criteria_are_for_those_who_may_see_financials(call: Call, role: str, sees: bool) -> None:
    segment_id = a_segment(criteria=COUNTRY)
    rows = call("list_segments", role=role).json["segments"]
    (row,) = [row for row in rows if row["id"] == segment_id]
    assert row["isAutomatic"] is True
    assert row.get("criteria") == (COUNTRY if sees else None)
    assert ("criteria" in row) == sees


def test_an_automatic_segment_cannot_be_filled_or_left_by_hand(call: Call, known_customer: str) -> None:
    segment_id, items = a_segment(criteria=COUNTRY), collection(known_customer)
    for answer in (
        SEGMENTS.give(call, known_customer, segment_id),
        SEGMENTS.take(call, known_customer, segment_id),
    ):
        assert (answer.status, answer.json["code"]) == (409, "conflict")
        assert answer.json["detail"].startswith("an automatic segment follows its criteria")
    assert collection(known_customer) == items


def test_a_segment_given_by_hand_says_so(call: Call, known_customer: str, pause_caches: None) -> None:
    segment_id = SEGMENTS.made(name := new_id())
    given = SEGMENTS.give(call, known_customer, segment_id).json
    assert given == {
        "id": segment_id,
        "name": name,
        "isAutomatic": False,
        "assignedAt": given["assignedAt"],
        "assignedBy": "admin@example.com",
    }
    assert call("get_customer_360", customer_id=known_customer).json["segments"] == [given]


# ---------------------------------------------------------------- Tags that criteria refer to


def tagged(op: str, *tag_ids: str) -> dict[str, Any]:
    return {"field": "tag", "op": op, "value": list(tag_ids) if op in {"in", "nin"} else tag_ids[0]}


def test_criteria_cannot_refer_to_a_tag_there_is_not(call: Call) -> None:
    tag_id, gone = a_tag(), a_tag()
    TAGS.delete_by_service(gone, new_id("job"))
    segment_id = a_segment(criteria=COUNTRY)
    for criteria, path in (
        ({"all": [COUNTRY, tagged("eq", gone)]}, "criteria.all[1].value"),
        ({"not": tagged("nin", tag_id, new_id("tag"))}, "criteria.not.value[1]"),
    ):
        for answer in (automatic(call, criteria), SEGMENTS.update(call, segment_id, {"criteria": criteria})):
            assert (answer.status, answer.json["errors"][0]["field"]) == (400, path)
    assert SEGMENTS.row(call, segment_id)["criteria"] == COUNTRY
    for answer in (
        automatic(call, tagged("in", tag_id)),
        automatic(call, {"field": "tag", "op": "exists", "value": True}),
        SEGMENTS.update(call, segment_id, {"criteria": tagged("eq", tag_id)}),
    ):
        assert answer.status in {200, 201}
        assert "missingTags" not in answer.json


def test_a_segment_says_which_of_its_tags_have_been_deleted(call: Call) -> None:
    kept, *gone = (a_tag() for _ in range(3))
    made = automatic(call, {"any": [tagged("in", gone[1], kept, gone[0]), tagged("ne", gone[1])]})
    for tag_id in gone:
        TAGS.delete_by_service(tag_id, new_id("job"))
    row = SEGMENTS.row(call, made.json["id"])
    assert row["missingTags"] == gone[::-1]
    listed = {"If-Match": call("list_segments").headers["ETag"]}
    renamed = SEGMENTS.update(call, row["id"], {"description": "Other."}, headers=listed)
    assert (renamed.status, renamed.json["missingTags"]) == (200, gone[::-1])
    mended = SEGMENTS.update(call, row["id"], {"criteria": tagged("eq", kept)})
    assert (mended.status, "missingTags" in mended.json) == (200, False)
    assert "missingTags" not in SEGMENTS.row(call, row["id"])


def test_missing_tags_are_for_those_who_may_see_criteria(call: Call) -> None:
    segment_id = a_segment(criteria=tagged("eq", tag_id := a_tag()))
    TAGS.delete_by_service(tag_id, new_id("job"))
    for role, sees in (("viewer", False), ("support", False), ("manager", True)):
        (row,) = [row for row in call("list_segments", role=role).json["segments"] if row["id"] == segment_id]
        assert ("missingTags" in row) == sees


def test_tags_are_read_once_to_list_segments_and_not_at_all_without_need(call: Call) -> None:
    from customer360.catalog import store
    from customer360.catalog.kinds import TAG_KIND
    from support.rights import recorded

    for _ in range(3):
        a_segment(criteria=tagged("eq", a_tag()))
    with recorded() as calls:
        call("list_segments")
    queries = [arguments for operation, arguments in calls if operation == "dynamodb:Query"]
    assert len([query for query in queries if {"S": "TAGS"} in query["ExpressionAttributeValues"].values()]) == 1
    with recorded() as calls:
        assert store.missing(TAG_KIND, []) == frozenset()
    assert calls == []
