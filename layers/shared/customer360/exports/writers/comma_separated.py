"""CSV (RFC 4180: commas, CRLF, quotes where needed), which a spreadsheet opens and a program reads.

- UTF-8 with a byte order mark: without it Excel takes the file for the local code page and ruins every accent; programs
  that read `utf-8-sig` do not notice.
- Text that a spreadsheet would take for a formula gets an apostrophe in front of it; so does text that looks as if it
  had got one, so taking one away (`original`) always gives what was there. Also within text, where a cell would begin
  for a spreadsheet that parts them otherwise: Excel does at semicolons in much of Europe, and then takes no quotation
  mark within a line for one. Numbers are never touched.
- Numbers have a point and all their decimals, instants are as in the API, `true` and `false` are yes and no.
"""

import csv
import io
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from customer360.exact_json import dumps
from customer360.exports.document import Column, Cover, Document, Kind, Section, Table, value_at
from customer360.exports.writers.cells import Count, as_text, cover_answer, heading

# Also as full-width forms, which some spreadsheets take for the plain ones, and behind what some do not see.
_FORMULA = r"(?:\A'*[=+\-@\x00-\x1f\ufeff＝＋－＠]|(?<=[;\t\r\n])['\"]*[=+\-@＝＋－＠])"
_BEFORE_A_FORMULA = re.compile(rf"(?={_FORMULA})")
_BEFORE_NO_FORMULA = re.compile(rf"(?={_FORMULA})'")
_CAPITAL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")

# Whose table stands alone has no manifest beside it, so its rows say when it was made and by whom.
MADE = (Column("made.at", "Exported", Kind.INSTANT), Column("made.by", "Exported by"))


def write(document: Document, path: Path, progress: Callable[[int], None]) -> int:
    """Writes one table to a `.csv`; or to a `.zip` all of them, one file each, with a `manifest.json` that names them
    and the cover. Gives the number of rows. Raises ValueError for several tables in a `.csv`."""
    count = Count(progress)
    if path.suffix == ".csv":
        _write_alone(document, path, count)
    else:
        _write_archive(document, path, count)
    return count.rows


def neutralised(text: str) -> str:
    """The text as no spreadsheet takes it, or what it begins a cell with, for a formula."""
    return _BEFORE_A_FORMULA.sub("'", text)


def original(text: str) -> str:
    """What `neutralised` was given."""
    return _BEFORE_NO_FORMULA.sub("", text)


def _write_alone(document: Document, path: Path, count: Count) -> None:
    (table,) = (table for section in document.sections for table in section.tables)
    cover = document.cover
    made_by = f"{cover.made_by_name} ({cover.made_by_id}, {cover.made_by_role})"
    made = {"made": {"at": cover.made_at, "by": made_by}}
    with path.open("w", encoding="utf-8-sig", errors="replace", newline="") as file:
        rows = ({**row, **made} for row in count.through(table.rows))
        _write_table(file, (*table.columns, *MADE), rows, cover)


def _write_archive(document: Document, path: Path, count: Count) -> None:
    cover, files = document.cover, []
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for section in document.sections:
            if section.columns:
                name = _file_name(section)
                with _opened(archive, name, cover) as file:
                    _write_table(file, section.columns, [section.answer], cover)
                files.append({"name": name, "title": section.title, "rows": 1})
            for table in section.tables:
                name, before = _file_name(section, table), count.rows
                with _opened(archive, name, cover) as file:
                    _write_table(file, table.columns, count.through(table.rows), cover)
                files.append({"name": name, "title": table.title, "rows": count.rows - before})
        manifest = dumps({"export": cover_answer(cover), "files": files})
        archive.writestr(_entry("manifest.json", cover), manifest.encode(errors="replace"))


def _opened(archive: ZipFile, name: str, cover: Cover) -> io.TextIOWrapper:
    entry = archive.open(_entry(name, cover), "w", force_zip64=True)  # how large it gets is not known yet
    return io.TextIOWrapper(entry, encoding="utf-8-sig", errors="replace", newline="")


def _entry(name: str, cover: Cover) -> ZipInfo:
    """Dated as the export is, so that the same content is the same file."""
    entry = ZipInfo(name, datetime.fromisoformat(cover.made_at).timetuple()[:6])
    entry.compress_type = ZIP_DEFLATED
    return entry


def _file_name(section: Section, table: Table | None = None) -> str:
    """`orders.csv` for the table that gives the section its name, `orders-lines.csv` for one within it, and
    `orders-summary.csv` for the section's own values where the plain name is taken."""
    if table is None:
        is_taken = any(table.name == section.name for table in section.tables)
        parts = [section.name, "summary"] if is_taken else [section.name]
    else:
        own = table.name.split(".")
        parts = own if own[0] == section.name else [section.name, *own]
    return "-".join(_CAPITAL.sub("-", part).lower() for part in parts) + ".csv"


def _write_table(file: IO[str], columns: Sequence[Column], rows: Iterable[Mapping[str, Any]], cover: Cover) -> None:
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow([neutralised(heading(column, cover)) for column in columns])
    keys = [column.key for column in columns]
    writer.writerows([_cell(value_at(row, key)) for key in keys] for row in rows)


def _cell(value: Any) -> str:
    """A number is written as it is, whatever its sign; everything else is text."""
    return as_text(value) if isinstance(value, int | Decimal) else neutralised(as_text(value))
