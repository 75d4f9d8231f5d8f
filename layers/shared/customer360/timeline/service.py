"""A customer's timeline: a page of everything that happened, merged from the streams the caller may see."""

from datetime import datetime
from functools import partial
from typing import cast

from customer360.api import cursor as cursors
from customer360.errors import Invalid
from customer360.instants import sortable
from customer360.loyalty.lapses import lapse_stream
from customer360.storage.heads import some_heads
from customer360.storage.keys import EVENT, partition
from customer360.storage.paging import By, Row, Stream, index_stream, page_of
from customer360.storage.parallel import at_once
from customer360.timeline import schemas
from customer360.timeline.entries import EntryType, stream_of
from customer360.timeline.visibility import OPEN, TYPES, streams_seen


def types_in(text: str | None) -> frozenset[EntryType]:
    """The types a comma list names; all of them without one. Raises Invalid."""
    if text is None:
        return TYPES
    names = {name.strip() for name in text.split(",")}
    if names - TYPES:
        raise Invalid("type", f"must be one or more of {', '.join(sorted(TYPES))}, with commas between them")
    return cast("frozenset[EntryType]", frozenset(names))


def page(
    customer_id: str,
    *,
    types: frozenset[EntryType],
    between: tuple[datetime | None, datetime | None],
    permissions: frozenset[str],
    limit: int,
    cursor: str | None,
    now: datetime,
) -> schemas.TimelinePage:
    """Newest first, entries of one instant by id. Raises NotFound, and Invalid for a cursor of another list.

    A cursor is a place in time, whoever it was made for: what is shown after it follows the permissions alone.
    """
    scope = ("timeline", customer_id, ",".join(sorted(types)), *(sortable(at) if at else None for at in between))
    position = cursors.decode(cursor, *scope)
    streams = _streams(customer_id, types, permissions, now)
    found, heads = at_once((partial(page_of, streams, limit, position, *between), partial(some_heads, customer_id)))
    return schemas.TimelinePage(
        events=[_event(row) for row in found.rows],
        has_more=found.next_position is not None,
        updated_at=heads.commit.updated_at,
        next_cursor=cursors.encode(found.next_position, *scope) if found.next_position else None,
    )


def _streams(customer_id: str, types: frozenset[EntryType], permissions: frozenset[str], now: datetime) -> list[Stream]:
    """What a page is merged from. What may not be seen is not read, so it does not make a page short either."""
    pk, seen = partition(customer_id), streams_seen(types, permissions)
    lapses = [lapse_stream(pk, now)] if stream_of("loyalty") in seen else []
    if seen >= OPEN:
        timeline = index_stream(pk, By.TIME, EVENT.removesuffix("#"))
        return [timeline, *(index_stream(pk, By.STATE, stream) for stream in seen - OPEN), *lapses]
    return [*(index_stream(pk, By.STATE, stream) for stream in seen), *lapses]


def _event(row: Row) -> schemas.TimelineEvent:
    return schemas.TimelineEvent.model_validate({**row.summary, "metadata": row.summary["metadata"] or None})
