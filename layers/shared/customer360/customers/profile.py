"""The customer's own record among their head items."""

from collections.abc import Sequence
from typing import cast

from customer360.customers.record import Address, Customer
from customer360.storage.heads import Heads
from customer360.storage.keys import PROFILE


def profile_of(heads: Heads) -> Customer:
    """Every customer has one: it is what made them known."""
    return Customer.from_stored(cast("str", heads.record(PROFILE)))


def primary_position(addresses: Sequence[Address]) -> int | None:
    """Which one is the primary address; should a source flag several, the first of them."""
    return next((position for position, address in enumerate(addresses) if address.is_primary), None)
