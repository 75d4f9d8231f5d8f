"""What all tables say in the same way: headings, values as text, and the facts of the cover. Pure."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from customer360.exact_json import dumps
from customer360.exports.document import Column, Cover, Kind, value_at

# How often a writer says how far it has come.
TOLD_EVERY = 500


class Count:
    """Counts the rows of a file while they are written, and tells `progress` now and then."""

    def __init__(self, progress: Callable[[int], None]) -> None:
        self.rows = 0
        self._progress = progress

    def through(self, rows: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
        for row in rows:
            yield row
            self.rows += 1
            if self.rows % TOLD_EVERY == 0:
                self._progress(self.rows)


def heading(column: Column, cover: Cover) -> str:
    """The title, with what its values are in unless the row says so."""
    if column.kind is Kind.INSTANT:
        return f"{column.title} (UTC)"
    if column.kind is Kind.MONEY and column.currency is None:
        return f"{column.title} ({cover.currency})"
    return column.title


def currency_at(row: Mapping[str, Any], column: Column, cover: Cover) -> str:
    """The currency of an amount: the one beside it, or else the shop's."""
    beside = value_at(row, column.currency) if column.currency else None
    return cover.currency if beside is None else str(beside)


def as_text(value: Any) -> str:
    """Numbers with all their decimals, lists as lines, what has an inner structure as JSON; nothing for None."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, list) and not any(isinstance(each, list | dict) for each in value):
        return "\n".join(map(as_text, value))
    return dumps(value) if isinstance(value, list | Mapping) else str(value)


def cover_facts(cover: Cover) -> list[tuple[str, Any]]:
    """What the cover says, line by line."""
    version = [] if cover.version is None else [("Version of the customer", cover.version)]
    return [
        ("Export", cover.title),
        ("Of", cover.subject),
        ("Made at (UTC)", cover.made_at),
        ("Made by", cover.made_by_name),
        ("Made by, id", cover.made_by_id),
        ("Made by, role", cover.made_by_role),
        ("Export id", cover.export_id),
        *version,
        ("Currency of the shop", cover.currency),
        ("Time zone of the shop", cover.time_zone),
        *((f"Limited to: {name}", as_text(value)) for name, value in cover.filters.items()),
    ]


def cover_answer(cover: Cover) -> dict[str, Any]:
    """The cover as JSON values, named as answers name them."""
    return {
        "id": cover.export_id,
        "title": cover.title,
        "subject": cover.subject,
        "madeAt": cover.made_at,
        "madeBy": {"id": cover.made_by_id, "name": cover.made_by_name, "role": cover.made_by_role},
        "currency": cover.currency,
        "timeZone": cover.time_zone,
        "filters": dict(cover.filters),
    } | ({} if cover.version is None else {"version": cover.version})
