"""Deletes a tag or segment: at once from the catalog, in the background from its customers."""

from customer360.access.caller import Caller
from customer360.catalog import store
from customer360.catalog.kinds import Kind
from customer360.catalog.removal_queue import announce


def delete(kind: Kind, identifier: str, by: Caller, job_id: str) -> None:
    """Raises NotFound. The workers are told first: should the deletion then fail, they find no job and drop it."""
    store.find(kind, identifier)
    announce(job_id)
    store.delete(kind, identifier, by, job_id)
