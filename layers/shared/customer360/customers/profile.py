"""The customer's own record among their head items."""

from typing import cast

from customer360.customers.record import Customer
from customer360.storage.heads import Heads
from customer360.storage.keys import PROFILE


def profile_of(heads: Heads) -> Customer:
    """Every customer has one: it is what made them known."""
    return Customer.from_stored(cast("str", heads.record(PROFILE)))
