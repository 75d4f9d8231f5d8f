"""XLSX: a sheet for each section and each table, its cells typed, so that they can be sorted, filtered and summed.

Excel has no time zones: instants are UTC, and the headings say so. It keeps fifteen digits of a number: one with more
is written as text, whole. What a cell cannot hold is marked as cut, and rows beyond the last of a sheet go on on
another. Text is never a formula. Rows are written as they are read, so there may be any number of them.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import chain, islice
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from customer360.exports.document import Column, Cover, Document, Kind, Section, Table, value_at
from customer360.exports.writers.cells import Count, as_text, cover_facts, currency_at, heading
from customer360.money import EXACT, minor_units

MOST_ROWS = 1_048_576
MOST_CHARACTERS = 32_767
MOST_DIGITS = 15
LONGEST_NAME = 31
FIRST_YEAR = 1901

CUT = "… [cut: longer than a cell]"

_NO_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LINE_END = re.compile(r"\r\n?")
# Excel reads `_x0041_` as the character of that number, and its first underscore written so as an underscore.
_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_NO_NAME = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_NO_ENDS = re.compile(r"^[\s']+|[\s']+$")
# What openpyxl would not write as the text that it is.
_NO_PLAIN_TEXT = ("=", "#")

_WIDTHS = {
    Kind.TEXT: 24,
    Kind.INSTANT: 20,
    Kind.DAY: 12,
    Kind.MONEY: 14,
    Kind.WHOLE_NUMBER: 10,
    Kind.YEAR: 10,
    Kind.NUMBER: 10,
    Kind.PERCENT: 10,
    Kind.YES_NO: 8,
}
_INSTANT_FORMAT = "yyyy-mm-dd hh:mm:ss"
_DAY_FORMAT = "yyyy-mm-dd"

Row = Mapping[str, Any]


def write(document: Document, path: Path, progress: Callable[[int], None]) -> int:
    """Writes the file and gives the number of rows in its tables."""
    count = Count(progress)
    file = _File(document.cover)
    for section in document.sections:
        if section.columns:
            file.add_values(section)
        for table in section.tables:
            file.add_table(table, count)
    file.save(path)
    return count.rows


def sheet_name(title: str, taken: set[str]) -> str:
    """A name that Excel allows and no sheet has yet, upper and lower case being one; it is `taken` from now on."""
    plain = _NO_ENDS.sub("", _NO_NAME.sub(" ", clean(title))) or "Sheet"
    number, name = 1, plain[:LONGEST_NAME].rstrip(" '")
    while name.lower() in taken or name.lower() == "history":  # which Excel keeps for itself
        number += 1
        mark = f" ({number})"
        name = plain[: LONGEST_NAME - len(mark)].rstrip(" '") + mark
    taken.add(name.lower())
    return name


def clean(text: str) -> str:
    """The text as a cell can hold it: without what XML has no form for, with line ends as Excel has them, and cut."""
    text = _ESCAPE.sub("_x005F_", _LINE_END.sub("\n", _NO_XML.sub("", text)))
    if len(text) * 2 <= MOST_CHARACTERS or _length(text) <= MOST_CHARACTERS:
        return text
    kept = text.encode("utf-16-le")[: 2 * (MOST_CHARACTERS - len(CUT))].decode("utf-16-le", errors="ignore")
    return kept + CUT


def _length(text: str) -> int:
    """As Excel counts: a character beyond the first 65,536 is two."""
    return len(text.encode("utf-16-le")) // 2


class _File:
    """A workbook whose first sheet is the cover."""

    def __init__(self, cover: Cover) -> None:
        self._cover = cover
        self._names: set[str] = set()
        self._workbook = Workbook(write_only=True)
        properties = self._workbook.properties
        properties.title, properties.creator = clean(cover.title), clean(cover.made_by_name)
        properties.created = properties.modified = _as_excel_has_it(cover.made_at)
        sheet = self._sheet("About this export", ("What", "Value"), (28, 60))
        for fact, value in cover_facts(cover):
            sheet.append([sheet.text(0, fact), sheet.text(1, as_text(value))])
        sheet.end()

    def add_values(self, section: Section) -> None:
        """A section's own values, one below the other."""
        is_taken = any(table.title == section.title for table in section.tables)
        title = f"{section.title}, summary" if is_taken else section.title
        sheet = self._sheet(title, ("What", "Value"), (36, 48))
        for column in section.columns:
            sheet.append([sheet.text(0, heading(column, self._cover)), sheet.cell(1, column, section.answer)])
        sheet.end()

    def add_table(self, table: Table, count: Count) -> None:
        """Its rows; those beyond a sheet's last are on the next, under the same head."""
        headings = [heading(column, self._cover) for column in table.columns]
        widths = [
            max(_WIDTHS[column.kind], min(len(text) + 4, 40))
            for column, text in zip(table.columns, headings, strict=True)
        ]
        rows, first = iter(count.through(table.rows)), None
        is_whole = False
        while not is_whole:
            sheet = self._sheet(table.title, headings, widths)
            for row in islice(rows if first is None else chain([first], rows), MOST_ROWS - 1):
                sheet.append([sheet.cell(position, column, row) for position, column in enumerate(table.columns)])
            sheet.end()
            first = next(rows, None)
            is_whole = first is None

    def save(self, path: Path) -> None:
        self._workbook.save(path)

    def _sheet(self, title: str, headings: Sequence[str], widths: Sequence[float]) -> "_Sheet":
        return _Sheet(self._workbook.create_sheet(sheet_name(title, self._names)), self._cover, headings, widths)


class _Sheet:
    """A sheet whose first row is its head.

    A cell with a format is made once for its column and filled again for each row, which is written at once: to make
    one for each value takes several times longer.
    """

    def __init__(self, sheet: Any, cover: Cover, headings: Sequence[str], widths: Sequence[float]) -> None:
        self._sheet = sheet
        self._cover = cover
        self._cells: dict[tuple[int, str, bool], Any] = {}
        self._rows = 0
        sheet.freeze_panes = "A2"
        for position, width in enumerate(widths, start=1):
            sheet.column_dimensions[get_column_letter(position)].width = width
        self._width = len(headings)
        self.append([self._head(text) for text in headings])

    def append(self, cells: Sequence[Any]) -> None:
        self._sheet.append(cells)
        self._rows += 1

    def end(self) -> None:
        """After the last row: makes all of them filterable."""
        self._sheet.auto_filter.ref = f"A1:{get_column_letter(self._width)}{self._rows}"

    def cell(self, position: int, column: Column, row: Row) -> Any:
        """The value of a column in a row, as Excel has that kind of value."""
        value = value_at(row, column.key)
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, int | Decimal):
            return self._number(position, column, value, row)
        if column.kind is Kind.INSTANT:
            return self._date(position, _INSTANT_FORMAT, value, _as_excel_has_it(value))
        if column.kind is Kind.DAY:
            return self._date(position, _DAY_FORMAT, value, date.fromisoformat(value))
        return self.text(position, as_text(value))

    def text(self, position: int, text: str) -> Any:
        """Text and nothing else, whatever it looks like."""
        text = clean(text)
        has_lines = "\n" in text
        if not has_lines and not text.startswith(_NO_PLAIN_TEXT):
            return text
        cell = self._formatted(position, "General", text, has_lines=has_lines)
        cell.data_type = "s"
        return cell

    def _number(self, position: int, column: Column, value: int | Decimal, row: Row) -> Any:
        number = Decimal(value)
        if not _is_exact_in_excel(number):
            return self.text(position, as_text(value))
        decimals = max(0, -int(number.as_tuple().exponent))
        if column.kind is Kind.MONEY:
            decimals = max(decimals, minor_units(currency_at(row, column, self._cover)))
            return self._formatted(position, _with_decimals("#,##0", decimals), number)
        if column.kind is Kind.PERCENT:
            return self._formatted(position, _with_decimals("0", decimals) + "%", number / 100)
        return value

    def _date(self, position: int, number_format: str, text: str, value: date) -> Any:
        """Text, if it lies before Excel's calendar."""
        return (
            self._formatted(position, number_format, value) if value.year >= FIRST_YEAR else self.text(position, text)
        )

    def _formatted(self, position: int, number_format: str, value: Any, *, has_lines: bool = False) -> Any:
        cell = self._cells.get((position, number_format, has_lines))
        if cell is None:
            cell = self._cells[position, number_format, has_lines] = WriteOnlyCell(self._sheet)
            cell.number_format = number_format
            if has_lines:  # which Excel would else show as one
                cell.alignment = Alignment(vertical="top", wrap_text=True)
        cell.value = value
        return cell

    def _head(self, text: str) -> Any:
        cell = WriteOnlyCell(self._sheet, clean(text))
        cell.data_type = "s"
        cell.font = Font(bold=True)
        cell.alignment = Alignment(vertical="top", wrap_text=True)
        return cell


def _with_decimals(number_format: str, decimals: int) -> str:
    return f"{number_format}.{'0' * decimals}" if decimals else number_format


def _is_exact_in_excel(number: Decimal) -> bool:
    digits = number.as_tuple().digits
    return len(digits) <= MOST_DIGITS or len(number.normalize(EXACT).as_tuple().digits) <= MOST_DIGITS


def _as_excel_has_it(text: str) -> datetime:
    """An instant without a zone, in UTC."""
    return datetime.fromisoformat(text).astimezone(UTC).replace(tzinfo=None)
