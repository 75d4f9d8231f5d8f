"""Keeps the latest (or earliest) of something, also when the record that set it changes: by index, not by a walk."""

from datetime import datetime
from typing import Any

from customer360.instants import from_sortable
from customer360.sources.record import Index, Moment, Record
from customer360.storage.items import ByMilestone, ByState, ByTime, CustomerItem

_INDEXES: dict[Index, tuple[Any, Any]] = {
    Index.TIME: (CustomerItem.time_index, ByTime.by_time),
    Index.STATE: (CustomerItem.state_index, ByState.by_state),
    Index.MILESTONE: (CustomerItem.milestone_index, ByMilestone.by_milestone),
}
_NAMES = {Index.TIME: "by_time", Index.STATE: "by_state", Index.MILESTONE: "by_milestone"}


def moved_moment(
    pk: str, name: str, rule: Moment, kept: datetime | None, old: Record | None, new: Record
) -> datetime | None:
    """The moment after `new` replaces `old`; `kept` is what it was."""
    removed = old.moments().get(name) if old else None
    added = new.moments().get(name)
    better = max if rule.latest else min
    if removed is not None and removed == kept and (added is None or better(added, removed) != added):
        kept = _best_of_others(pk, rule, new.subject_id)
    if added is None or kept is None:
        return added or kept
    return better(added, kept)


def _best_of_others(pk: str, rule: Moment, subject_id: str) -> datetime | None:
    """The best instant in the index among other records than the one that is being replaced."""
    for key in index_keys(pk, rule.index, f"{rule.prefix}#", f"{rule.prefix}#~", newest_first=rule.latest, limit=2):
        _, instant, identifier = key.split("#", 2)
        if identifier != subject_id:
            return from_sortable(instant)
    return None


def index_keys(pk: str, index: Index, low: str, high: str, *, newest_first: bool = False, limit: int = 2) -> list[str]:
    """At most `limit` index keys of a customer between two keys, strongly consistent."""
    items, attribute = _INDEXES[index]
    rows = items.query(
        pk, attribute.between(low, high), scan_index_forward=not newest_first, limit=limit, consistent_read=True
    )
    return [getattr(row, _NAMES[index]) for row in rows]
