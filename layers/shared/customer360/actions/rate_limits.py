"""How often an admin may take an action: a bucket of tokens for each admin and action.

Guarantee: never more than the bucket holds at once, and not more than is put back in the long run, also under any
number of parallel requests. A repeated request whose answer is remembered takes none.
"""

from datetime import datetime

from customer360.actions.table import BucketItem
from customer360.errors import TooManyRequests
from customer360.settings import actions_burst, actions_per_minute

SECOND = 1_000_000
MINUTE = 60 * SECOND


def take(admin_id: str, action: str, now: datetime) -> None:
    """Raises TooManyRequests if the admin has no token left for the action."""
    wait = BucketItem.of(admin_id, action).take(
        int(now.timestamp() * SECOND), MINUTE // actions_per_minute(), actions_burst()
    )
    if wait:
        seconds = -(-wait // SECOND)
        raise TooManyRequests(f"too many of these actions in a short time; go on in {seconds} s", seconds)
