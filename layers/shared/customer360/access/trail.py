"""The audit trail read back, newest first: of one customer, of one admin, or of everybody, day by day."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from heapq import merge
from itertools import chain
from typing import Any

from customer360.access.table import AuditItem, day_of
from customer360.errors import Invalid
from customer360.instants import DAY, sortable
from customer360.privacy.pseudonyms import pseudonym_of
from customer360.settings import settings

# What one page may cost: a rare entry is looked for over several pages rather than in a slow one.
MOST_ROWS = 500
MOST_DAYS = 31

# After every sort key that begins with what stands before it.
END = "~"


@dataclass(frozen=True, slots=True)
class Filters:
    """What is asked for, None for anything. Both instants are inclusive."""

    customer_id: str | None
    actor: str | None
    action: str | None
    first: datetime | None
    last: datetime | None

    @property
    def takes_every_row(self) -> bool:
        """Whether no row that is read will be left out: the way in is all that is asked for."""
        return not (self.action or (self.customer_id and self.actor))

    def admit(self, line: AuditItem) -> bool:
        return self.actor in {None, line.actor} and self.action in {None, line.action}


@dataclass(frozen=True, slots=True)
class Found:
    """Lines, newest first, and the sort key before which to look on; None once there is nothing left to look at."""

    lines: list[AuditItem]
    next_position: str | None


def newest_first(filters: Filters, limit: int, position: str | None, now: datetime) -> Found:
    """At most `limit` lines before `position`; fewer, although there are more, once enough was looked at. Raises
    Invalid for a position that is none."""
    oldest = now - timedelta(days=int(settings().audit_retention_days))
    low = sortable(max(filters.first or oldest, oldest))
    latest = f"{sortable(filters.last)}{END}" if filters.last else END
    high = min(position or END, latest, f"{now:%Y-%m-%d}{END}")
    if low > high:
        return Found([], None)
    days = [] if filters.customer_id or filters.actor else _days_back(high, low)
    page_size = limit + 2 if filters.takes_every_row else MOST_ROWS
    lines: list[AuditItem] = []
    for number, line in enumerate(_rows(filters, days[:MOST_DAYS], low, high, page_size), start=1):
        if line.sk != position and filters.admit(line):
            if len(lines) == limit:
                return Found(lines, lines[-1].sk)
            lines.append(line)
        if number == MOST_ROWS:
            return Found(lines, line.sk)
    return Found(lines, f"{days[MOST_DAYS]}{END}" if len(days) > MOST_DAYS else None)


def _rows(filters: Filters, days: list[date], low: str, high: str, page_size: int) -> Iterator[AuditItem]:
    """The rows between two sort keys, by the narrowest way in. Each query is made when its first row is wanted."""
    queries: list[Callable[..., Any]]
    if filters.customer_id:
        # Of who was erased, and may have come back, also the lines from before.
        subjects = (filters.customer_id, pseudonym_of(filters.customer_id))
        queries = [partial(_of_subjects, subjects)]
    elif filters.actor:
        queries = [partial(AuditItem.actor_index.query, filters.actor)]
    else:
        queries = [partial(AuditItem.query, day_of(day), consistent_read=True) for day in days]
    between = AuditItem.sk.between(low, high)
    return chain.from_iterable(query(between, scan_index_forward=False, page_size=page_size) for query in queries)


def _of_subjects(subjects: Iterable[str], between: Any, **how: Any) -> Iterator[AuditItem]:
    lines = [AuditItem.subject_index.query(subject, between, **how) for subject in subjects]
    return merge(*lines, key=lambda line: line.sk, reverse=True)


def _days_back(high: str, low: str) -> list[date]:
    """The days of two sort keys and all between them, latest first."""
    try:
        first, last = date.fromisoformat(low[:10]), date.fromisoformat(high[:10])
    except ValueError:
        raise Invalid("cursor", "is not one of ours") from None
    return [last - n * DAY for n in range((last - first).days + 1)]
