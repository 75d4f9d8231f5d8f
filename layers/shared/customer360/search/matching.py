"""Which customers a search finds, decided on rows one by one, wherever they come from. Pure."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from customer360.instants import sortable
from customer360.search.query import SearchQuery
from customer360.search.row import END, THEN, Row, number_key
from customer360.search.words import Run, Token, Wanted, is_typo_of

# How a customer was found, where it is not by what they are now.
Match = Literal["exact", "former", "typo"]
Predicate = Callable[[Row], bool]

# From the best to the least.
_RANKS: tuple[Match, ...] = ("exact", "former", "typo")


@dataclass(frozen=True, slots=True)
class Text:
    """A search text as one caller may use it. `holders`: who has an order with each of the numbers in it.

    With `sees_contact` False, e-mails and phones find nobody. With `takes_typos`, a name's word may be one edit away.
    """

    wanted: Wanted
    holders: Mapping[str, frozenset[str]]
    sees_contact: bool
    takes_typos: bool = False

    def match(self, row: Row) -> Match | None:
        """The best way in which the row is found; None if it is not."""
        if self._has_order(row, self.wanted.number):
            return "exact"
        return _least(self._run(row, run) for run in self.wanted.runs)

    def _run(self, row: Row, run: Run) -> Match | None:
        return _best([self._phone(row, run.digits), _least(self._token(row, token) for token in run.tokens)])

    def _token(self, row: Row, token: Token) -> Match | None:
        if self._has_order(row, token.number):
            return "exact"
        return _best([self._phone(row, token.digits), _least(self._word(row, word) for word in token.words)])

    def _word(self, row: Row, word: str) -> Match | None:
        if _begins(word, row.name_words):
            return "exact"
        if self.sees_contact and _begins(word, row.contacts.words):
            return "exact"
        if self.sees_contact and _begins(word, row.former_contacts.words):
            return "former"
        is_typo = self.takes_typos and any(is_typo_of(word, known) for known in row.name_words)
        return "typo" if is_typo else None

    def _phone(self, row: Row, digits: str) -> Match | None:
        if not digits or not self.sees_contact:
            return None
        if any(phone.endswith(digits) for phone in row.contacts.phones):
            return "exact"
        return "former" if any(phone.endswith(digits) for phone in row.former_contacts.phones) else None

    def _has_order(self, row: Row, number: str) -> bool:
        return row.id in self.holders.get(number, frozenset())


def _begins(word: str, words: Iterable[str]) -> bool:
    return any(known.startswith(word) for known in words)


def _best(matches: Iterable[Match | None]) -> Match | None:
    """That of alternatives."""
    return min((match for match in matches if match), key=_RANKS.index, default=None)


def _least(matches: Iterable[Match | None]) -> Match | None:
    """That of what must all be found; nothing at all is not found."""
    every = list(matches)
    found = [match for match in every if match]
    return max(found, key=_RANKS.index, default=None) if len(found) == len(every) else None


@dataclass(frozen=True, slots=True)
class Range:
    """The sort keys of a column between two values, both inclusive; None for no bound."""

    column: str
    low: str | None = None
    high: str | None = None

    @property
    def first_key(self) -> str:
        return self.low or THEN

    @property
    def last_key(self) -> str:
        return f"{self.high}{END}" if self.high is not None else "\U0010ffff"

    def holds(self, key: str) -> bool:
        return self.first_key <= key <= self.last_key


def ranges_of(query: SearchQuery) -> dict[str, Range]:
    """What the query asks of a column that is sorted by, by column."""
    ranges = {
        "registeredAt": _instants("registeredAt", *query.registered),
        "lastPurchaseAt": _instants("lastPurchaseAt", *query.last_purchased),
        "lifetimeValue": _numbers("lifetimeValue", query.clv_min, query.clv_max),
        "totalOrders": _numbers("totalOrders", query.order_count_min, query.order_count_max),
        "healthScore": _numbers("healthScore", query.health_min, query.health_max),
    }
    return {column: found for column, found in ranges.items() if found}


def _instants(column: str, first: datetime | None, last: datetime | None) -> Range | None:
    if not first and not last:
        return None
    # Without a first instant: from the first there is, so that who never bought is not in it.
    return Range(column, sortable(first) if first else "0", sortable(last) if last else None)


def _numbers(column: str, low: Any, high: Any) -> Range | None:
    if low is None and high is None:
        return None
    return Range(column, number_key(low) if low is not None else None, number_key(high) if high is not None else None)


@dataclass(frozen=True, slots=True)
class Assigned:
    """The tags, and the memberships of segments that can be seen, which a customer must all have."""

    tags: frozenset[str] = frozenset()
    memberships: frozenset[str] = frozenset()


def predicates_of(query: SearchQuery, assigned: Assigned) -> list[Predicate]:
    """What a row must meet besides the text and the ranges."""
    predicates: list[Predicate] = []
    equal = {
        "loyalty_tier": query.tier,
        "churn_level": query.churn_level,
        "health_level": query.health_level,
        "account_status": query.account_status,
        "email_opt_in": query.email_opt_in,
    }
    for name, value in equal.items():
        if value is not None:
            predicates.append(_equals(name, value))
    if assigned.tags:
        predicates.append(lambda row: assigned.tags.issubset(row.tags))
    if assigned.memberships:
        predicates.append(lambda row: assigned.memberships.issubset(row.segments))
    return predicates


def _equals(name: str, value: Any) -> Predicate:
    return lambda row: bool(getattr(row, name) == value)
