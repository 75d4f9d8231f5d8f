"""Saved views: searches that an admin keeps for themselves, or for everybody.

Guarantee: a repeated request with the same action id gives the view that the first one made. The limits are looked at
before a view is kept, so requests at the same moment may exceed them by their number.
"""

from collections.abc import Collection, Container, Iterator
from datetime import UTC, datetime
from functools import partial
from typing import NamedTuple

from customer360.access.caller import Caller
from customer360.access.policy import MODERATES_VIEWS, READS_CONTACT
from customer360.access.schemas import Actor
from customer360.catalog import store
from customer360.catalog.kinds import SEGMENT_KIND, TAG_KIND, folded
from customer360.catalog.pages import part
from customer360.errors import Conflict, Invalid, NotFound
from customer360.exact_json import dumps, loads
from customer360.search.query import SearchQuery
from customer360.search.words import may_hold_contact
from customer360.storage.parallel import at_once
from customer360.views.schemas import MissingReference, NewView, View, ViewPage
from customer360.views.table import SHARED, ViewItem, partition_of

MOST_OWN = 200  # of one admin, beside those they share
MOST_SHARED = 1000


class _Saved(NamedTuple):
    item: ViewItem
    search: SearchQuery

    @classmethod
    def of(cls, item: ViewItem) -> "_Saved":
        return cls(item, SearchQuery.model_validate(loads(item.search)))

    @property
    def position(self) -> str:
        return f"{folded(self.item.name)}\0{self.item.sk}"

    def is_shown_to(self, by: Caller) -> bool:
        """Whether the caller may run it, and read what is written in it: their own words, or no contact data."""
        needed = self.search.permissions_needed()
        if self.item.created_by != by.id and any(map(may_hold_contact, (self.item.name, self.search.q or ""))):
            needed |= {READS_CONTACT}
        return needed <= by.permissions


class _Missing(NamedTuple):
    """Ids of which there is none in the catalog, or none any more."""

    tag: Container[str]
    segment: Container[str]

    def of(self, search: SearchQuery) -> Iterator[tuple[str, MissingReference]]:
        """Each with its path in the request."""
        for at, tag_id in enumerate(search.tag):
            if tag_id in self.tag:
                yield f"search.tag.{at}", MissingReference(field="tag", id=tag_id)
        for at, segment_id in enumerate(search.segment):
            if segment_id in self.segment:
                yield f"search.segment.{at}", MissingReference(field="segment", id=segment_id)


def page(by: Caller, limit: int | None, cursor: str | None) -> ViewPage:
    """What the caller has saved, and what others share, by name. Raises Invalid for a cursor of another list."""
    own, shared = at_once((partial(ViewItem.every, partition_of(by.id)), partial(ViewItem.every, SHARED)))
    views = [view for view in map(_Saved.of, [*own, *shared]) if view.is_shown_to(by)]
    views.sort(key=lambda view: view.position)
    shown, following = part(views, lambda view: view.position, limit, cursor, "views", by.id)
    missing = _missing_among([view.search for view in shown])
    return ViewPage(views=[_answered(view, missing) for view in shown], next_cursor=following)


def create(new: NewView, by: Caller, action_id: str) -> View:
    """Raises NotAllowed if the caller could not run it, Invalid for a full card number or naming a tag or segment there
    is not, and Conflict if there are too many."""
    for permission in sorted(new.search.permissions_needed()):
        by.require(permission)
    new.search.require_keepable()
    missing = _missing_among([new.search])
    for path, reference in missing.of(new.search):
        raise Invalid(path, f"is not the id of a {reference.field}")
    item = ViewItem(
        SHARED if new.is_shared else partition_of(by.id),
        f"view-{action_id}",
        name=new.name,
        search=dumps(new.search.parameters()),
        created_by=by.id,
        created_by_name=by.name,
        created_at=datetime.now(UTC),
    )
    known = ViewItem.among([item.pk], item.sk)
    if known is None:
        _require_room(item.pk, MOST_SHARED if new.is_shared else MOST_OWN)
        known = item.keep()
    return _answered(_Saved.of(known), missing)


def delete(view_id: str, by: Caller) -> None:
    """Raises NotFound, also for one that is somebody else's alone, and NotAllowed for one that they share, unless the
    caller looks after them all."""
    item = ViewItem.among([partition_of(by.id), SHARED], view_id)
    if item is None:
        raise NotFound("view")
    if item.created_by != by.id:
        by.require(MODERATES_VIEWS)
    item.delete()


def _require_room(partition: str, most: int) -> None:
    """Raises Conflict if there are as many as there may be."""
    if ViewItem.count(partition, consistent_read=True) >= most:
        raise Conflict(f"there are {most} already; delete one first")


def _missing_among(searches: Collection[SearchQuery]) -> _Missing:
    return _Missing(
        store.missing(TAG_KIND, {tag_id for search in searches for tag_id in search.tag}),
        store.missing(SEGMENT_KIND, {segment_id for search in searches for segment_id in search.segment}),
    )


def _answered(view: _Saved, missing: _Missing) -> View:
    item = view.item
    return View(
        id=item.sk,
        name=item.name,
        search=view.search.parameters(),
        is_shared=item.pk == SHARED,
        created_by=Actor(id=item.created_by, name=item.created_by_name),
        created_at=item.created_at,
        missing=[reference for _, reference in missing.of(view.search)] or None,
    )
