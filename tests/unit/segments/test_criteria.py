"""The criteria language: what is taken, in what form it is kept, and where a fault is said to be."""

import re
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, reject
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from customer360.errors import Invalid
from customer360.exact_json import dumps, loads
from customer360.segments.criteria import FIELDS, checked, conditions_in, tags_in
from customer360.shop_time import meant
from support.criteria import (
    CONDITIONS,
    EQUALITY,
    ORDER,
    VALUES,
    condition,
    ops_of,
    shop_in,
    trees,
)


def fault(criteria: Any) -> str:
    """Where it is."""
    with pytest.raises(Invalid) as raised:
        checked(criteria)
    assert raised.value.message
    return raised.value.field


def nested(depth: int, leaf: Any) -> Any:
    for _ in range(depth):
        leaf = {"not": leaf}
    return leaf


# ---------------------------------------------------------------- Every field and every op


def test_there_are_the_fields_that_were_promised() -> None:
    assert set(FIELDS) == set(VALUES)


def test_the_documentation_has_every_field_and_op() -> None:
    text = (Path(__file__).parents[3] / "docs" / "segment_criteria.md").read_text()
    rows = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]
    assert sorted(re.findall(r"`(\w+)`", " ".join(rows))) == sorted([*FIELDS, *EQUALITY, *ORDER, "op"])


@pytest.mark.parametrize("field", VALUES)
def test_a_field_takes_its_values_with_every_op_it_has(field: str) -> None:
    good, _ = VALUES[field]
    for op in ops_of(field):
        match op:
            case "exists":
                assert [checked(condition(field, op, value))["value"] for value in (True, False)] == [True, False]
            case "in" | "nin":
                assert len(checked(condition(field, op, good))["value"]) == len(good)
            case "between":
                assert len(checked(condition(field, op, [good[0], good[-1]]))["value"]) == 2
                assert checked(condition(field, op, [good[0], good[0]]))
            case _:
                assert all(checked(condition(field, op, value)) for value in good)


@pytest.mark.parametrize("field", VALUES)
def test_a_field_refuses_other_values_with_every_op_and_says_where(field: str) -> None:
    good, bad = VALUES[field]
    for op, value in product(ops_of(field), bad):
        match op:
            case "exists":
                if not isinstance(value, bool):
                    assert fault(condition(field, op, value)) == "criteria.value"
            case "in" | "nin":
                assert fault(condition(field, op, [*good[:1], value])) == "criteria.value[1]"
            case "between":
                assert fault(condition(field, op, [value, good[0]])) == "criteria.value[0]"
                assert fault(condition(field, op, [good[0], value])) == "criteria.value[1]"
            case _:
                assert fault(condition(field, op, value)) == "criteria.value"


@pytest.mark.parametrize("field", [field for field in VALUES if "gt" not in ops_of(field)])
def test_what_has_no_order_cannot_be_asked_for_it(field: str) -> None:
    for op in ORDER:
        assert fault(condition(field, op, VALUES[field][0][0])) == "criteria.op"


@pytest.mark.parametrize("field", ["registeredAt", "lifetimeValue"])
def test_the_lower_bound_comes_first(field: str) -> None:
    good, _ = VALUES[field]
    assert fault(condition(field, "between", [good[-1], good[0]])) == "criteria.value"


@pytest.mark.parametrize("value", [None, 1, [], [1], [1, 2, 3], {"from": 1}, "12"])
def test_a_range_has_two_ends(value: Any) -> None:
    assert fault(condition("totalOrders", "between", value)) == "criteria.value"


@pytest.mark.parametrize("value", [None, 1, [], list(range(101)), {}, "1"])
def test_a_choice_is_a_list_of_up_to_a_hundred(value: Any) -> None:
    assert fault(condition("totalOrders", "in", value)) == "criteria.value"
    assert checked(condition("totalOrders", "in", list(range(100))))


# ---------------------------------------------------------------- The form that is kept


@pytest.mark.parametrize(
    ("value", "first", "last"),
    [
        ("2026-01-31", "2026-01-30T23:00:00", "2026-01-31T22:59:59.999999"),
        ("2026-01-31T10:00:00+02:00", "2026-01-31T08:00:00", "2026-01-31T08:00:00.999999"),
        ("2026-01-31T10:00:00.5Z", "2026-01-31T10:00:00.500000", "2026-01-31T10:00:00.500000"),
        ("2026-01-31T10:00:00,0Z", "2026-01-31T10:00:00", "2026-01-31T10:00:00"),
    ],
)
def test_an_instant_is_kept_as_written_and_a_date_means_that_day_in_the_shop(value: str, first: str, last: str) -> None:
    with shop_in("Europe/Paris"):
        assert checked(condition("registeredAt", "gte", value))["value"] == value
        assert [at.isoformat() for at in meant(value)] == [f"{first}+00:00", f"{last}+00:00"]


@pytest.mark.parametrize(
    "value", [["2026-01-31", "2026-01-31"], ["2026-01-31T10:00:00Z", "2026-01-31"], ["2026-01-31", "2026-01-31T10:00Z"]]
)
def test_a_range_may_be_within_one_day(value: list[str]) -> None:
    assert checked(condition("registeredAt", "between", value))["value"] == value


def test_the_order_of_two_instants_is_that_of_time_not_of_text() -> None:
    later_as_text = ["2026-01-31T10:00:00+05:00", "2026-01-31T09:00:00Z"]
    assert checked(condition("registeredAt", "between", later_as_text))["value"] == later_as_text
    assert fault(condition("registeredAt", "between", later_as_text[::-1])) == "criteria.value"


def test_space_around_a_text_does_not_count() -> None:
    assert checked(condition("country", "in", [" France\n"]))["value"] == ["France"]


def test_amounts_stay_exact() -> None:
    asked = loads('{"field":"lifetimeValue","op":"gte","value":1000.10}')
    assert dumps(checked(asked)) == '{"field":"lifetimeValue","op":"gte","value":1000.10}'


# ---------------------------------------------------------------- What is built of conditions

LEAF = condition("totalOrders", "gt", 3)


def test_four_levels_are_fine_and_a_fifth_is_not() -> None:
    assert checked(nested(4, LEAF)) == nested(4, LEAF)
    assert fault(nested(5, LEAF)) == "criteria.not.not.not.not"
    assert fault({"all": [LEAF, {"any": [nested(3, LEAF)]}]}) == "criteria.all[1].any[0].not.not"


def test_a_hundred_parts_are_fine_and_more_are_not() -> None:
    assert checked({"all": [LEAF] * 99})
    assert fault({"all": [LEAF] * 100}) == "criteria.all[99]"
    assert fault({"any": [{"all": [LEAF] * 49}] * 2}) == "criteria.any[1].all[48]"


def test_every_condition_is_found_with_its_path() -> None:
    gold = condition("loyaltyTier", "eq", "gold")
    criteria = {"all": [LEAF, {"not": {"any": [gold, LEAF]}}]}
    paths = ["criteria.all[0]", "criteria.all[1].not.any[0]", "criteria.all[1].not.any[1]"]
    assert list(conditions_in(criteria)) == list(zip(paths, [LEAF, gold, LEAF], strict=True))
    assert list(conditions_in(LEAF)) == [("criteria", LEAF)]


def test_every_tag_that_is_referred_to_is_found_with_its_path() -> None:
    criteria = {
        "any": [
            condition("tag", "eq", "tag-1"),
            condition("tag", "exists", True),
            {"not": condition("tag", "nin", ["tag-1", "tag-2"])},
            condition("country", "eq", "tag-3"),
        ]
    }
    assert list(tags_in(criteria)) == [
        ("criteria.any[0].value", "tag-1"),
        ("criteria.any[2].not.value[0]", "tag-1"),
        ("criteria.any[2].not.value[1]", "tag-2"),
    ]


BAD = condition("totalOrders", "gt", "3")


@pytest.mark.parametrize(
    ("criteria", "path"),
    [
        ({"all": [LEAF, BAD]}, "criteria.all[1].value"),
        ({"any": [LEAF, {"not": {"all": [BAD]}}]}, "criteria.any[1].not.all[0].value"),
        ({"not": BAD}, "criteria.not.value"),
        ({}, "criteria.field"),
        (None, "criteria"),
        ([LEAF], "criteria"),
        ("totalOrders > 3", "criteria"),
        ({"all": []}, "criteria.all"),
        ({"any": LEAF}, "criteria.any"),
        ({"all": None}, "criteria.all"),
        ({"not": [LEAF]}, "criteria.not"),
        ({"not": None}, "criteria.not"),
        ({"all": [LEAF, 5]}, "criteria.all[1]"),
        ({"all": [LEAF], "any": [LEAF]}, "criteria"),
        ({"all": [LEAF], **LEAF}, "criteria"),
        ({"none": [LEAF]}, "criteria.none"),
        ({**LEAF, "unit": "pieces"}, "criteria.unit"),
        ({"field": "totalOrders", "op": "gt"}, "criteria.value"),
        ({"field": "totalOrders", "value": 3}, "criteria.op"),
        ({"op": "gt", "value": 3}, "criteria.field"),
        (condition("orders", "gt", 3), "criteria.field"),
        (condition("", "gt", 3), "criteria.field"),
        ({"field": ["totalOrders"], "op": "gt", "value": 3}, "criteria.field"),
        (condition("totalOrders", "GT", 3), "criteria.op"),
        ({"field": "totalOrders", "op": {}, "value": 3}, "criteria.op"),
        ({"field": "totalOrders", "op": None, "value": 3}, "criteria.op"),
    ],
)
def test_a_fault_is_named_by_its_path(criteria: Any, path: str) -> None:
    assert fault(criteria) == path


# ---------------------------------------------------------------- Anything

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.decimals(allow_nan=False)
    | st.text(st.characters(exclude_categories=[]))
    | st.sampled_from([*VALUES, *EQUALITY, *ORDER, "2026-01-01", "gold"])
)
NAMES = st.sampled_from(["all", "any", "not", "field", "op", "value"]) | st.text(max_size=3)


def _more(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3) | ANYTHING


ANYTHING = CONDITIONS | st.fixed_dictionaries({"field": SCALARS, "op": SCALARS, "value": SCALARS})


@given(st.recursive(SCALARS, _more, max_leaves=12))
@example({"field": "lifetimeValue", "op": "eq", "value": Decimal("Infinity")})
@example({"field": "lifetimeValue", "op": "eq", "value": Decimal("1E+999999")})
@example({"field": "lifetimeValue", "op": "eq", "value": 10**4000})
@example({"\ud800": 1})
def test_whatever_is_asked_is_taken_or_refused_as_invalid(criteria: Any) -> None:
    try:
        kept = checked(criteria)
    except Invalid:
        return
    assert checked(kept) == kept


@hypothesis_settings(max_examples=200)
@given(trees())
def test_what_is_kept_is_the_same_when_read_back_and_checked_again(criteria: Any) -> None:
    try:
        kept = checked(criteria)
    except Invalid:
        reject()
    assert checked(kept) == kept
    text = dumps(kept)
    assert loads(text) == kept
    assert dumps(checked(loads(text))) == text
