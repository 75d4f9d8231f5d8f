"""Lets somebody come back who was erased: an operator's decision, for which there is no endpoint."""

from customer360.errors import Conflict, NotFound
from customer360.privacy.pseudonyms import pseudonym_of
from customer360.privacy.table import ErasureItem, TombstoneItem


def lift(customer_id: str) -> None:
    """Takes the tombstone away: events of the customer are taken in again, from nothing. Raises NotFound if there is
    none, and Conflict while the erasure is still to be verified."""
    tombstone = TombstoneItem.find(pseudonym_of(customer_id))
    if tombstone is None:
        raise NotFound("tombstone")
    try:
        is_verified = ErasureItem.find(tombstone.job_id).verified_at is not None
    except NotFound:
        is_verified = True  # the job has expired since
    if not is_verified:
        raise Conflict("the erasure is not verified yet")
    tombstone.delete()
