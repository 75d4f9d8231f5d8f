"""Ids, which are the source systems' own and mean nothing to us."""

import re

MOST_CHARACTERS = 64
PATTERN = rf"^[A-Za-z0-9._:@-]{{1,{MOST_CHARACTERS}}}$"

_NOT_IN_IDS = re.compile(r"[^A-Za-z0-9._:@-]")


def is_identifier(text: str) -> bool:
    """Whether the text can be an id."""
    return re.fullmatch(PATTERN, text) is not None


def as_identifier(text: str) -> str:
    """What was sent for an id, in the length of one, with `?` for what is in none."""
    return _NOT_IN_IDS.sub("?", text[:MOST_CHARACTERS])
