"""The scores a customer has had, by day: `SCORE#<yyyy-mm-dd>` items, read with one Query that ends where it is told."""

from datetime import date
from itertools import islice
from typing import NamedTuple, cast

from customer360.storage.items import CustomerItem, ScoreItem
from customer360.storage.keys import SCORE, partition


class ScoreDay(NamedTuple):
    """The last scores of a day of the shop's time zone, as JSON of `scoring.assessment`."""

    day: date
    assessment: str


def score_days(customer_id: str, first: date, last: date, limit: int) -> list[ScoreDay]:
    """At most `limit` days with scores of their own between two (inclusive), newest first; strongly consistent."""
    items = CustomerItem.query(
        partition(customer_id),
        CustomerItem.sk.between(f"{SCORE}{first.isoformat()}", f"{SCORE}{last.isoformat()}"),
        scan_index_forward=False,
        consistent_read=True,
        limit=limit,
    )
    return [_day(cast("ScoreItem", item)) for item in islice(items, limit)]


def _day(item: ScoreItem) -> ScoreDay:
    return ScoreDay(date.fromisoformat(item.sk.removeprefix(SCORE)), item.assessment)
