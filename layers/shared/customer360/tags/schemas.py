"""What the endpoints of tags take and answer."""

from typing import Annotated

from pydantic import StringConstraints

from customer360.api.free_text import Description, Name
from customer360.api.schema import Instant, Request, Response, absent_if_none
from customer360.sources.fields import Identifier

Color = Annotated[str, StringConstraints(pattern=r"^#[0-9A-Fa-f]{6}$")]


class NewTag(Request):
    name: Name
    color: Color
    description: Description | None = None


class TagChange(Request):
    """What is left out stays as it is; `description: null` clears it."""

    name: Name | None = None
    color: Color | None = None
    description: Description | None = None


class Tag(Response):
    """A tag of the shop, and how many customers have it."""

    id: str
    name: str
    color: str
    description: str | None = absent_if_none()
    customer_count: int
    created_at: Instant
    updated_at: Instant


class TagPage(Response):
    """Tags by name; all of them unless a `limit` is asked for."""

    tags: list[Tag]
    next_cursor: str | None = absent_if_none()


class TagAssignment(Request):
    tag_id: Identifier
