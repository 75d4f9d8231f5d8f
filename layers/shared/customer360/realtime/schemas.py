"""What the ticket endpoint answers."""

from customer360.api.schema import Instant, Response


class RealtimeTicket(Response):
    """Opens one WebSocket, to `url` with `?ticket=` and the ticket behind it, until `expiresAt`."""

    ticket: str
    url: str
    expires_at: Instant
