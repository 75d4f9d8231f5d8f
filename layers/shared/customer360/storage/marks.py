"""How old a version of a customer is: a few versions of the last day, by number, with the instants they came at.

A mark is made at most every six hours, so a commit carries no more than five. What is said of a version in between is
on the safe side: it may be called older than it is, by less than six hours, but never younger.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from customer360.instants import DAY

EVERY = timedelta(hours=6)


def marked(marks: Mapping[str, datetime] | None, version: int, now: datetime) -> dict[str, datetime]:
    """The marks with which that version is committed, after those of the version before it."""
    kept = {number: at for number, at in (marks or {}).items() if now - at < DAY}
    if all(now - at >= EVERY for at in kept.values()):
        kept[str(version)] = now
    return kept


def is_of_last_day(marks: Mapping[str, datetime] | None, version: int, now: datetime) -> bool:
    """Whether the version came within 24 hours: it does if a mark does that is not of a later version."""
    return any(int(number) <= version and now - at < DAY for number, at in (marks or {}).items())
