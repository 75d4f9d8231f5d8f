"""Live sessions: how one begins, and what is left of it when it ends."""

from datetime import datetime

from customer360.errors import Unauthenticated
from customer360.realtime.table import TicketItem, forget


def begin(ticket: str, connection_id: str, now: datetime) -> None:
    """Keeps the socket and uses the ticket up, both or neither. Raises Unauthenticated for one that is not good."""
    item = TicketItem.find(ticket)
    if item is None or not item.counts(now) or not item.exchange(connection_id, now):
        raise Unauthenticated("no such ticket")


def end(connection_id: str) -> None:
    """Leaves nothing of the session; what it watched has one watcher less."""
    forget(connection_id)
