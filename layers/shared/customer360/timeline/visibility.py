"""Who sees which entries of the timeline: each stands in a stream, and a stream is seen whole or not at all."""

from collections.abc import Iterable
from typing import Final, get_args

from customer360.access.policy import READS_NOTES
from customer360.timeline.entries import EntryType, stream_of

TYPES: Final[frozenset[EntryType]] = frozenset(get_args(EntryType))

# Each entry of these types is for one audience.
AUDIENCES: Final[dict[EntryType, tuple[str, ...]]] = {"note": tuple(READS_NOTES)}

# What it takes to see a stream, if more than `timeline`.
NEEDED: Final = {
    stream_of("payment"): "payments:read",
    stream_of("marketing"): "marketing:read",
    **{stream_of("note", audience): permission for audience, permission in READS_NOTES.items()},
}

# The streams of everything without an audience: together they are the timeline by time.
OPEN: Final = frozenset(stream_of(entry_type) for entry_type in TYPES if entry_type not in AUDIENCES)


def streams_seen(types: Iterable[EntryType], permissions: frozenset[str]) -> frozenset[str]:
    """The streams (prefixes in `by-state`) of the entries of these types that the permissions show."""
    streams = {stream_of(each, audience) for each in types for audience in AUDIENCES.get(each, (None,))}
    return frozenset(stream for stream in streams if NEEDED.get(stream, "timeline") in permissions)
