"""All that a customer's scores depend on besides the model's parameters. Plain numbers, no instants: the same inputs
have the same scores for ever."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple


class History(NamedTuple):
    """A purchase history in the model's terms: `repeats` is x, `span` is tx and `age` is T, in whole days."""

    repeats: int
    span: int
    age: int

    def at_last_purchase(self) -> "History":
        return self._replace(age=self.span)


NEW_CUSTOMER = History(repeats=0, span=0, age=0)


@dataclass(frozen=True, slots=True)
class Purchases:
    """The distinct days with a completed purchase (at least one), and the first and last such purchase."""

    days: int
    first_at: datetime
    last_at: datetime

    def history(self, now: datetime) -> History:
        """Whole elapsed days; a purchase dated after `now` counts as made now."""
        span = max((self.last_at - self.first_at).days, 0)
        return History(repeats=self.days - 1, span=span, age=max((now - self.first_at).days, span))


class Engagement(NamedTuple):
    """`activity`: decayed weight of the last 120 days' opens, clicks and sessions, >= 0; `trend`: -1..1."""

    activity: float
    trend: float


@dataclass(frozen=True, slots=True)
class Inputs:
    """`history` is None for who never bought. `spend_365` is the last 365 days' spend in the shop's currency, None
    where it is not known. `engagement` and `support_load` (>= 0) are None, and `orders_connected` is False, where no
    event of that source ever reached the shop."""

    history: History | None = None
    spend_365: Decimal | None = None
    engagement: Engagement | None = None
    support_load: float | None = None
    orders_connected: bool = True
