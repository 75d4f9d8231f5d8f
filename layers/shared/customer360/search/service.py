"""Finds customers: a page of those who match, as the caller may know them."""

from collections.abc import Collection
from dataclasses import astuple
from decimal import Decimal
from typing import TypeVar

from customer360.access.caller import Caller
from customer360.access.policy import READS_CONTACT, SEES_COST
from customer360.api import cursor as cursors
from customer360.catalog import definitions
from customer360.catalog.table import SEGMENTS, TAGS, SegmentItem, TagItem
from customer360.errors import Invalid
from customer360.exact_json import dumps, loads
from customer360.instants import from_sortable
from customer360.search import schemas
from customer360.search.index import Index
from customer360.search.matching import Assigned, Match
from customer360.search.planning import Found, Position, find
from customer360.search.query import SearchQuery
from customer360.search.row import Row
from customer360.segments.membership import membership_key, segment_and_generation
from customer360.storage import metering

Definition = TypeVar("Definition", TagItem, SegmentItem)

NOBODY = Found([], 0, True, None, "none")


def page(query: SearchQuery, caller: Caller, *, limit: int, cursor: str | None, debug: bool) -> schemas.SearchPage:
    """Raises NotAllowed for a filter or an order that would tell what the caller may not know, and Invalid for a cursor
    of another search."""
    for permission in sorted(query.permissions_needed() | ({SEES_COST} if debug else set())):
        caller.require(permission)
    sees_contact = READS_CONTACT in caller.permissions
    scope = ("search", dumps(query.parameters()), str(sees_contact))
    position = _position(cursors.decode(cursor, *scope))
    index = Index()
    assigned = _assigned(query)
    found = NOBODY
    if assigned is not None:
        found = find(index, query, assigned, sees_contact=sees_contact, limit=limit, position=position)
    following = dumps(astuple(found.next)) if found.next else None
    return schemas.SearchPage(
        customers=[_customer(row, match) for row, match in found.rows],
        total=found.total,
        total_is_exact=found.is_exact,
        debug=_explanation(found, index) if debug else None,
        next_cursor=cursors.encode(following, *scope) if following else None,
    )


def _position(text: str | None) -> Position | None:
    """Raises Invalid: whoever can work out the checksum can also write what is no position."""
    if text is None:
        return None
    try:
        match loads(text):
            case [str() as key, int() as total, bool() as is_exact, bool() as takes_typos]:
                return Position(key, total, is_exact, takes_typos)
    except ValueError:
        pass
    raise Invalid("cursor", "is not one of ours")


def _assigned(query: SearchQuery) -> Assigned | None:
    """What the tags and segments of the query are at this moment; None if one of them does not exist."""
    tags, segments = _now(TagItem, TAGS, query.tag), _now(SegmentItem, SEGMENTS, query.segment)
    if len(tags) < len(query.tag) or len(segments) < len(query.segment):
        return None
    memberships = frozenset(membership_key(segment.sk, segment.generation) for segment in segments)
    return Assigned(frozenset(tag.sk for tag in tags), memberships)


def _now(model: type[Definition], kind: str, ids: Collection[str]) -> list[Definition]:
    return list(model.batch_get([(kind, each) for each in ids], consistent_read=True)) if ids else []


def _customer(row: Row, match: Match) -> schemas.FoundCustomer:
    segments = definitions.segments(dict.fromkeys(segment_and_generation(key)[0] for key in row.segments))
    seen = [each for each in segments.values() if membership_key(each.sk, each.generation) in row.segments]
    tags = definitions.tags(row.tags)
    return schemas.FoundCustomer(
        id=row.id,
        name=row.name,
        email=row.email,
        phone=row.phone,
        account_status=row.account_status,
        loyalty_tier=row.loyalty_tier,
        total_orders=row.total_orders,
        lifetime_value=row.lifetime_value,
        registered_at=from_sortable(row.registered_at),
        last_purchase_at=from_sortable(row.last_purchase_at) if row.last_purchase_at else None,
        health_score=row.health_score,
        health_level=row.health_level,
        churn_score=row.churn_score,
        churn_level=row.churn_level,
        segments=[schemas.Label(id=each.sk, name=each.name) for each in seen],
        tags=[schemas.ColouredLabel(id=each.sk, name=each.name, color=each.color) for each in tags.values()],
        match=None if match == "exact" else match,
    )


def _explanation(found: Found, index: Index) -> schemas.Explanation:
    steps = [
        schemas.Step(name=name, milliseconds=Decimal(f"{1000 * seconds:.1f}"))
        for name, seconds in index.seconds.items()
    ]
    return schemas.Explanation(
        way_in=found.way_in, items_read=index.items, read_units=Decimal(f"{metering.meter().read_units:g}"), steps=steps
    )
