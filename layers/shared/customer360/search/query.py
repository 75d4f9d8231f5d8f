"""What can be searched for: the parameters of the search, checked the same way wherever a search is taken in.

Pure. Values may be JSON (a saved view, an export) or text as it stands in a query string: both come out as the same
types, and `parameters` gives them back as JSON. An instant may be a date: then it is that whole day in the shop's time
zone, and it is kept as it was written, so that a saved search means the same for ever.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, ValidationInfo, field_validator

from customer360.api.schema import Needs, Request, needed_for
from customer360.customers.record import AccountStatus
from customer360.errors import Invalid
from customer360.ingestion.cards import has_card_number
from customer360.loyalty.tiers import TierName
from customer360.scoring.churn import ChurnLevel
from customer360.scoring.health import HealthLevel
from customer360.shop_time import meant, unescaped
from customer360.sources.fields import Identifier

LONGEST_TEXT = 200
MOST_IDS = 10

SortColumn = Literal[
    "registeredAt", "name", "lifetimeValue", "totalOrders", "lastPurchaseAt", "healthScore", "churnScore"
]
Sort = Literal[
    "registeredAt",
    "-registeredAt",
    "name",
    "-name",
    "lifetimeValue",
    "-lifetimeValue",
    "totalOrders",
    "-totalOrders",
    "lastPurchaseAt",
    "-lastPurchaseAt",
    "healthScore",
    "-healthScore",
    "churnScore",
    "-churnScore",
]
NEWEST_FIRST: Final = "-registeredAt"

# What it takes to sort by a column, where it is more than to search.
SORTING_NEEDS: Final[Mapping[str, str]] = {"lifetimeValue": "financials:read"}

# The upper end of every range, and its lower one.
RANGES: Final = {
    "registration_to": "registration_from",
    "last_purchase_to": "last_purchase_from",
    "clv_max": "clv_min",
    "order_count_max": "order_count_min",
    "health_max": "health_min",
}

# Of the parameters of a query string, those that may stand there several times.
REPEATABLE = frozenset({"segment", "tag"})

Between = tuple[datetime | None, datetime | None]

_NUMBER = re.compile(r"-?\d{1,18}(\.\d{1,6})?")
_WHOLE = re.compile(r"-?\d{1,10}")


def _number(value: Any) -> Decimal:
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return Decimal(value)
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise ValueError("must be a number")
    return Decimal(value)


def _whole(value: Any) -> int:
    if isinstance(value, str) and _WHOLE.fullmatch(value):
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError("must be a whole number")
    return value


def _boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if value not in ("true", "false"):
        raise ValueError("must be true or false")
    return bool(value == "true")


def _day_or_instant(text: str) -> str:
    """As it was written, if it is one."""
    text = unescaped(text)
    meant(text)
    return text


Words = Annotated[
    str | None,
    StringConstraints(strip_whitespace=True, max_length=LONGEST_TEXT),
    # Python's spaces are a few more than pydantic's: control characters that separate are no words to look for.
    AfterValidator(lambda text: (text or "").strip() or None),
]
Ids = Annotated[list[Identifier], Field(max_length=MOST_IDS), AfterValidator(lambda ids: list(dict.fromkeys(ids)))]
DayOrInstant = Annotated[str, StringConstraints(max_length=40), AfterValidator(_day_or_instant)]
Flag = Annotated[bool, BeforeValidator(_boolean)]
Money = Annotated[Decimal, Field(ge=0, max_digits=18, decimal_places=6, allow_inf_nan=False), BeforeValidator(_number)]
Orders = Annotated[int, Field(ge=0, le=1_000_000_000), BeforeValidator(_whole)]
Score = Annotated[
    Decimal, Field(ge=0, le=100, max_digits=9, decimal_places=6, allow_inf_nan=False), BeforeValidator(_number)
]


class SearchQuery(Request):
    """Whom to look for, and in which order. Every filter that is set must hold; ranges include both their ends.

    `q`: every word must be found. `segment` and `tag`: ids, the customer must be in or have all of them.
    `lastPurchase…` is about the latest completed purchase, `clv…` the lifetime value in the shop's currency, and
    `orderCount…` all orders.
    """

    q: Words = None
    segment: Ids = Field(default_factory=list)
    tag: Ids = Field(default_factory=list)
    tier: TierName | None = None
    churn_level: ChurnLevel | None = None
    health_level: HealthLevel | None = None
    account_status: AccountStatus | None = None
    email_opt_in: Annotated[Flag | None, Needs("marketing:read")] = None
    registration_from: DayOrInstant | None = None
    registration_to: DayOrInstant | None = None
    last_purchase_from: DayOrInstant | None = None
    last_purchase_to: DayOrInstant | None = None
    clv_min: Annotated[Money | None, Needs("financials:read")] = None
    clv_max: Annotated[Money | None, Needs("financials:read")] = None
    order_count_min: Orders | None = None
    order_count_max: Orders | None = None
    health_min: Score | None = None
    health_max: Score | None = None
    sort: Sort = NEWEST_FIRST

    @field_validator(*RANGES)
    @classmethod
    def _not_inverted(cls, upper: Any, info: ValidationInfo) -> Any:
        """Runs after both ends have been read; the upper one is named for the fault."""
        name = RANGES[str(info.field_name)]
        lower = info.data.get(name)
        if upper is None or lower is None:
            return upper
        is_inverted = meant(lower)[0] > meant(upper)[1] if isinstance(upper, str) else lower > upper
        if is_inverted:
            raise ValueError(f"is below {cls.model_fields[name].alias}")
        return upper

    @property
    def registered(self) -> Between:
        """The first and the last instant, both inclusive, in UTC; None for no bound."""
        return _between(self.registration_from, self.registration_to)

    @property
    def last_purchased(self) -> Between:
        """The first and the last instant, both inclusive, in UTC; None for no bound."""
        return _between(self.last_purchase_from, self.last_purchase_to)

    @property
    def sort_column(self) -> str:
        """One of `SortColumn`."""
        return self.sort.removeprefix("-")

    @property
    def is_descending(self) -> bool:
        return self.sort.startswith("-")

    def permissions_needed(self) -> frozenset[str]:
        """What a caller must have, beyond `search`, to be answered: filters and sorting tell what they look at."""
        filters = self.model_dump(exclude_defaults=True)
        needed = {permission for name in filters for permission in needed_for(type(self).model_fields[name])}
        sorting = SORTING_NEEDS.get(self.sort_column)
        return frozenset(needed | {sorting} if sorting else needed)

    def require_keepable(self) -> None:
        """Raises Invalid, naming it as part of a `search`, for a full card number: a search that is made and forgotten
        may look for one, as a number of an order can look like it."""
        if self.q and has_card_number(self.q):
            raise Invalid("search.q", "holds a full card number, which is never accepted")

    def parameters(self) -> dict[str, Any]:
        """What is set, by the names of the API, as JSON values (numbers exact); reads back as an equal query."""
        return self.model_dump(by_alias=True, exclude_defaults=True)


# By the names of the API.
PARAMETERS = frozenset(str(field.alias) for field in SearchQuery.model_fields.values())


def _between(start: str | None, end: str | None) -> Between:
    return meant(start)[0] if start else None, meant(end)[1] if end else None
