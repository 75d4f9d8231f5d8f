"""Who was erased, and so must not come back by an event that is late.

Guarantee: no customer comes into being, and nothing is held for one, while their tombstone stands. Whoever is about to
do that has the transaction check that there is none; an erasure puts it in one transaction with the end of the
customer. Of the two one fails. Who exists has no tombstone, and is not looked up.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from customer360.privacy.pseudonyms import pseudonym_of
from customer360.privacy.table import TombstoneItem


def is_erased(customer_id: str) -> bool:
    """Strongly consistent: one GetItem."""
    return TombstoneItem.find(pseudonym_of(customer_id)) is not None


def unless_erased(customer_id: str) -> Callable[[Any], None]:
    """A part of a transaction (`storage.commit`), which fails as a whole if the customer was erased."""
    return partial(TombstoneItem.require_none, pseudonym_of(customer_id))
