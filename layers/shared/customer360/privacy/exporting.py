"""Asks for an export of all that is held of a customer."""

from datetime import datetime

from customer360.access.caller import Caller
from customer360.errors import NotFound
from customer360.exports.asking import ask
from customer360.exports.schemas import Export
from customer360.privacy.subject import require_something
from customer360.privacy.tombstones import is_erased


def export_all(customer_id: str, by: Caller, action_id: str, now: datetime) -> Export:
    """A JSON file (`privacy.holdings`), made in the background: also of a customer who never came, if something is held
    or was rejected. Raises NotFound."""
    if is_erased(customer_id):
        raise NotFound("customer")
    require_something(customer_id)
    return ask(by, action_id, now, kind="privacy", format="json", customer_id=customer_id)
