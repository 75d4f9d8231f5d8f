"""Parameters that several endpoints take."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Path, Query

from customer360.errors import Invalid
from customer360.identifiers import PATTERN, is_identifier
from customer360.shop_time import meant, unescaped

CustomerId = Annotated[str, Path(pattern=PATTERN, description="The source system's id of the customer.")]
SourceId = Annotated[str, Path(pattern=PATTERN, description="The source system's id.")]
CustomerIds = Annotated[
    str, Query(max_length=200, description="Two or three ids of different customers, separated by commas.")
]
Limit = Annotated[int, Query(ge=1, le=100, description="At most so many rows.")]
CatalogLimit = Annotated[int | None, Query(ge=1, le=100, description="At most so many rows; without it, all.")]
Cursor = Annotated[str | None, Query(max_length=1024, description="`nextCursor` of the page before.")]

_DAY_OR_INSTANT = {"anyOf": [{"type": "string", "format": "date"}, {"type": "string", "format": "date-time"}]}

From = Annotated[
    str | None,
    Query(alias="from", description="A date or an instant, inclusive.", json_schema_extra=_DAY_OR_INSTANT),
]
To = Annotated[
    str | None,
    Query(
        alias="to",
        description="A date (to its end, in the shop's time zone) or an instant.",
        json_schema_extra=_DAY_OR_INSTANT,
    ),
]


def customers_named(text: str) -> list[str]:
    """The ids in `CustomerIds`. Raises Invalid unless they are two or three different ones."""
    ids = text.split(",")
    for one in ids:
        if not is_identifier(one):
            raise Invalid("ids", f"{one[:64]!r} is not the id of a customer")
    if not 2 <= len(ids) <= 3 or len(set(ids)) < len(ids):
        raise Invalid("ids", "must be two or three ids of different customers, separated by commas")
    return ids


def refuse_repeated(event: Mapping[str, Any], repeatable: Collection[str]) -> None:
    """Of the event of API Gateway. Raises Invalid for a parameter, not one of those, that the query string has twice:
    Powertools would take the first for a field of a model, and what else was asked for would not hold."""
    for name, values in (event.get("multiValueQueryStringParameters") or {}).items():
        if len(values) > 1 and name not in repeatable:
            raise Invalid(name, "may be given once")


def refuse_unknown(event: Mapping[str, Any], known: Collection[str]) -> None:
    """Of the event of API Gateway. Raises Invalid, worded as for a field of a body, for a parameter that is not one of
    those: Powertools would leave it out, and a filter that is misspelt would find everybody."""
    for name in event.get("multiValueQueryStringParameters") or {}:
        if name not in known:
            raise Invalid(name, "Extra inputs are not permitted")


def instants_between(start: str | None, end: str | None) -> tuple[datetime | None, datetime | None]:
    """The first and the last instant of an inclusive range. Raises Invalid, also if it is inverted."""
    first, last = _bound("from", start, is_end=False), _bound("to", end, is_end=True)
    if first and last and first > last:
        raise Invalid("from", "is after to")
    return first, last


def _bound(field: str, text: str | None, *, is_end: bool) -> datetime | None:
    if text is None:
        return None
    try:
        return meant(unescaped(text))[is_end]
    except ValueError as error:
        raise Invalid(field, str(error)) from None
