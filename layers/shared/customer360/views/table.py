"""What the catalog keeps of saved views."""

from collections.abc import Sequence
from typing import Self

from pynamodb.attributes import UnicodeAttribute

from customer360.catalog.table import CatalogItem
from customer360.storage.base import InstantAttribute, unless_condition_fails

SHARED = "VIEWS"


def partition_of(admin_id: str) -> str:
    """Of the views that are an admin's alone."""
    return f"VIEWS#{admin_id}"


class ViewItem(CatalogItem, discriminator="view"):
    """`VIEWS` if everybody sees it, else `VIEWS#<admin>`, and its id: a search by its parameters (JSON)."""

    name = UnicodeAttribute()
    search = UnicodeAttribute()
    created_by = UnicodeAttribute(attr_name="createdBy")
    created_by_name = UnicodeAttribute(attr_name="createdByName")
    created_at = InstantAttribute(attr_name="createdAt")

    @classmethod
    def every(cls, partition: str) -> list[Self]:
        return list(cls.query(partition, consistent_read=True))

    @classmethod
    def among(cls, partitions: Sequence[str], view_id: str) -> Self | None:
        """The one with this id in any of the partitions; None if there is none."""
        keys = [(partition, view_id) for partition in partitions]
        return next(iter(cls.batch_get(keys, consistent_read=True)), None)

    def keep(self) -> Self:
        """Stores it, and gives what is kept: what was there before, if a request is repeated."""
        with unless_condition_fails() as outcome:
            self.save(condition=ViewItem.pk.does_not_exist())
        return self if outcome.holds else type(self).get(self.pk, self.sk, consistent_read=True)
