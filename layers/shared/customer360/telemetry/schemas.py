"""What pages say of their own times. Nothing in it is free text, so nothing in it can be about a person."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from customer360.api.schema import Request

MOST_TIMINGS = 50
TEN_MINUTES = 600_000

Page = Literal[
    "home", "search", "customer", "comparison", "tags", "segments", "views", "exports", "audit", "ingestion", "other"
]  # fmt: skip
Section = Literal[
    "profile", "metrics", "health", "churn", "orders", "loyalty", "marketing", "support", "payments", "timeline",
    "analytics", "notes", "tags", "segments",
]  # fmt: skip

Milliseconds = (
    Annotated[int, Field(ge=0, le=TEN_MINUTES)] | Annotated[Decimal, Field(ge=0, le=TEN_MINUTES, allow_inf_nan=False)]
)


class Timing(Request):
    """How long something took for who was looking: `load` from asking for the page until it can be used, `section`
    from asking for a section until it is shown, `request` a call of the API as the browser saw it, `live` from a change
    (`at` of its message) until it is shown."""

    measure: Literal["load", "section", "request", "live"]
    milliseconds: Milliseconds
    section: Section | None = None


class Telemetry(Request):
    """What one page has measured since it said so last."""

    page: Page
    timings: Annotated[list[Timing], Field(min_length=1, max_length=MOST_TIMINGS)]
