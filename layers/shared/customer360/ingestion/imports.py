"""Imports a file of source events from the bucket: streamed, resumable, counted exactly once.

A file is worked through in chunks. After each chunk one item says how far the import has come and what it counted;
whoever takes over after a crash or a time-out starts there. Lines after it that had been applied already say so
themselves: what applied an event is noted beside it (`via`), so a repeated line counts as it did the first time.
Two workers on one file do no harm: only one can move the progress on from where both read it.

Lines go straight to the tables, many customers at a time and each customer's in order, and not over the bus: the
counts can be exact, and a bulk import does not queue up in front of today's events.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import islice
from typing import Any

from customer360.aws import s3
from customer360.errors import HeldRemaining
from customer360.exact_json import dumps
from customer360.ingestion import rejections
from customer360.ingestion.apply import Outcome
from customer360.ingestion.csv_rows import BadHeader
from customer360.ingestion.events import Rejected
from customer360.ingestion.intake import metric_of, name_of, take_in_or_keep
from customer360.ingestion.lines import FileGone, FileReplaced, FileUnreadable, Line, SourceFile
from customer360.ingestion.rejections import Origin
from customer360.ingestion.rows import Row, rows_of
from customer360.ingestion.table import IMPORT, ImportItem
from customer360.instants import answered
from customer360.logs import figures, logger

CHUNK_LINES = 500
CHUNK_BYTES = 4 * 1024 * 1024
WORKERS = 16
ROW_SECONDS = 30  # a busy customer is waited for; what waits longer fails the invocation, and goes on in the next
REPORTED_LINES = 50_000
REPORT = ".report.json"
REPLACED = "the file was replaced while it was being imported"
PROGRESS_KEPT = timedelta(days=30)


@dataclass(slots=True)
class Chunk:
    """Rows with the line each ends at, and what went wrong behind them."""

    rows: list[tuple[Line, Row | None]]
    failure: FileUnreadable | None = None


class OutOfTime(Exception):
    """The invocation ends soon. The chunk is not saved; what was applied of it says so when it is read again."""


def run(file: SourceFile, sequencer: str, has_time: Callable[[], bool]) -> str:
    """Imports the file until it is "completed" or has "failed", or `has_time` says no and it is still "running".

    `sequencer` tells one upload of a key from the next. Call again with the same arguments to go on.
    """
    progress = _begin(file, sequencer)
    if progress.status != "running":
        _report(progress)  # an earlier run may have died between the last progress and its report
        return progress.status
    try:
        _run(file, progress, has_time)
    except OutOfTime:
        pass  # the progress stays where it was
    except (BadHeader, FileUnreadable) as error:
        _finish(progress, "failed", str(error))
    except FileGone:
        _finish(progress, "failed", "the file was deleted before it was imported")
    except FileReplaced:
        _finish(progress, "failed", REPLACED)
    return progress.status


def _run(file: SourceFile, progress: ImportItem, has_time: Callable[[], bool]) -> None:
    rows = rows_of(file, progress)
    with ThreadPoolExecutor(WORKERS) as pool:
        while chunk := _chunk(rows):
            if not progress.counts["read"]:
                _report(progress)  # not before the file is known to be the one that was announced
            became = _apply(pool, progress, [row for _, row in chunk.rows if row], has_time)
            _save(progress, chunk, became)
            if chunk.failure:
                raise chunk.failure
    _finish(progress, "completed", None)


def _begin(file: SourceFile, sequencer: str) -> ImportItem:
    identifier = sha256(f"{file.bucket}/{file.key}/{sequencer}".encode()).hexdigest()[:24]
    try:
        return ImportItem.get(IMPORT + identifier, "PROGRESS", consistent_read=True)
    except ImportItem.DoesNotExist:
        now = datetime.now(UTC)
        progress = ImportItem(
            IMPORT + identifier,
            "PROGRESS",
            bucket=file.bucket,
            key=file.key,
            status="running",
            started_at=now,
            updated_at=now,
            offset=0,
            line=0,
            counts={"read": 0, "applied": 0, "unchanged": 0, "rejected": 0, "held": 0},
            expires_at=int((now + PROGRESS_KEPT).timestamp()),
        )
        progress.begin()
        return progress


def _chunk(rows: Iterator[tuple[Line, Row | None]]) -> Chunk | None:
    """The next rows, and why there are no more if the file cannot be read on; None at the end of the file."""
    chunk, size = Chunk([]), 0
    try:
        for line, row in islice(rows, CHUNK_LINES):
            chunk.rows.append((line, row))
            size += len(row.payload) if row else 0
            if size > CHUNK_BYTES:
                break
    except FileUnreadable as failure:
        if not chunk.rows:
            raise
        chunk.failure = failure
    return chunk if chunk.rows else None


def _apply(
    pool: ThreadPoolExecutor, progress: ImportItem, rows: list[Row], has_time: Callable[[], bool]
) -> Counter[str]:
    """Applies the rows of a chunk, different customers' at once, one customer's in the order of the file.

    Gives how many of them became what.
    """
    by_customer: dict[str, list[Row]] = {}
    for row in rows:
        by_customer.setdefault(row.customer, []).append(row)
    became: Counter[str] = Counter()
    for each in pool.map(lambda group: _apply_in_order(progress, group, has_time), by_customer.values()):
        became += each
    return became


def _apply_in_order(progress: ImportItem, rows: list[Row], has_time: Callable[[], bool]) -> Counter[str]:
    became: Counter[str] = Counter()
    for row in rows:
        if not has_time():
            raise OutOfTime
        became[name_of(_outcome(progress, row, has_time))] += 1
    return became


def _outcome(progress: ImportItem, row: Row, has_time: Callable[[], bool]) -> Outcome | Rejected:
    origin = Origin(progress.pk, progress.started_at, progress.key, row.line)
    if row.rejection:
        rejections.keep(row.type, row.payload, row.rejection, origin, row.customer_id)
        return row.rejection
    via = f"{progress.pk}#{row.line}"
    while True:
        try:
            return take_in_or_keep(row.type, row.event, origin, via=via, seconds=ROW_SECONDS)
        except HeldRemaining:
            if not has_time():
                raise OutOfTime from None


def _save(progress: ImportItem, chunk: Chunk, became: Counter[str]) -> None:
    counted = {
        "read": became.total(),
        "applied": became["applied"] + became["held"],
        "unchanged": became["unchanged"] + became["dropped"],
        "rejected": became["rejected"],
        "held": became["held"],
    }
    last = chunk.rows[-1][0]
    progress.offset, progress.line = last.end, last.number
    progress.counts = {name: count + counted[name] for name, count in progress.counts.items()}
    progress.move_on()
    if became:
        measured = {metric_of(name): (float(count), "Count") for name, count in became.items()}
        logger.info("chunk imported", extra={"line": progress.line} | figures(measured))
    _report(progress)


def _finish(progress: ImportItem, status: str, failure: str | None) -> None:
    progress.status, progress.failure = status, failure
    progress.move_on()
    _report(progress)


def _report(progress: ImportItem) -> None:
    """Writes `<key>.report.json` beside the file: how the import stands, and in the end every rejected line."""
    if progress.failure == REPLACED:
        return  # the one beside the file is about the new file now
    seconds = max((progress.updated_at - progress.started_at).total_seconds(), 0.001)
    report: dict[str, Any] = {
        "file": progress.key,
        "status": progress.status,
        **progress.counts,
        "line": progress.line,
        "startedAt": answered(progress.started_at),
        "updatedAt": answered(progress.updated_at),
        "eventsPerSecond": round(progress.counts["read"] / seconds, 1),
    }
    if progress.failure:
        report["failure"] = progress.failure
    if progress.status != "running":
        report["rejectedLines"] = [
            {"line": item.line, "id": item.sk, "reason": item.reason, "errors": item.errors}
            for item in islice(rejections.of_import(progress.pk, progress.started_at), REPORTED_LINES)
        ]
    body = dumps(report).encode()
    s3().put_object(Bucket=progress.bucket, Key=progress.key + REPORT, Body=body, ContentType="application/json")
