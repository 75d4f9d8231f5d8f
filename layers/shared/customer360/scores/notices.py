"""Tells outside what a change of score means: one message on the event bus, from where a topic sends e-mails.

Guarantee: each notice is told at most once. Who tells it claims it first and deletes it afterwards. Should the claimant
die in between, nobody can know whether the message went out: it is not told again, but kept and reported, so that a
person decides.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from customer360.aws import Refused, events
from customer360.exact_json import dumps
from customer360.settings import event_bus_name
from customer360.storage.items import NoticeItem

SOURCE = "customer360"
CLAIM = timedelta(minutes=3)  # longer than any function that tells may run

Told = Literal["told", "known", "unconfirmed"]


class NotTaken(Exception):
    """The bus refused the message; it is certain that nobody was told."""


class BeingTold(Exception):
    """Somebody else has claimed the notice just now; whether they have told it, a later look will show."""


def tell(item: NoticeItem, now: datetime) -> Told:
    """Gives `known` if it was told before, `unconfirmed` if somebody began to and never came back.

    Raises BeingTold while somebody else is at it, and NotTaken.
    """
    if not item.claim(now):
        since = item.claimed_since()
        if since and now - since < CLAIM:
            raise BeingTold
        return "unconfirmed" if since else "known"
    try:
        _put(item)
    except NotTaken:
        item.give_back()
        raise
    item.delete()
    return "told"


def _put(item: NoticeItem) -> None:
    """Failures without an answer fly: the message may be out."""
    try:
        answer = events().put_events(Entries=[_entry(item)])
    except Refused as error:
        raise NotTaken from error
    if answer["FailedEntryCount"]:
        raise NotTaken(answer["Entries"][0].get("ErrorCode", "unknown"))


def _entry(item: NoticeItem) -> Any:
    notice: Mapping[str, Any] = item.notice
    return {
        "EventBusName": event_bus_name(),
        "Source": SOURCE,
        "DetailType": item.kind,
        "Detail": dumps({"noticeId": f"{item.pk}#{item.sk}", **notice}),
        "Time": datetime.now(UTC),
    }
