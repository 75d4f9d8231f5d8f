"""Tells outside what a change of score means: one message on the event bus, from where a topic sends e-mails.

Guarantee: each notice is told at most once. Who tells it claims it first and deletes it afterwards. Should the claimant
die in between, nobody can know whether the message went out: it is not told again, but kept and reported, so that a
person decides.
"""

from datetime import datetime, timedelta
from typing import Literal

from customer360 import bus
from customer360.exact_json import dumps
from customer360.storage.items import NoticeItem

CLAIM = timedelta(minutes=3)  # longer than any function that tells may run

Told = Literal["told", "known", "unconfirmed"]


class BeingTold(Exception):
    """Somebody else has claimed the notice just now; whether they have told it, a later look will show."""


def tell(item: NoticeItem, now: datetime) -> Told:
    """Gives `known` if it was told before, `unconfirmed` if somebody began to and never came back.

    Raises BeingTold while somebody else is at it, and `bus.NotTaken`.
    """
    if not item.claim(now):
        since = item.claimed_since()
        if since and now - since < CLAIM:
            raise BeingTold
        return "unconfirmed" if since else "known"
    try:
        bus.put(item.kind, dumps({"noticeId": f"{item.pk}#{item.sk}", **item.notice}))
    except bus.NotTaken:
        item.give_back()
        raise
    item.delete()
    return "told"
