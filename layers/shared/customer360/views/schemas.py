"""What the endpoints of saved views take and answer."""

from typing import Literal

from customer360.access.schemas import Actor
from customer360.api.free_text import Name
from customer360.api.schema import Instant, Request, Response, Search, absent_if_none
from customer360.search.query import SearchQuery


class NewView(Request):
    """`search` holds parameters of the customer search by their names, without `limit` and `cursor`."""

    name: Name
    search: SearchQuery
    is_shared: bool = False


class MissingReference(Response):
    """A tag or segment that the search names and that has been deleted: nobody is found with it any more."""

    field: Literal["tag", "segment"]
    id: str


class View(Response):
    """A saved search. It is listed for those who may run it: whoever lacks a permission that one of its filters, or its
    sorting, needs is not shown it. Whoever lacks `contact:read` is not shown those of others in whose `q` or name an
    e-mail address or a phone number may stand: an `@`, or seven digits without a letter or a `#`."""

    id: str
    name: str
    search: Search
    is_shared: bool
    created_by: Actor
    created_at: Instant
    missing: list[MissingReference] | None = absent_if_none()


class ViewPage(Response):
    """The caller's own views and those that others share, by name; all of them unless a `limit` is asked for."""

    views: list[View]
    next_cursor: str | None = absent_if_none()
