"""Tags: the shop's own, and those of a customer."""

from datetime import UTC, datetime
from typing import cast

from customer360.access.caller import Caller
from customer360.api.etags import Precondition
from customer360.catalog import assignments, pages, store
from customer360.catalog.kinds import TAG_KIND
from customer360.catalog.table import TAGS, DefinitionItem, TagItem
from customer360.customers.assigned import customer_tag
from customer360.customers.schemas import CustomerTag
from customer360.tags.schemas import NewTag, Tag, TagChange, TagPage


def page(limit: int | None = None, cursor: str | None = None) -> TagPage:
    """Tags by name with how many customers have each. Raises Invalid for a cursor of another list."""
    items, following = pages.page(TAG_KIND, limit, cursor)
    counts = store.counts(TAG_KIND)
    return TagPage(tags=[_answered(item, counts.get(item.sk, 0)) for item in items], next_cursor=following)


def create(new: NewTag, action_id: str) -> Tag:
    """Raises Conflict if the name is taken."""
    now = datetime.now(UTC)
    item = TagItem(
        TAGS,
        f"tag-{action_id}",
        name=new.name,
        color=new.color,
        description=new.description or None,
        created_at=now,
        updated_at=now,
    )
    return _answered(store.create(TAG_KIND, item), 0)


def update(tag_id: str, change: TagChange, unchanged: Precondition) -> Tag:
    """Renames, recolours or describes it anew, for all its customers at once. Raises NotFound, Conflict and Stale."""

    def edit(item: DefinitionItem) -> tuple[()]:
        tag = cast("TagItem", item)
        unchanged.require(lambda: _counted(tag), page)
        tag.name = change.name or tag.name
        tag.color = change.color or tag.color
        if "description" in change.model_fields_set:
            tag.description = change.description or None
        return ()

    return _counted(store.change(TAG_KIND, tag_id, edit))


def add(customer_id: str, tag_id: str, by: Caller, action_id: str) -> CustomerTag:
    """Gives the customer a tag. Raises NotFound, and Conflict if they have it already."""
    item, tag = assignments.give(TAG_KIND, customer_id, tag_id, by, action_id, _any)
    return customer_tag(item, cast("TagItem", tag))


def remove(customer_id: str, tag_id: str, by: Caller, action_id: str) -> None:
    """Takes a tag from the customer. Raises NotFound, also if they do not have it."""
    assignments.take(TAG_KIND, customer_id, tag_id, by, action_id, _any)


def _any(_: DefinitionItem) -> None:
    """Every tag is given and taken by hand."""


def _counted(item: DefinitionItem) -> Tag:
    return _answered(item, store.counts(TAG_KIND, item.sk).get(item.sk, 0))


def _answered(item: DefinitionItem, customer_count: int) -> Tag:
    tag = cast("TagItem", item)
    return Tag(
        id=tag.sk,
        name=tag.name,
        color=tag.color,
        description=tag.description,
        customer_count=customer_count,
        created_at=tag.created_at,
        updated_at=tag.updated_at,
    )
