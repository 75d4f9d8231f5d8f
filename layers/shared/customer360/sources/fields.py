"""The types of a source event's fields: strict, because a source's mistake is cheapest to mend at the source."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator
from pydantic.alias_generators import to_camel

from customer360.identifiers import PATTERN

# Wide enough for any shop, and a day can always be added or a time zone applied.
EARLIEST_YEAR, LATEST_YEAR = 1000, 9998

_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d([.,]\d+)?)?([Zz]|[+-]\d\d:?\d\d)")


def _instant(value: Any) -> Any:
    """ISO 8601 with a zone, to UTC; digits beyond the microsecond are dropped."""
    if isinstance(value, datetime) and value.tzinfo:
        return value.astimezone(UTC)
    if not isinstance(value, str) or not _INSTANT.fullmatch(value):
        raise ValueError("must be an ISO 8601 instant with a time zone, such as 2026-01-31T09:30:00Z")
    try:
        instant = datetime.fromisoformat(value.upper().replace(",", ".")).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("is not an instant of the calendar") from None
    if not EARLIEST_YEAR <= instant.year <= LATEST_YEAR:
        raise ValueError(f"must lie between the years {EARLIEST_YEAR} and {LATEST_YEAR}")
    return instant


def _number(value: Any) -> Any:
    """A JSON number; text, booleans and floats (which are never exact) are refused."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise ValueError("must be a number")
    return Decimal(value)


def _whole(value: Any) -> Any:
    if isinstance(value, Decimal) and value.is_finite() and value == value.to_integral_value():
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError("must be a whole number")
    return value


Instant = Annotated[datetime, BeforeValidator(_instant)]
Identifier = Annotated[str, StringConstraints(pattern=PATTERN)]
Reference = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
Text = Annotated[str, StringConstraints(strip_whitespace=True)]
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
Category = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
Amount = Annotated[Decimal, BeforeValidator(_number), Field(max_digits=18, decimal_places=6, allow_inf_nan=False)]
NotNegative = Annotated[Amount, Field(ge=0)]
Rate = Annotated[Decimal, BeforeValidator(_number), Field(gt=0, max_digits=18, decimal_places=12, allow_inf_nan=False)]
Whole = Annotated[int, BeforeValidator(_whole)]
Count = Annotated[Whole, Field(ge=0, le=1_000_000_000)]
SignedCount = Annotated[Whole, Field(ge=-1_000_000_000, le=1_000_000_000)]


class SourceModel(BaseModel):
    """Part of a source event: camelCase outside, unknown fields ignored, values never converted silently."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        serialize_by_alias=True,
        extra="ignore",
        frozen=True,
        strict=True,
        hide_input_in_errors=True,
        defer_build=True,  # a function builds only the models it uses
    )

    @model_validator(mode="before")
    @classmethod
    def _null_is_absent(cls, data: Any) -> Any:
        return {name: value for name, value in data.items() if value is not None} if isinstance(data, dict) else data
