"""From what a source sent to its outcome: read, apply, or keep as rejected. Every way in goes through here."""

from functools import cache
from typing import Any

from customer360.exact_json import dumps
from customer360.ingestion import rejections
from customer360.ingestion.apply import Outcome, ingest, too_large
from customer360.ingestion.events import Rejected, read_event
from customer360.ingestion.rejections import Origin
from customer360.settings import settings
from customer360.shop_time import shop_zone
from customer360.sources.record import Shop
from customer360.storage.base import ItemTooLarge


@cache
def this_shop() -> Shop:
    return Shop(settings().shop_currency, shop_zone())


def take_in(event_type: Any, event: Any, via: str | None = None, seconds: float = 20) -> Outcome:
    """Reads and applies one event. Raises Rejected if it can never be applied as it is."""
    try:
        return ingest(read_event(event_type, event, this_shop()), this_shop(), via, seconds)
    except ItemTooLarge:
        raise too_large() from None


def take_in_or_keep(
    event_type: Any, event: Any, origin: Origin, via: str | None = None, seconds: float = 20
) -> Outcome | Rejected:
    """The outcome, or the rejection under which the event was kept. Other failures fly: the event may be retried."""
    try:
        return take_in(event_type, event, via, seconds)
    except Rejected as rejection:
        payload = {**event, "type": event_type} if isinstance(event, dict) else event
        rejections.keep(event_type, dumps(payload), rejection, origin)
        return rejection


def name_of(outcome: Outcome | Rejected) -> str:
    return "rejected" if isinstance(outcome, Rejected) else outcome.value


def metric_of(name: str) -> str:
    """What counts the events of which this became, those of the bus and those of files."""
    return f"Events{name.capitalize()}"
