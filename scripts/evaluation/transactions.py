"""Reads a file of transactions into purchase days: customer, date, amount (optional), currency (optional).

A header is not needed: without one the columns are in that order (with a quantity before the amount, if the fourth
is a number). With one, they are found by name, in any order, or taken in that order where no name is known. Comma,
semicolon, tab, bar or blanks separate. Dates are the first part of
an ISO 8601 date or instant (1997-01-31, 19970131, 1997-01-31T09:30:00Z). A row with a negative amount is a refund: no
purchase, and less spent from its day on.
"""

import csv
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

from customer360.scoring.learning import Buyer

NAMES = {
    "customer": {"customer", "customerid", "cust", "custid", "client", "clientid", "user", "userid", "id"},
    "date": {"date", "day", "orderdate", "purchasedate", "invoicedate", "transactiondate", "placedat", "timestamp"},
    "amount": {"amount", "total", "sales", "revenue", "spend", "spent", "value", "price"},
    "currency": {"currency"},
}
SEPARATORS = ",;\t|"
ISO_DATE = re.compile(r"(\d{4})[-/]?(\d{2})[-/]?(\d{2})(?!\d)")
THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")

Columns = dict[str, int]


class BadFile(Exception):
    """The file cannot be used: the message names it, the line where there is one, and what is wrong."""


@dataclass(frozen=True, slots=True)
class Transactions:
    """`notes` says what was left out, for the reader of the results."""

    name: str
    buyers: list[Buyer]
    first: date
    last: date
    notes: list[str]

    @property
    def purchase_days(self) -> int:
        return sum(len(buyer.days) for buyer in self.buyers)


@dataclass(frozen=True, slots=True)
class Row:
    line: int
    customer: str
    day: int
    amount: Decimal | None
    currency: str


def read(path: Path) -> Transactions:
    """Raises BadFile."""
    days: defaultdict[str, set[int]] = defaultdict(set)
    spending: defaultdict[str, defaultdict[int, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    currencies, nameless = set(), 0
    for row in _rows(path):
        if not row.customer:
            nameless += 1
            continue
        if row.amount is None or row.amount >= 0:
            days[row.customer].add(row.day)
        if row.amount is not None:
            spending[row.customer][row.day] += row.amount
            currencies.add(row.currency)
    if not days:
        raise BadFile(f"{path}: no purchase in it")
    notes = [f"{nameless:,} rows without a customer left out"] if nameless else []
    if refunded := len(spending.keys() - days.keys()):
        notes.append(f"{refunded:,} customers with refunds only left out")
    if len(currencies) > 1:
        notes.append(f"amounts left out: they are in {len(currencies)} currencies")
        spending.clear()
    elif not spending:
        notes.append("no amounts")
    buyers = [
        Buyer(tuple(sorted(bought)), tuple(sorted(spending[customer].items())))
        for customer, bought in sorted(days.items())
    ]
    first, last = min(buyer.days[0] for buyer in buyers), max(buyer.days[-1] for buyer in buyers)
    return Transactions(path.name, buyers, date.fromordinal(first), date.fromordinal(last), notes)


def _rows(path: Path) -> Iterator[Row]:
    columns: Columns | None = None
    try:
        # surrogateescape: an identifier in some other encoding stays the identifier it is
        with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as lines:
            for line, cells in _cells(lines):
                if columns is None:
                    columns = _columns(path, line, cells)
                    if _day(_cell(cells, columns["date"])) is None:
                        continue  # it was the header
                yield _row(path, line, cells, columns)
    except OSError as error:
        raise BadFile(f"{path}: {error.strerror}") from None
    except csv.Error as error:
        raise BadFile(f"{path}: not a file of rows: {error}") from None


def _cells(lines: Iterator[str]) -> Iterator[tuple[int, list[str]]]:
    """Line number and cells of each row that is not blank."""
    first = ""
    skipped = 0
    for first in lines:
        if first.strip():
            break
        skipped += 1
    separator = max(SEPARATORS, key=first.count)
    if separator not in first:
        rows = ((skipped + number, text.split()) for number, text in enumerate(_chained(first, lines), 1))
    else:
        reader = csv.reader(_chained(first, lines), delimiter=separator, skipinitialspace=True)
        rows = ((skipped + reader.line_num, cells) for cells in reader)
    for number, cells in rows:
        stripped = [cell.strip() for cell in cells]
        if any(stripped):
            yield number, stripped


def _chained(first: str, lines: Iterator[str]) -> Iterator[str]:
    if first:
        yield first
    yield from lines


def _columns(path: Path, line: int, cells: list[str]) -> Columns:
    """By the header's names, else by position; raises BadFile where there is no room for a customer and a date."""
    keys = [re.sub(r"[^a-z]", "", cell.lower()) for cell in cells]
    named = {
        meaning: next(index for index, key in enumerate(keys) if key in names)
        for meaning, names in NAMES.items()
        if not names.isdisjoint(keys)
    }
    if {"customer", "date"} <= named.keys():
        return named
    if len(cells) < 2:
        raise BadFile(f"{path}, line {line}: needs columns customer, date and, if there is one, amount")
    if len(cells) > 3 and _amount(cells[3]) is not None:
        return {"customer": 0, "date": 1, "amount": 3}
    return dict(zip(NAMES, range(min(len(cells), len(NAMES))), strict=False))


def _row(path: Path, line: int, cells: list[str], columns: Columns) -> Row:
    written = {meaning: _cell(cells, index) for meaning, index in columns.items()}
    day = _day(written["date"])
    if day is None:
        raise BadFile(f"{path}, line {line}: {written['date']!r} is not a date like 1997-01-31")
    amount = None
    if "amount" in columns:
        amount = _amount(written["amount"])
        if amount is None:
            raise BadFile(f"{path}, line {line}: {written['amount']!r} is not an amount like 12.50")
    return Row(line, written["customer"], day, amount, written.get("currency", "").upper())


def _cell(cells: list[str], index: int) -> str:
    return cells[index] if index < len(cells) else ""


def _day(text: str) -> int | None:
    found = ISO_DATE.match(text)
    try:
        return date(*map(int, found.groups())).toordinal() if found else None
    except ValueError:
        return None


def _amount(text: str) -> Decimal | None:
    try:
        amount = Decimal(text.replace(",", "") if THOUSANDS.fullmatch(text) else text)
    except InvalidOperation:
        return None
    return amount if amount.is_finite() else None
