"""What the criteria of a segment mean: compiled once, asked of the facts of many customers.

- A fact that is absent (a customer who never bought has no `daysSinceLastPurchase`, one not enrolled no `loyaltyTier`)
  satisfies `exists: false`, `ne` and `nin`, and nothing else.
- Numbers are compared exactly. `between` takes in both its ends.
- An instant in the criteria stands for a period: a date for its whole day in the shop's time zone, an instant in whole
  seconds for its second (`instants.period`). `eq` is within it, `lt` before it, `gt` after it, `lte` not after it,
  `gte` not before it; `between` is from the beginning of the one to the end of the other.
- `country` is compared ignoring case.
- Of the `tag`s a customer has, `eq` asks whether one is among them and `ne` whether it is not, `in` for any of several
  and `nin` for none of them, and `exists` for any at all.
- `not` turns an answer round: whoever lacks a fact is in `not eq` as in `ne`.
"""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from customer360.segments.criteria import Criteria, conditions_in, tags_in
from customer360.shop_time import meant

Fact = Decimal | int | str | datetime | frozenset[str] | None
# By the names of `criteria.FIELDS`; `tag` holds the ids of all tags the customer has.
Facts = Mapping[str, Fact]

Test = Callable[[Facts], bool]
Holds = Callable[[Any], bool]

ORDER: Mapping[str, Callable[[Any, Any], bool]] = {
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
}
OF_THE_END = frozenset({"gt", "lte"})  # the others are asked of the beginning of a period


@dataclass(frozen=True, slots=True)
class Rule:
    """Compiled criteria. `fields` are those they ask about, `tags` the ids they refer to."""

    matches: Test
    fields: frozenset[str]
    tags: frozenset[str]


def compiled(criteria: Criteria) -> Rule:
    """Of criteria as `criteria.checked` gives them."""
    return Rule(
        matches=_test(criteria),
        fields=frozenset(condition["field"] for _, condition in conditions_in(criteria)),
        tags=frozenset(tag_id for _, tag_id in tags_in(criteria)),
    )


def _test(node: Criteria) -> Test:
    if "field" in node:
        return _condition(node["field"], node["op"], node["value"])
    ((word, inner),) = node.items()
    if word == "not":
        return _turned(_test(inner))
    tests = [_test(child) for child in inner]
    return _all(tests) if word == "all" else _any(tests)


def _all(tests: list[Test]) -> Test:
    def matches(facts: Facts) -> bool:
        for test in tests:  # noqa: SIM110  all() of a generator takes twice as long
            if not test(facts):
                return False
        return True

    return matches


def _any(tests: list[Test]) -> Test:
    def matches(facts: Facts) -> bool:
        for test in tests:  # noqa: SIM110  as above
            if test(facts):
                return True
        return False

    return matches


def _turned(test: Test) -> Test:
    return lambda facts: not test(facts)


def _condition(field: str, op: str, value: Any) -> Test:
    values = value if isinstance(value, list) else [value]
    match op:
        case "exists":
            return _existence(field, is_wanted=value)
        case "eq" | "in":
            return _present(field, _among(field, values))
        case "ne" | "nin":
            return _turned(_present(field, _among(field, values)))
        case "between":
            return _all([_condition(field, "gte", values[0]), _condition(field, "lte", values[1])])
    return _present(field, _ordered(field, op, value))


def _existence(field: str, *, is_wanted: bool) -> Test:
    if field == "tag":
        return lambda facts: bool(facts["tag"]) is is_wanted
    return lambda facts: (facts[field] is not None) is is_wanted


def _present(field: str, holds: Holds) -> Test:
    def matches(facts: Facts) -> bool:
        fact = facts[field]
        return fact is not None and holds(fact)

    return matches


def _among(field: str, values: list[Any]) -> Holds:
    match field:
        case "tag":
            wanted = frozenset(values)
            return lambda tags: not wanted.isdisjoint(tags)
        case "registeredAt":
            periods = [meant(value) for value in values]
            return lambda at: any(first <= at <= last for first, last in periods)
        case "country":
            countries = frozenset(value.casefold() for value in values)
            return lambda country: country.casefold() in countries
    return frozenset(values).__contains__


def _ordered(field: str, op: str, value: Any) -> Holds:
    compare = ORDER[op]
    bound = meant(value)[op in OF_THE_END] if field == "registeredAt" else Decimal(value)
    return lambda fact: compare(fact, bound)
