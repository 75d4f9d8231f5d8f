"""Tells whoever asked for an export how far it has come: in its item, and over their live sessions.

Sessions are told as a courtesy: one that is gone or not to be found never fails an export, and one that is slow takes
at most a tenth of its time.
"""

import time
from datetime import UTC, datetime
from typing import Final

from customer360.exports.table import ExportItem
from customer360.logs import logger
from customer360.realtime import messages
from customer360.realtime.delivery import Post, deliver, encoded
from customer360.realtime.table import AdminSocketItem

# At most one step in so many seconds is told, so long it may take, and so many times as long nothing is told then.
APART_SECONDS: Final = 1.0
PATIENCE_SECONDS: Final = 2.0
REST: Final = 9
# The first half of a search is to gather it; the last percent is that the file can be had.
GATHERED: Final = 50
ALMOST: Final = 99


class Progress:
    """How far one worker has come. Percents only grow."""

    def __init__(self, item: ExportItem) -> None:
        self._item = item
        self._next_at = 0.0

    def report(self, percent: int) -> None:
        """Raises TakenOver if the export is another's by now."""
        began = time.monotonic()
        if began < self._next_at:
            return
        self._item.write([ExportItem.progress.set(max(self._item.progress, min(percent, ALMOST)))])
        tell(self._item)
        ended = time.monotonic()
        self._next_at = max(began + APART_SECONDS, ended + REST * (ended - began))

    def repeat(self) -> None:
        """Reports what was reported before: a sign of life, and whether the export is still this worker's."""
        self.report(self._item.progress)


def tell(item: ExportItem) -> None:
    """Posts the state of the export to every open session of its maker."""
    try:
        now = datetime.now(UTC)
        body = encoded(messages.export(item.id, item.status, item.progress))
        posts = [Post(socket.sk, body) for socket in AdminSocketItem.of_admin(item.made_by) if socket.counts(now)]
        if posts:
            deliver(posts, time.monotonic() + PATIENCE_SECONDS)
    except Exception:
        # Whatever it is, the export itself is not concerned.
        logger.exception("live sessions were not told")
