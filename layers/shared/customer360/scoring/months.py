"""How what the scores need of the history is kept: by calendar day (shop's time zone), a month an item.

An entry of `SIGNALS#<yyyy-mm>` is `<kind>:<dd>` or `<kind>:<dd>:<detail>`. Written by the records, read by
`scoring.signals` and `scoring.buyers`, and named nowhere else.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Literal, NamedTuple, Self, cast

from customer360.storage.keys import SIGNALS

Kind = Literal["purchases", "spend", "opens", "clicks", "sessions", "tickets"]
Months = Mapping[str, Mapping[str, Decimal]]  # the entries of each month, by its sort key

ONE = Decimal(1)
IS_OPEN, IS_RESOLVED = "open", "resolved"


class Signal(NamedTuple):
    """So many of a kind on one day; of `spend`, so much money in the shop's currency. `detail` is empty but for
    tickets (`TicketState`)."""

    day: date
    kind: Kind
    number: Decimal = ONE
    detail: str = ""


class TicketState(NamedTuple):
    """The detail of a ticket: one that is not open was resolved on `resolved_on`, None if that is not known."""

    priority: str
    is_open: bool
    resolved_on: date | None = None

    @classmethod
    def of(cls, detail: str) -> Self:
        """The reverse of `detail`."""
        priority, state, *days = detail.split(":")
        return cls(priority, state == IS_OPEN, date.fromisoformat(days[0]) if days else None)

    @property
    def detail(self) -> str:
        """`<priority>:open`, or `<priority>:resolved:<yyyy-mm-dd>`, without the day where it is not known."""
        day = f":{self.resolved_on.isoformat()}" if self.resolved_on and not self.is_open else ""
        return f"{self.priority}:{IS_OPEN if self.is_open else IS_RESOLVED}{day}"


def month_key(day: date) -> str:
    """The sort key of the item that keeps the day's month; these sort by time."""
    return SIGNALS + day.isoformat()[:7]


def by_month(*signals: Signal) -> dict[str, dict[str, Decimal]]:
    """What a record adds to its months' items. Of one day, kind and detail there is at most one signal."""
    months: dict[str, dict[str, Decimal]] = {}
    for day, kind, number, detail in signals:
        name = f"{kind}:{day.isoformat()[8:]}" + (f":{detail}" if detail else "")
        months.setdefault(month_key(day), {})[name] = number
    return months


def signals_in(months: Months) -> Iterator[Signal]:
    """Every signal kept, in no order: the reverse of `by_month`."""
    for key, entries in months.items():
        year, month = map(int, key.removeprefix(SIGNALS).split("-"))
        for name, number in entries.items():
            kind, day, *detail = name.split(":", 2)
            yield Signal(date(year, month, int(day)), cast("Kind", kind), number, *detail)
