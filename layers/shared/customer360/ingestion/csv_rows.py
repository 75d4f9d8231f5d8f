"""CSV rows as source events: `csv/<type>/….csv`, RFC 4180, UTF-8, the header naming the event's fields.

Columns are `customerId`, optionally `eventId` and `occurredAt`, and the fields of the event's `data`; a field of a
field with a dot (`optIns.email`), a list as JSON (`lines`). An empty cell is an absent optional. Without `eventId` one
is made of the row's content, so that importing the same row again changes nothing; without `occurredAt` it is the
record's own time.
"""

import csv
import io
import re
from collections.abc import Sequence
from decimal import Decimal
from hashlib import sha256
from types import UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel

from customer360.exact_json import loads
from customer360.ingestion.events import RECORDS

ENVELOPE = ("eventId", "customerId", "occurredAt")
_TIMES = ("updatedAt", "at", "startedAt")


class BadHeader(Exception):
    """The header cannot be used; the text says why and is safe to show."""


class CsvReader:
    """Turns the rows of one file into events of one type."""

    def __init__(self, event_type: str, header: str) -> None:
        if event_type not in RECORDS:
            raise BadHeader(f"the folder {event_type!r} is no event type; one of {', '.join(RECORDS)}")
        self.event_type = event_type
        self.columns = [column.strip() for column in parse_row(header)]
        self._kinds = _column_kinds(RECORDS[event_type])
        self._check()

    def _check(self) -> None:
        # Only names we know are quoted: a file without a header has somebody's data in its first line.
        known = [*ENVELOPE, *self._kinds]
        repeated = [name for name in known if self.columns.count(name) > 1]
        if repeated:
            raise BadHeader(f"the header repeats {', '.join(repeated)}")
        required = {"customerId", *_required_columns(RECORDS[self.event_type])}
        missing = sorted(name for name in required if not any(_covers(column, name) for column in self.columns))
        if missing:
            raise BadHeader(f"the header lacks {', '.join(missing)}")

    def event(self, row: str) -> dict[str, Any]:
        """The event of one row. Raises ValueError if the row does not have the header's columns."""
        cells = parse_row(row)
        if len(cells) != len(self.columns):
            raise ValueError(f"has {len(cells)} columns where the header has {len(self.columns)}")
        event: dict[str, Any] = {}
        data: dict[str, Any] = {}
        for column, cell in zip(self.columns, cells, strict=True):
            if cell == "":
                continue
            if column in ENVELOPE:
                event[column] = cell
            elif column in self._kinds:
                _place(data, column, _value(cell, self._kinds[column]))
        times = [data[name] for name in _TIMES if name in data]
        event.setdefault("occurredAt", times[0] if times else None)
        digest = sha256("\n".join([self.event_type, *self.columns, *cells]).encode()).hexdigest()
        event.setdefault("eventId", f"csv-{digest[:48]}")
        return {"type": self.event_type, **event, "data": data}

    def customer_of(self, row: str) -> str | None:
        """Whose row it is that is no event. Of one with too many cells, as by a comma that is not quoted, it is known
        if nothing stands before `customerId` that may hold a comma; of one with too few, which may be what follows a
        line end that is not quoted, never."""
        try:
            cells, position = parse_row(row), self.columns.index("customerId")
        except ValueError:
            return None
        surplus = len(cells) - len(self.columns)
        is_known = surplus == 0 or (surplus > 0 and set(self.columns[:position]) <= set(ENVELOPE))
        return cells[position] if is_known else None


def parse_row(text: str) -> Sequence[str]:
    """The cells of one record, which may span lines inside quotes."""
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise ValueError(f"is not CSV: {error}") from None
    if len(rows) != 1:
        raise ValueError("is not one CSV record")
    return rows[0]


def ends_inside_quotes(line: bytes, begins_inside: bool) -> bool:
    """Whether the record goes on behind this line. A quote within an unquoted cell is a character like any other."""
    return _OPEN_QUOTE.fullmatch(b'"' + line if begins_inside else line) is not None


# Cells (quoted, or not beginning with a quote) and then a quoted one that is not closed.
_OPEN_QUOTE = re.compile(rb'(?:(?:"(?:[^"]|"")*"|(?!")[^,\r\n]*+)[,\r\n]+)*+"(?:[^"]|"")*+')


def _column_kinds(model: type[BaseModel], prefix: str = "") -> dict[str, bool]:
    """Every column a type allows, and whether its cells are JSON (numbers, true and false, lists) or plain text."""
    kinds: dict[str, bool] = {}
    for field in model.model_fields.values():
        name, types = f"{prefix}{field.alias}", _types(field.annotation)
        kinds[name] = str not in types
        for nested in types:
            if isinstance(nested, type) and issubclass(nested, BaseModel):
                kinds |= _column_kinds(nested, f"{name}.")
                kinds[name] = True
    return kinds


def _types(annotation: Any) -> list[Any]:
    if get_origin(annotation) in {Union, UnionType}:
        return [kind for part in get_args(annotation) for kind in _types(part)]
    if hasattr(annotation, "__metadata__"):
        return _types(annotation.__origin__)
    if annotation in {Decimal, int, bool} or get_origin(annotation) is list:
        return [annotation]
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [] if annotation is type(None) else [str]


def _required_columns(model: type[BaseModel]) -> list[str]:
    return [str(field.alias) for field in model.model_fields.values() if field.is_required()]


def _covers(column: str, required: str) -> bool:
    return column == required or column.startswith(f"{required}.")


def _value(cell: str, is_json: bool) -> Any:
    """The cell's value; what is not the JSON it should be stays text, which validation then refuses by name."""
    if not is_json:
        return cell
    try:
        return loads(cell.lower() if cell.lower() in {"true", "false"} else cell)
    except ValueError:
        return cell


def _place(data: dict[str, Any], column: str, value: Any) -> None:
    *path, last = column.split(".")
    for name in path:
        data = data.setdefault(name, {})
        if not isinstance(data, dict):
            raise ValueError(f"has both {name} and {column}")
    data[last] = value
