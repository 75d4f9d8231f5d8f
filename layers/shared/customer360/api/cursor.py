"""Opaque cursors of lists: where the last page ended, bound to the list it belongs to.

A cursor holds no secret and grants nothing (the query it continues is authorised again), but one that was altered or
taken from another list would page through something else without a word: a checksum over the list's name, its filters
and the position refuses it.
"""

import base64
from hashlib import sha256

from customer360.errors import Invalid

_CHECK = 12


def encode(position: str, *scope: str | None) -> str:
    """A cursor for a position in the list that `scope` (its name, customer and filters) identifies."""
    return base64.urlsafe_b64encode(_check(position, scope) + position.encode()).rstrip(b"=").decode()


def decode(cursor: str | None, *scope: str | None) -> str | None:
    """The position, None without a cursor. Raises Invalid for one that was altered or is of another list."""
    if cursor is None:
        return None
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        position = raw[_CHECK:].decode()
    except ValueError:
        raise Invalid("cursor", "is not one of ours") from None
    if not position or _check(position, scope) != raw[:_CHECK] or encode(position, *scope) != cursor:
        raise Invalid("cursor", "belongs to another list")
    return position


def _check(position: str, scope: tuple[str | None, ...]) -> bytes:
    return sha256("\0".join([*(part or "" for part in scope), position]).encode()).digest()[:_CHECK]
