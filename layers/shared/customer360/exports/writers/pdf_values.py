"""How a PDF shows a value: amounts with their currency's decimals, instants on the shop's clock."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from customer360.exports.document import Column, Kind, value_at
from customer360.exports.writers.pdf_fonts import printable
from customer360.money import unit_price

NOTHING = "–"
NUMERIC = frozenset({Kind.MONEY, Kind.WHOLE_NUMBER, Kind.YEAR, Kind.NUMBER, Kind.PERCENT})
# Their values are names for programs: `in_progress`, `bank_account`.
NAMED = frozenset({"status", "type"})
_SPACE = "\u00a0"  # keeps a number and what it is a number of on one line


class Values:
    """Shows values of a shop with that currency and time zone."""

    def __init__(self, currency: str, time_zone: str) -> None:
        self.currency = currency
        self.zone = ZoneInfo(time_zone)

    def shown(self, answer: Mapping[str, Any], column: Column) -> str:
        """The printable text of the column's value in an answer or a row; a dash if there is none."""
        value = value_at(answer, column.key)
        if value is None or value in ("", []):
            return NOTHING
        if column.kind is Kind.MONEY:
            beside = value_at(answer, column.currency) if column.currency else None
            return money(value, str(beside) if beside else self.currency)
        if column.key.rpartition(".")[2] in NAMED and isinstance(value, str):
            return printable(value.replace("_", " "))
        return self.text(value, column.kind)

    def text(self, value: Any, kind: Kind) -> str:
        """A value that is there, of any kind that needs nothing beside it."""
        match kind:
            case Kind.PERCENT:
                return f"{grouped(value)}{_SPACE}%"
            case Kind.INSTANT:
                return self.instant(value)
            case Kind.YEAR:
                return str(value)
            case Kind.DAY:
                return day(date.fromisoformat(value))
            case _:
                return words(value)

    def instant(self, text: str, *, with_offset: bool = False) -> str:
        """`24 Jun 2026, 22:22` on the shop's clock; with the distance from UTC if asked."""
        local = datetime.fromisoformat(text).astimezone(self.zone)
        offset = f"{local:%z}"
        beside = f" (UTC{offset[:3]}:{offset[3:5]})" if with_offset else ""
        return f"{day(local)}, {local:%H:%M}{beside}"

    def month(self, text: str) -> date:
        """The first day of the month, on the shop's clock, in which an instant is."""
        return datetime.fromisoformat(text).astimezone(self.zone).date().replace(day=1)


def is_in(answer: Mapping[str, Any], path: str) -> bool:
    """Whether an answer says something at a path, be it that there is nothing (null)."""
    within, _, name = path.rpartition(".")
    holder = value_at(answer, within) if within else answer
    return isinstance(holder, Mapping) and name in holder


def money(amount: Any, currency: str) -> str:
    """`EUR 1,234.50`: the code first, as ISO 4217 has it, because a sign may be that of several currencies."""
    return f"{currency}{_SPACE}{grouped(unit_price(Decimal(str(amount)), currency))}"


def grouped(number: Any) -> str:
    """`1,234.5`, with as many decimals as it has and a minus sign as long as a plus."""
    return f"{Decimal(str(number)):,f}".replace("-", "−")


def counted(number: int, thing: str) -> str:
    """`1 order`, `2,000 orders`."""
    return f"{grouped(number)} {thing}{'' if number == 1 else 's'}"


def day(when: date) -> str:
    """`24 Jun 2026`: no country reads it as another day."""
    return f"{when.day}{_SPACE}{MONTHS[when.month - 1]}{_SPACE}{when.year}"


def words(value: Any) -> str:
    """Any other value as printable text: what a list holds is joined by commas, an object's values are named."""
    if value is None:
        return NOTHING
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, Mapping):
        return ", ".join(f"{printable(str(name))}: {_within(one)}" for name, one in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(_within, value))
    return grouped(value) if isinstance(value, int | float | Decimal) else printable(str(value))


def _within(value: Any) -> str:
    """As a part of another value: if it has parts itself, in brackets, or nobody could tell whose they are."""
    is_whole = not isinstance(value, Mapping | list | tuple)
    return words(value) if is_whole else f"({words(value)})" if value else NOTHING


MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
