"""Tickets for live sessions: good for one socket, for a minute.

A browser cannot set headers on a WebSocket, and a token in a URL ends in logs. So an admin gets a ticket over HTTPS and
connects with that: it says who they are and until when their token counts, and is used up when the socket opens.
"""

import secrets
from datetime import datetime, timedelta

from customer360.access.caller import Caller
from customer360.realtime.schemas import RealtimeTicket
from customer360.realtime.table import TicketItem
from customer360.settings import websocket_url

VALID = timedelta(seconds=60)


def issue(by: Caller, session_end: datetime, now: datetime) -> RealtimeTicket:
    """A new ticket for a caller with a role, whose token counts until `session_end`."""
    ticket = secrets.token_urlsafe(32)
    until = min(now + VALID, session_end)
    item = TicketItem.of(ticket)
    item.admin, item.role = by.id, by.role
    item.session_end, item.expires_at = int(session_end.timestamp()), int(until.timestamp())
    item.save()
    return RealtimeTicket(ticket=ticket, url=websocket_url(), expires_at=until)
