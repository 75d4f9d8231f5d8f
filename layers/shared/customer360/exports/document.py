"""What an export says, whatever file it becomes: sections of facts and tables, as the API would answer them.

Pure. The values are those of the API's answers (`api.schema.rendered`): masked for the role that asked, money as exact
Decimals, instants as `YYYY-MM-DDTHH:MM:SSZ`. The columns only say how a person is to see them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What a value is, which decides how a file shows it. Money without a currency beside it is the shop's."""

    TEXT = "text"
    INSTANT = "instant"
    DAY = "day"
    MONEY = "money"
    WHOLE_NUMBER = "whole number"
    YEAR = "year"
    NUMBER = "number"
    PERCENT = "percent"
    YES_NO = "yes or no"


@dataclass(frozen=True, slots=True)
class Column:
    """Where a value is (`optIns.email` is a path), what people call it, and what it is. `currency` is the path of the
    currency beside an amount."""

    key: str
    title: str
    kind: Kind = Kind.TEXT
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A list of a section. Its rows can be gone through once, and need not fit into memory.

    A name with a dot is a path: the table is a list within the rows of an earlier table (`orders.lines`), which must be
    gone through first and whose rows hold it too, or within the section's own values (`totalRefunded.otherCurrencies`).
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: Iterable[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Section:
    """One of the page's: its own values (`answer`, without the lists that are its tables) and the columns that show
    them, then its tables."""

    name: str
    title: str
    columns: tuple[Column, ...]
    answer: Mapping[str, Any]
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True, slots=True)
class Cover:
    """Who made it when, of what: what stands on every file. `version` is the customer's at `made_at`; `filters` are
    what the content was limited to, by the names of the request."""

    title: str
    subject: str
    export_id: str
    made_at: str
    made_by_id: str
    made_by_name: str
    made_by_role: str
    currency: str
    time_zone: str
    filters: Mapping[str, Any]
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A cover and the sections, in order; they are made while they are read."""

    cover: Cover
    sections: Iterable[Section]


def value_at(answer: Mapping[str, Any], path: str) -> Any:
    """The value at a path of names joined by dots; None if there is none."""
    value: Any = answer
    for name in path.split("."):
        if not isinstance(value, Mapping):
            return None
        value = value.get(name)
    return value
