"""The tags and segments that a search names."""

from customer360.catalog import store
from customer360.catalog.kinds import SEGMENT_KIND, TAG_KIND, Kind
from customer360.errors import NotFound
from customer360.search.query import SearchQuery


def missing_from(query: SearchQuery) -> Kind | None:
    """The kind of a tag or segment that is not there, or not any more, so that nobody is found; None if all are. They
    were there then while a page was read before: no id comes back."""
    try:
        for kind, identifiers in ((TAG_KIND, query.tag), (SEGMENT_KIND, query.segment)):
            for identifier in identifiers:
                store.find(kind, identifier)
    except NotFound:
        return kind
    return None
