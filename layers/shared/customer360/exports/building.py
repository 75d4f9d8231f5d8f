"""Makes the file of an export that was asked for.

Guarantees, whatever is delivered twice and whoever dies where:

- One worker at a time. It claims the export for as long as its invocation may run, and leaves a message behind by which
  another takes it up after that. What it writes counts only while the export is its own.
- One file. Its key is that of the export, so that another attempt replaces what the one before left.
- An end. What cannot be made fails at once, and what fails by a fault of ours after some attempts. Whoever asked is
  told why, in words that name nothing of ours and nobody.
- Nothing is left of an export that failed, or was taken away while it was made.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import uuid4

from customer360.access import audit
from customer360.errors import Customer360Error
from customer360.exports import findings
from customer360.exports.composing import compose
from customer360.exports.queue import LONGEST_SECONDS, announce
from customer360.exports.removal import clear, clear_taken
from customer360.exports.table import ExportItem, TakenOver
from customer360.exports.telling import GATHERED, Progress, tell
from customer360.logs import logger
from customer360.privacy.tombstones import is_erased

ATTEMPTS: Final = 3
RETRY_SECONDS: Final = 20
# A search is gathered while there is more time than this, which is for its file.
COMPOSING_MILLISECONDS: Final = 600_000

OURS: Final = "The file could not be made, by a fault of ours. It has been noted; ask for it again later."
ERASED: Final = "The customer has been erased."

MillisecondsLeft = Callable[[], int]


class Outcome(StrEnum):
    """What became of an export in one invocation."""

    READY = "ready"
    FAILED = "failed, by a fault of ours"
    REFUSED = "failed, for what was asked for"
    CONTINUED = "to be continued"
    RETRIED = "to be tried again"
    LEFT = "left to another, or finished before"


def build(item: ExportItem, milliseconds_left: MillisecondsLeft) -> Outcome:
    """Makes the file, or as much of it as there is time for."""
    now = datetime.now(UTC)
    if item.is_finished:
        clear(item)  # whoever finished it may have died over that
        return Outcome.LEFT
    announce(item.id, now, LONGEST_SECONDS)  # first: nobody would take up what was claimed and not announced
    if not item.claim(uuid4().hex, now, now + timedelta(milliseconds=milliseconds_left())):
        return Outcome.LEFT
    try:
        return _attempt(item, now, milliseconds_left)
    except TakenOver:
        clear_taken(item)
        return Outcome.LEFT


def _attempt(item: ExportItem, now: datetime, milliseconds_left: MillisecondsLeft) -> Outcome:
    """Raises TakenOver if the export is another's by now."""
    if item.attempts > ATTEMPTS:
        return _fail(item, OURS)  # those before died without a word
    try:
        return _make(item, now, milliseconds_left)
    except TakenOver:
        raise
    except findings.NoFile as refusal:
        return _fail(item, str(refusal))
    except Exception as error:
        if isinstance(error, Customer360Error):
            return _fail(item, f"The file could not be made: {error}.")
        # Whatever it is, it may be over in a while.
        logger.exception("the attempt failed")
        if item.attempts >= ATTEMPTS:
            return _fail(item, OURS)
        item.release()
        announce(item.id, now, RETRY_SECONDS)
        return Outcome.RETRIED


def _make(item: ExportItem, now: datetime, milliseconds_left: MillisecondsLeft) -> Outcome:
    progress = Progress(item)
    if item.kind == "search":
        findings.gather(
            item,
            has_time=lambda: milliseconds_left() > COMPOSING_MILLISECONDS,
            found=lambda count, total: progress.report(GATHERED * count // max(total, 1)),
        )
        if not item.is_gathered:
            item.release(ExportItem.attempts.set(0))
            announce(item.id, now, 0)
            return Outcome.CONTINUED
    compose(item, now, progress)
    if item.customer_id is not None and is_erased(item.customer_id):
        return _fail(item, ERASED)
    subjects = [] if item.customer_id is None else [item.customer_id]
    maker = item.request.maker
    audit.record(maker, "export.made", outcome="allowed", customer_ids=subjects, target=item.id, request_id=item.id)
    item.finish("ready", datetime.now(UTC), ExportItem.progress.set(100))
    tell(item)
    clear(item)
    return Outcome.READY


def _fail(item: ExportItem, reason: str) -> Outcome:
    item.finish("failed", datetime.now(UTC), ExportItem.error.set(reason))
    tell(item)
    clear(item)
    return Outcome.FAILED if reason == OURS else Outcome.REFUSED
