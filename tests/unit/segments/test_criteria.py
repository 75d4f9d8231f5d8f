"""The criteria language: what is taken, in what form it is kept, and where a fault is said to be."""

from datetime import UTC, datetime
from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from hypothesis import example, given, reject
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from customer360.errors import Invalid
from customer360.exact_json import dumps, loads
from customer360.segments.criteria import FIELDS, checked, instant_of

NUMBERS = [
    *("lifetimeValue", "totalOrders", "completedOrders", "averageOrderValue", "daysSinceLastPurchase"),
    *("purchaseFrequency", "tenureDays", "pointsBalance", "healthScore", "openTickets", "openRate"),
]
BOOLEANS = ["emailOptIn", "smsOptIn", "pushOptIn"]
WORDS = {
    "loyaltyTier": ["bronze", "silver", "gold", "platinum"],
    "churnLevel": ["low", "medium", "high"],
    "accountStatus": ["active", "pending", "suspended", "closed"],
}
EQUALITY = ["eq", "ne", "in", "nin", "exists"]
ORDER = ["gt", "gte", "lt", "lte", "between"]

# Of each field: values that may be asked for, in ascending order, and some that may not.
VALUES: dict[str, tuple[list[Any], list[Any]]] = {
    **dict.fromkeys(NUMBERS, ([-3, 0, Decimal("0.5"), 10**18], ["5", True, None, [], {}, 10**19, Decimal("1e-19")])),
    **dict.fromkeys(BOOLEANS, ([False, True], ["true", 1, 0, None, []])),
    **{name: (words, ["platin", "", None, 3, True, ["gold"]]) for name, words in WORDS.items()},
    "country": (
        ["France", "x" * 100, "Österreich"],
        ["", "  ", "x" * 101, "a\nb", "\ud800", "4111111111111111", 7, None],
    ),
    "tag": (["tag-1", "a:b@c.d_e-f", "x" * 64], ["", "a b", "x" * 65, "ä", "a\n", 7, None]),
    "registeredAt": (
        ["2025-12-31", "2026-01-01T00:00:00Z", "2026-01-01T09:30:00.123456+02:00"],
        ["2026-13-01", "2026-01-01T00:00:00", "yesterday", "", "20260101", 7, None, "0001-01-01T00:00:00+14:00"],
    ),
}


def ops_of(field: str) -> list[str]:
    return EQUALITY + (ORDER if field in NUMBERS or field == "registeredAt" else [])


def condition(field: str, op: str, value: Any) -> dict[str, Any]:
    return {"field": field, "op": op, "value": value}


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
    ("value", "meant"),
    [
        ("2026-01-31", datetime(2026, 1, 31, tzinfo=UTC)),
        ("2026-01-31T10:00:00+02:00", datetime(2026, 1, 31, 8, tzinfo=UTC)),
        ("2026-01-31T10:00:00.5Z", datetime(2026, 1, 31, 10, 0, 0, 500_000, tzinfo=UTC)),
    ],
)
def test_an_instant_is_kept_as_written_and_a_date_means_its_beginning(value: str, meant: datetime) -> None:
    assert checked(condition("registeredAt", "gte", value))["value"] == value
    assert instant_of(value) == meant


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
    return st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3) | CONDITIONS


def _value_for(field: str, op: str) -> st.SearchStrategy[Any]:
    one: st.SearchStrategy[Any] = st.sampled_from(VALUES[field][0])
    if field in NUMBERS:
        one |= st.integers(-(10**12), 10**12) | st.decimals("-9999999", "9999999", places=3)
    if field == "registeredAt":
        one |= st.datetimes(timezones=st.timezones()).map(lambda at: at.isoformat())
    if op == "exists":
        return st.booleans()
    if op == "between":
        return st.lists(one, min_size=2, max_size=2)
    return st.lists(one, min_size=1, max_size=3) if op in {"in", "nin"} else one


GOOD_CONDITIONS: st.SearchStrategy[Any] = st.sampled_from(sorted(VALUES)).flatmap(
    lambda field: st.sampled_from(ops_of(field)).flatmap(
        lambda op: st.builds(condition, st.just(field), st.just(op), _value_for(field, op))
    )
)
CONDITIONS = GOOD_CONDITIONS | st.fixed_dictionaries({"field": SCALARS, "op": SCALARS, "value": SCALARS})
TREES: st.SearchStrategy[Any] = st.recursive(
    GOOD_CONDITIONS,
    lambda inner: (
        st.fixed_dictionaries({"not": inner})
        | st.dictionaries(
            st.sampled_from(["all", "any"]), st.lists(inner, min_size=1, max_size=3), min_size=1, max_size=1
        )
    ),
    max_leaves=6,
)


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
@given(TREES)
def test_what_is_kept_is_the_same_when_read_back_and_checked_again(criteria: Any) -> None:
    try:
        kept = checked(criteria)
    except Invalid:
        reject()
    assert checked(kept) == kept
    text = dumps(kept)
    assert loads(text) == kept
    assert dumps(checked(loads(text))) == text
