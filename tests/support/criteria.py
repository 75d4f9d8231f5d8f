"""Criteria of automatic segments and facts to ask them of: what there is to choose from, written down once more."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from customer360.settings import settings

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


@contextmanager
def shop_in(time_zone: str) -> Iterator[None]:
    """With the shop in another time zone."""
    before = os.environ["SHOP_TIME_ZONE"]
    os.environ["SHOP_TIME_ZONE"] = time_zone
    settings.cache_clear()
    try:
        yield
    finally:
        os.environ["SHOP_TIME_ZONE"] = before
        settings.cache_clear()


def _value(field: str, op: str) -> st.SearchStrategy[Any]:
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


CONDITIONS: st.SearchStrategy[Any] = st.sampled_from(sorted(VALUES)).flatmap(
    lambda field: st.sampled_from(ops_of(field)).flatmap(
        lambda op: st.builds(condition, st.just(field), st.just(op), _value(field, op))
    )
)


def trees(conditions: st.SearchStrategy[Any] = CONDITIONS, depth: int = 4) -> st.SearchStrategy[Any]:
    """Conditions, nested up to so deep."""
    if not depth:
        return conditions
    inner = trees(conditions, depth - 1)
    several = st.lists(inner, min_size=1, max_size=3)
    return (
        conditions
        | st.fixed_dictionaries({"not": inner})
        | st.fixed_dictionaries({"all": several})
        | st.fixed_dictionaries({"any": several})
    )


# Near one another and the values above, so that facts hit the bounds that are asked for.
_INSTANTS = st.builds(
    lambda at, days, seconds, microseconds: at + timedelta(days=days, seconds=seconds, microseconds=microseconds),
    st.sampled_from([datetime(2026, 1, 1, hour, tzinfo=UTC) for hour in (0, 5, 7, 23)]),
    st.integers(-2, 1),
    st.sampled_from([0, 1, -1, 1800, 27_000]),
    st.sampled_from([0, 1, -1, 123_456, 999_999]),
)
_FACTS: dict[str, st.SearchStrategy[Any]] = {
    **dict.fromkeys(NUMBERS, st.sampled_from([-3, 0, 1, Decimal("0.50"), Decimal(0), 10**18]) | st.integers(-5, 5)),
    **dict.fromkeys(BOOLEANS, st.booleans()),
    **{name: st.sampled_from(words) for name, words in WORDS.items()},
    "country": st.sampled_from(["France", "FRANCE", "öSTERREICH", "Frankreich", "Straße", "X" * 100]),
    "registeredAt": _INSTANTS,
}
# Every fact of a customer, many of them absent; `tag` is a set, and never is.
FACTS: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {name: st.none() | fact for name, fact in _FACTS.items()}
    | {"tag": st.frozensets(st.sampled_from([*VALUES["tag"][0], "tag-2"]))}
)
