"""Asks for an export of all that is held of a customer."""

from datetime import datetime

from customer360.access.caller import Caller
from customer360.exports.asking import ask
from customer360.exports.schemas import Export
from customer360.storage.heads import some_heads


def export_all(customer_id: str, by: Caller, action_id: str, now: datetime) -> Export:
    """A JSON file (`privacy.holdings`), made in the background. Raises NotFound."""
    some_heads(customer_id)
    return ask(by, action_id, now, kind="privacy", format="json", customer_id=customer_id)
