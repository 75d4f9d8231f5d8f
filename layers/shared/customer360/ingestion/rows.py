"""The rows of an imported file, JSON Lines or CSV: each an event, or the reason it is none."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from customer360.exact_json import loads
from customer360.ingestion.csv_rows import BadHeader, CsvReader, ends_inside_quotes
from customer360.ingestion.events import Rejected
from customer360.ingestion.lines import MAX_LINE_BYTES, Line, SourceFile, lines
from customer360.ingestion.table import ImportItem

_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Row:
    """One line (or CSV record) as an event, or the reason it is none; then `customer_id` is whose it is, if that can be
    told."""

    line: int
    type: Any
    event: Any
    payload: str
    rejection: Rejected | None = None
    customer_id: str | None = None

    @property
    def customer(self) -> str:
        return str(self.event.get("customerId")) if isinstance(self.event, dict) else ""


def rows_of(file: SourceFile, progress: ImportItem) -> Iterator[tuple[Line, Row | None]]:
    """Each record of the rest of the file with the line it ends at; None where a line holds nothing."""
    source = lines(file, progress.offset, progress.line)
    if file.key.startswith("csv/"):
        return _csv_rows(file, progress, source)
    return ((line, _json_row(line)) for line in source)


def _json_row(line: Line) -> Row | None:
    if line.text is None:
        return _too_long(line.number)
    text = line.text.removeprefix(_BOM) if line.number == 1 else line.text
    if not text.strip():
        return None
    payload = text.decode(errors="replace").strip()
    try:
        event = loads(text.decode())
    except ValueError:
        return Row(line.number, None, None, payload, _invalid("is not JSON in UTF-8"))
    return Row(line.number, event.get("type") if isinstance(event, dict) else None, event, payload)


def _csv_rows(file: SourceFile, progress: ImportItem, source: Iterator[Line]) -> Iterator[tuple[Line, Row | None]]:
    event_type = file.key.split("/")[1] if file.key.count("/") > 1 else ""
    if progress.header is None:
        header = next(source, None)
        if header is None or header.text is None:
            raise BadHeader("the file has no header")
        text = header.text.removeprefix(_BOM).decode(errors="replace").strip("\r\n")
        reader = _csv_reader(event_type, text)
        # Kept only now: a file without a header has somebody's data in its first line.
        progress.header, progress.offset, progress.line = text, header.end, header.number
    else:
        reader = _csv_reader(event_type, progress.header)
    first, record, is_open = 0, bytearray(), False
    for line in source:
        first = first or line.number
        if line.text is None or len(record) + len(line.text) > MAX_LINE_BYTES:
            yield line, _too_long(first)
        else:
            record += line.text
            is_open = ends_inside_quotes(line.text, is_open)
            if is_open:
                continue
            yield line, _csv_row(reader, first, bytes(record))
        first, record, is_open = 0, bytearray(), False
    if record:
        yield line, Row(first, event_type, None, "", _invalid("ends inside quotes"))


def _csv_reader(event_type: str, header: str) -> CsvReader:
    try:
        return CsvReader(event_type, header)
    except ValueError:
        raise BadHeader("the first line is not a CSV header") from None


def _csv_row(reader: CsvReader, number: int, record: bytes) -> Row | None:
    if not record.strip():
        return None
    payload = record.decode(errors="replace").rstrip("\r\n")
    try:
        event = reader.event(record.decode().rstrip("\r\n"))
    except ValueError as error:
        return Row(number, reader.event_type, None, payload, _invalid(str(error)), reader.customer_of(payload))
    return Row(number, reader.event_type, event, payload)


def _too_long(number: int) -> Row:
    rejection = Rejected("too_large", [{"field": "", "message": "a line, or a CSV record, is at most 1 MB"}])
    return Row(number, None, None, "", rejection)


def _invalid(message: str) -> Rejected:
    return Rejected("invalid", [{"field": "", "message": message}])
