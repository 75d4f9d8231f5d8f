"""Customers side by side: each as their own page shows them, read at once, and how they differ."""

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import partial

from customer360.customers.comparison_schemas import CustomerComparison
from customer360.customers.differences import differences, overlap
from customer360.customers.schemas import Overview
from customer360.customers.service import overview
from customer360.errors import NotFound
from customer360.storage.heads import heads_of
from customer360.storage.parallel import at_once


def compare(customer_ids: Sequence[str], permissions: Collection[str], now: datetime) -> CustomerComparison:
    """In the order of the ids. Raises NotFound, naming one there is not. Takes one Query each, whatever the history."""
    customers = list(at_once([partial(_overview_of, customer_id, now) for customer_id in customer_ids]))
    return CustomerComparison(
        customers=customers,
        differences=differences(customers, permissions),
        segments=overlap({one.profile.id: [segment.id for segment in one.segments] for one in customers}),
    )


def _overview_of(customer_id: str, now: datetime) -> Overview:
    try:
        heads = heads_of(customer_id)
    except NotFound:
        raise NotFound(f"customer as {customer_id}") from None
    return overview(heads, now)
