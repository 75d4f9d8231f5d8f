"""Whom a bulk assignment would be about: counted, and nothing changed."""

from customer360.access.caller import Caller
from customer360.bulk.parts import REMOVE
from customer360.bulk.reading import TYPO, in_order
from customer360.bulk.schemas import BulkAssignment, BulkPreview
from customer360.bulk.target import wanted
from customer360.catalog.kinds import TAG_KIND, Kind
from customer360.errors import Conflict, Invalid
from customer360.search import service as search
from customer360.search.query import SearchQuery


def preview(request: BulkAssignment, caller: Caller) -> BulkPreview:
    """Raises Invalid, also for an automatic segment, NotFound, and NotAllowed for a filter the caller may not use."""
    request.search.require_keepable()
    try:
        kind, definition = wanted(request, caller)
    except Conflict:  # nothing is written here that anything could be in the way of
        raise Invalid("segmentId", "is an automatic segment; these follow their criteria") from None
    total, is_exact = count(request.search, caller)
    having, is_exactly_having = count(_also_having(request.search, kind, definition.sk), caller)
    if request.action == REMOVE:
        changing = having if is_exactly_having else None
    else:
        changing = max(total - having, 0) if is_exact and is_exactly_having else None
    return BulkPreview(count=total, count_is_exact=is_exact, changing=changing)


def count(query: SearchQuery, caller: Caller) -> tuple[int, bool]:
    """How many the search finds, and whether there are no more. Who is found but for a typo is none of them."""
    page = search.page(in_order(query), caller, limit=1, cursor=None, debug=False)
    if any(found.match == TYPO for found in page.customers):
        return 0, True
    return page.total, page.total_is_exact


def _also_having(query: SearchQuery, kind: Kind, identifier: str) -> SearchQuery:
    name = "tag" if kind is TAG_KIND else "segment"
    return query.model_copy(update={name: list(dict.fromkeys([*getattr(query, name), identifier]))})
