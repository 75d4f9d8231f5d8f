"""Text that an admin writes in their own words: what it may hold, to be said after how long it may be.

The length comes first, because looking for card numbers in a text of any length takes as long as its sender likes.
"""

import unicodedata
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

from customer360.ingestion.cards import has_card_number

# Other lines, and what writes the text around it in another direction.
_BREAKS = frozenset({"Cc", "Zl", "Zp"})
_TURNS = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})


def _without_card_numbers(text: str) -> str:
    if has_card_number(text):
        raise ValueError("holds a full card number, which is never accepted")
    return text


def _of_one_line(text: str) -> str:
    if any(unicodedata.category(one) in _BREAKS or unicodedata.bidirectional(one) in _TURNS for one in text):
        raise ValueError("must be one line without control characters")
    if all(unicodedata.category(one) in {"Cf", "Zs"} for one in text):
        raise ValueError("must have something to read")
    return text


NoCardNumbers = AfterValidator(_without_card_numbers)
OneLine = AfterValidator(_of_one_line)

# Of what an admin defines: a tag, a segment, a view.
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=50), NoCardNumbers, OneLine]
Description = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500), NoCardNumbers]
