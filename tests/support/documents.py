"""Documents to be exported, and files read back by readers that know nothing of how they were written."""

import csv
import io
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from openpyxl import load_workbook

from customer360.exports.document import Column, Cover, Document, Section, Table

MADE_AT = "2026-03-01T10:20:30Z"


def a_cover(**facts: Any) -> Cover:
    usual: dict[str, Any] = {
        "title": "Customer export",
        "subject": "c-1",
        "export_id": "export-1",
        "made_at": MADE_AT,
        "made_by_id": "sub-manager",
        "made_by_name": "Mara Maker",
        "made_by_role": "manager",
        "currency": "EUR",
        "time_zone": "Europe/Berlin",
        "filters": {"from": "2026-01-01T00:00:00Z"},
        "version": 7,
    }
    return Cover(**(usual | facts))


def a_document(columns: Iterable[Column], rows: Iterable[Mapping[str, Any]], **cover: Any) -> Document:
    """One section with one table, `things`."""
    table = Table("things", "Things", tuple(columns), rows)
    return Document(a_cover(**cover), [Section("things", "Things", (), {}, (table,))])


def written(write: Callable[..., int], document: Document, path: Path) -> bytes:
    write(document, path, lambda rows: None)
    return path.read_bytes()


def csv_rows(content: bytes) -> list[list[str]]:
    """The rows under the head of a CSV file, and the head; formulas still neutralised."""
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True))


def csv_files(content: bytes) -> dict[str, list[list[str]]]:
    """The CSV files of a ZIP, by name."""
    with ZipFile(io.BytesIO(content)) as archive:
        return {name: csv_rows(archive.read(name)) for name in archive.namelist() if name.endswith(".csv")}


def sheets(content: bytes) -> dict[str, list[list[Any]]]:
    """The cells of the sheets of a workbook, by name: rows of all its sheets, head first."""
    workbook = load_workbook(io.BytesIO(content))
    return {sheet.title: [list(row) for row in sheet.iter_rows()] for sheet in workbook.worksheets}


def unzipped(content: bytes) -> bytes:
    """A file as whoever looks for a secret would look at it: of a ZIP everything in it."""
    if not content.startswith(b"PK"):
        return content
    with ZipFile(io.BytesIO(content)) as archive:
        return b"\n".join([name.encode() + b"\n" + archive.read(name) for name in archive.namelist()])
