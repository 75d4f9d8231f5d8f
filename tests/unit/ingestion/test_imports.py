"""How an import reads its file: in time that grows with the file, whatever is in it."""

import csv
import io
import re
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer360.ingestion import csv_rows
from customer360.ingestion import rows as file_rows
from customer360.ingestion.lines import Line, SourceFile

HEADER = b"customerId,transactionId,amount,currency,status,at,updatedAt\n"
ROW = b"c1,p1,1.00,EUR,succeeded,2026-01-01T00:00:00Z,2026-01-01T00:00:00Z\n"
FILE = SourceFile("bucket", "csv/payment.transaction.upserted/a.csv", "etag")


def lines_of(*texts: bytes) -> list[Line]:
    found, end = [], 0
    for number, text in enumerate(texts, 1):
        end += len(text)
        found.append(Line(number, end, text))
    return found


def rows_of(*texts: bytes) -> list[Any]:
    progress: Any = SimpleNamespace(header=None, offset=0, line=0)
    return [row for _, row in file_rows._csv_rows(FILE, progress, iter(lines_of(HEADER, *texts))) if row]


def test_a_quote_that_is_never_closed_is_scanned_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    scanned = 0
    original = csv_rows.ends_inside_quotes

    def counted(line: bytes, begins_inside: bool) -> bool:
        nonlocal scanned
        scanned += len(line)
        return original(line, begins_inside)

    monkeypatch.setattr(file_rows, "ends_inside_quotes", counted)
    rows_of(b'"' + ROW, *[ROW] * 300)
    assert scanned < 4 * 300 * len(ROW)


def test_rows_keep_the_number_of_their_first_line() -> None:
    rows = rows_of(ROW, b"\n", ROW.replace(b"p1", b'"p\n'), b'1"' + ROW[5:], ROW)
    assert [row.line for row in rows] == [2, 4, 6]


def test_a_file_that_ends_inside_quotes_says_so() -> None:
    (row,) = rows_of(b'"' + ROW)
    assert row.rejection.errors[0]["message"] == "ends inside quotes"


cells = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0\r") | st.sampled_from('",\n'), max_size=8
)


@given(st.lists(st.lists(cells, min_size=6, max_size=6), min_size=1, max_size=5), st.sampled_from(["\n", "\r\n"]))
def test_every_record_a_csv_writer_wrote_is_a_row(records: list[list[str]], end: str) -> None:
    text = io.StringIO()
    csv.writer(text, lineterminator=end).writerows(["c1", *record] for record in records)
    rows = rows_of(*re.findall(rb"[^\n]*\n", text.getvalue().encode()))
    assert [row.rejection for row in rows] == [None] * len(records)
    ids = [row.event["data"].get("transactionId", "") for row in rows]
    assert ids == [record[0] for record in records]
