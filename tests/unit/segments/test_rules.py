"""What criteria mean: every op on what is there and what is not, dates, and a rule against a plain reading of it."""

from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, reject
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from customer360.errors import Invalid
from customer360.exact_json import dumps, loads
from customer360.segments.criteria import checked
from customer360.segments.rules import compiled
from support.criteria import FACTS, VALUES, condition, ops_of, shop_in, trees

NOTHING: dict[str, Any] = dict.fromkeys(VALUES) | {"tag": frozenset()}


def matches(criteria: Any, **facts: Any) -> bool:
    return compiled(checked(criteria)).matches(NOTHING | facts)


def matching(field: str, op: str, value: Any, facts: list[Any]) -> list[Any]:
    """Those of the facts that satisfy the condition."""
    rule = compiled(checked(condition(field, op, value)))
    return [fact for fact in facts if rule.matches(NOTHING | {field: fact})]


# ---------------------------------------------------------------- Conditions


@pytest.mark.parametrize("field", VALUES)
def test_a_fact_that_is_absent_satisfies_only_ne_nin_and_not_existing(field: str) -> None:
    one = VALUES[field][0][0]
    values = {"in": [one], "nin": [one], "between": [one, one], "exists": True}
    satisfied = {op for op in ops_of(field) if matches(condition(field, op, values.get(op, one)))}
    assert satisfied == {"ne", "nin"}
    assert matches(condition(field, "exists", False))


@pytest.mark.parametrize(
    ("op", "value", "found"),
    [
        ("eq", 2, [2, Decimal("2.00")]),
        ("ne", 2, [Decimal("1.99"), Decimal("2.01"), 3, None]),
        ("in", [2, 3], [2, Decimal("2.00"), 3]),
        ("nin", [2, 3], [Decimal("1.99"), Decimal("2.01"), None]),
        ("gt", 2, [Decimal("2.01"), 3]),
        ("gte", 2, [2, Decimal("2.00"), Decimal("2.01"), 3]),
        ("lt", 2, [Decimal("1.99")]),
        ("lte", 2, [Decimal("1.99"), 2, Decimal("2.00")]),
        ("between", [2, Decimal("2.01")], [2, Decimal("2.00"), Decimal("2.01")]),
        ("exists", True, [Decimal("1.99"), 2, Decimal("2.00"), Decimal("2.01"), 3]),
        ("exists", False, [None]),
    ],
)
def test_numbers(op: str, value: Any, found: list[Any]) -> None:
    facts = [Decimal("1.99"), 2, Decimal("2.00"), Decimal("2.01"), 3, None]
    assert matching("lifetimeValue", op, value, facts) == found


def test_amounts_are_compared_exactly() -> None:
    assert matches(condition("lifetimeValue", "eq", Decimal("0.30")), lifetimeValue=3 * Decimal("0.10"))
    large = 10**18
    assert matching("lifetimeValue", "gt", large - 1, [Decimal(large) - 1, Decimal(large)]) == [large]


@pytest.mark.parametrize(
    ("op", "value", "found"),
    [
        ("eq", True, [True]),
        ("ne", True, [False, None]),
        ("in", [True, False], [True, False]),
        ("nin", [False], [True, None]),
    ],
)
def test_what_is_true_or_false(op: str, value: Any, found: list[Any]) -> None:
    assert matching("emailOptIn", op, value, [True, False, None]) == found


def test_a_country_is_compared_ignoring_case() -> None:
    for country in ("österreich", "ÖSTERREICH", "Österreich"):
        assert matches(condition("country", "eq", "öSTERREICH"), country=country)
        assert not matches(condition("country", "nin", ["France", "österreich"]), country=country)


@pytest.mark.parametrize(
    ("op", "value", "found"),
    [
        ("eq", "a", ["a", "ab"]),
        ("ne", "a", ["", "b"]),
        ("in", ["a", "b"], ["a", "b", "ab"]),
        ("nin", ["a", "c"], ["", "b"]),
        ("exists", True, ["a", "b", "ab"]),
        ("exists", False, [""]),
    ],
)
def test_tags_are_asked_for_among_all_that_a_customer_has(op: str, value: Any, found: list[str]) -> None:
    facts: list[Any] = [frozenset(ids) for ids in ("", "a", "b", "ab")]
    assert matching("tag", op, value, facts) == [frozenset(ids) for ids in found]


# ---------------------------------------------------------------- Dates

# The last and the first microsecond of a day in Paris, around the 31st of January.
BEFORE, FIRST = datetime(2026, 1, 30, 22, 59, 59, 999_999, UTC), datetime(2026, 1, 30, 23, tzinfo=UTC)
LAST, AFTER = datetime(2026, 1, 31, 22, 59, 59, 999_999, UTC), datetime(2026, 1, 31, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("op", "value", "found"),
    [
        ("eq", "2026-01-31", [FIRST, LAST]),
        ("ne", "2026-01-31", [BEFORE, AFTER]),
        ("in", ["2026-01-30", "2026-02-01"], [BEFORE, AFTER]),
        ("gt", "2026-01-31", [AFTER]),
        ("gte", "2026-01-31", [FIRST, LAST, AFTER]),
        ("lt", "2026-01-31", [BEFORE]),
        ("lte", "2026-01-31", [BEFORE, FIRST, LAST]),
        ("between", ["2026-01-31", "2026-01-31"], [FIRST, LAST]),
        ("between", ["2026-01-30", "2026-01-31"], [BEFORE, FIRST, LAST]),
        ("lte", "2026-01-30T23:00:00Z", [BEFORE, FIRST]),
        ("lt", "2026-01-31T00:00:00+01:00", [BEFORE]),
    ],
)
def test_a_date_is_a_whole_day_where_the_shop_is(op: str, value: Any, found: list[datetime]) -> None:
    with shop_in("Europe/Paris"):
        assert matching("registeredAt", op, value, [BEFORE, FIRST, LAST, AFTER]) == found


def test_an_instant_in_whole_seconds_is_its_second() -> None:
    shown, value = datetime(2026, 1, 1, 9, 30, 0, 400_000, UTC), "2026-01-01T09:30:00Z"
    for op, is_satisfied in {"eq": True, "ne": False, "gt": False, "gte": True, "lt": False, "lte": True}.items():
        assert matches(condition("registeredAt", op, value), registeredAt=shown) is is_satisfied
    exact = value.replace("00Z", "00.000000Z")
    for op, is_satisfied in {"eq": False, "ne": True, "gt": True, "gte": True, "lt": False, "lte": False}.items():
        assert matches(condition("registeredAt", op, exact), registeredAt=shown) is is_satisfied


# ---------------------------------------------------------------- What is built of conditions

YES, NO = condition("totalOrders", "gte", 1), condition("totalOrders", "gte", 2)


@pytest.mark.parametrize(
    ("criteria", "expected"),
    [
        ({"all": [YES]}, True),
        ({"all": [YES, NO]}, False),
        ({"any": [NO, YES]}, True),
        ({"any": [NO]}, False),
        ({"not": NO}, True),
        ({"not": {"all": [YES, {"any": [NO, {"not": NO}]}]}}, False),
    ],
)
def test_all_any_and_not(criteria: Any, expected: bool) -> None:
    assert matches(criteria, totalOrders=1) is expected


def test_not_turns_round_what_is_absent_too() -> None:
    assert matches({"not": condition("loyaltyTier", "eq", "gold")})
    assert not matches({"not": condition("loyaltyTier", "ne", "gold")})


def test_a_rule_says_what_it_asks_about() -> None:
    tags = [condition("tag", "in", ["a", "b"]), {"not": condition("tag", "eq", "c")}, condition("tag", "exists", True)]
    rule = compiled(checked({"any": [YES, {"all": [condition("country", "eq", "c"), *tags]}]}))
    assert [set(rule.fields), set(rule.tags)] == [{"totalOrders", "country", "tag"}, {"a", "b", "c"}]


def test_what_is_not_needed_for_the_answer_is_not_asked() -> None:
    """So a balance is read only where it decides."""
    cheap_first = [condition("loyaltyTier", "eq", "gold"), condition("pointsBalance", "gte", 100)]
    facts = {"loyaltyTier": "silver"}
    assert compiled(checked({"all": cheap_first})).matches(facts) is False
    assert compiled(checked({"any": [{"not": cheap_first[0]}, cheap_first[1]]})).matches(facts) is True


# ---------------------------------------------------------------- Anything, against a plain reading of it


# What the order of a fact and a value must be.
ORDERS = {"eq": {0}, "gt": {1}, "gte": {0, 1}, "lt": {-1}, "lte": {-1, 0}}


def holds(node: Any, facts: dict[str, Any], zone: ZoneInfo) -> bool:
    if "not" in node:
        return not holds(node["not"], facts, zone)
    for word, combine in (("all", all), ("any", any)):
        if word in node:
            return combine(holds(child, facts, zone) for child in node[word])
    field, op, value = node["field"], node["op"], node["value"]
    known = sorted(facts["tag"]) if field == "tag" else [fact for fact in [facts[field]] if fact is not None]
    orders = [[order(fact, one, zone) for one in listed(value)] for fact in known if op != "exists"]
    match op:
        case "exists":
            return bool(known) is value
        case "in":
            return any(0 in found for found in orders)
        case "ne" | "nin":
            return all(0 not in found for found in orders)
        case "between":
            return any(low >= 0 >= high for low, high in orders)
    return any(found in ORDERS[op] for (found,) in orders)


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def order(fact: Any, value: Any, zone: ZoneInfo) -> int:
    """-1, 0 or 1: the fact is less than what was asked for, the same, or more; as coarse as that was written."""
    this: Any
    that: Any
    if isinstance(fact, datetime):
        if len(value) == len("2026-01-31"):
            this, that = fact.astimezone(zone).date(), date.fromisoformat(value)
        else:
            this, that = fact if "." in value else fact.replace(microsecond=0), datetime.fromisoformat(value)
    elif isinstance(fact, bool | str):
        this, that = (str(one).casefold() for one in (fact, value))
    else:
        this, that = Fraction(fact), Fraction(value)
    return bool(this > that) - bool(this < that)


@pytest.mark.parametrize("time_zone", ["UTC", "America/New_York", "Asia/Kolkata"])
@hypothesis_settings(max_examples=300)
@given(trees(), st.lists(FACTS, min_size=1, max_size=5))
def test_a_rule_is_what_it_reads(time_zone: str, criteria: Any, customers: list[dict[str, Any]]) -> None:
    with shop_in(time_zone):
        try:
            kept = checked(criteria)
        except Invalid:
            reject()
        rule, read_back = compiled(kept), compiled(loads(dumps(kept)))
        for facts in customers:
            expected = holds(kept, facts, ZoneInfo(time_zone))
            assert rule.matches(facts) is expected
            assert read_back.matches(facts) is expected
