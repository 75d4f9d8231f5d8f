"""What the catalog keeps of saved views."""

from collections.abc import Iterator, Sequence
from typing import Self

from pynamodb.attributes import UnicodeAttribute, UnicodeSetAttribute

from customer360.catalog.table import SHOP, CatalogItem
from customer360.storage.base import InstantAttribute, unless_condition_fails

SHARED = "VIEWS"
OWNERS = "VIEW-OWNERS"


def partition_of(admin_id: str) -> str:
    """Of the views that are an admin's alone."""
    return f"VIEWS#{admin_id}"


class ViewOwnersItem(CatalogItem, discriminator="view-owners"):
    """`SHOP`, `VIEW-OWNERS`: every admin who has ever kept a view for themselves, so that all views can be found."""

    admins = UnicodeSetAttribute()


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
    def of_everybody(cls) -> Iterator[Self]:
        """All there are, whoever keeps them."""
        yield from cls.every(SHARED)
        for owners in ViewOwnersItem.query(SHOP, ViewOwnersItem.sk == OWNERS, consistent_read=True):
            for admin_id in sorted(owners.admins):
                yield from cls.every(partition_of(admin_id))

    @classmethod
    def among(cls, partitions: Sequence[str], view_id: str) -> Self | None:
        """The one with this id in any of the partitions; None if there is none."""
        keys = [(partition, view_id) for partition in partitions]
        return next(iter(cls.batch_get(keys, consistent_read=True)), None)

    def keep(self) -> Self:
        """Stores it, and gives what is kept: what was there before, if a request is repeated.

        The owner is noted first, so that no view is without one.
        """
        if self.pk != SHARED:
            ViewOwnersItem(SHOP, OWNERS).update(
                actions=[ViewOwnersItem.admins.add({self.created_by}), ViewOwnersItem.type.set(ViewOwnersItem)]
            )
        with unless_condition_fails() as outcome:
            self.save(condition=ViewItem.pk.does_not_exist())
        return self if outcome.holds else type(self).get(self.pk, self.sk, consistent_read=True)
