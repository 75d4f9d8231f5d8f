"""The `catalog` table: what belongs to the shop and not to a customer (`pk` the kind, `sk` the id)."""

from pynamodb.attributes import DiscriminatorAttribute, UnicodeAttribute, UnicodeSetAttribute
from pynamodb.models import Model

from customer360.settings import settings
from customer360.storage.base import InstantAttribute, TableMeta, WholeNumberAttribute, unless_condition_fails

TAGS = "TAGS"
SEGMENTS = "SEGMENTS"
SHOP = "SHOP"
SOURCES = "SOURCES"


class CatalogItem(Model):
    class Meta(TableMeta):
        table_name = settings().catalog_table

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    type = DiscriminatorAttribute()


class SourcesItem(CatalogItem, discriminator="sources"):
    """The sections of the page whose source has ever sent this shop an event."""

    connected = UnicodeSetAttribute()


class DefinitionItem(CatalogItem, discriminator="definition"):
    """A tag or segment of the shop: `pk` TAGS or SEGMENTS, `sk` its id."""

    name = UnicodeAttribute()
    description = UnicodeAttribute(null=True)
    created_at = InstantAttribute(attr_name="createdAt")
    updated_at = InstantAttribute(attr_name="updatedAt")


class TagItem(DefinitionItem, discriminator="tag"):
    color = UnicodeAttribute()


class SegmentItem(DefinitionItem, discriminator="segment"):
    """`criteria` is the JSON of an automatic segment's rule, as it was saved last; a manual one has none.

    Who is in an automatic segment is kept by generation (`segments.membership`). `generation` is the one that can be
    seen, and `applied` the rule it follows (none before the first is built). While another rule is being applied to all
    customers, `building` is its generation and `job_id` the job that does it.
    """

    criteria = UnicodeAttribute(null=True)
    generation = WholeNumberAttribute(default=0)
    applied = UnicodeAttribute(null=True)
    building = WholeNumberAttribute(null=True)
    job_id = UnicodeAttribute(null=True, attr_name="jobId")


class NameItem(CatalogItem, discriminator="name"):
    """`NAMES#TAGS`, the name in the form that is compared: who holds it, so that no two tags share one."""

    holder = UnicodeAttribute()


class CountItem(CatalogItem, discriminator="count"):
    """`COUNTS#TAGS`, `<id>#<shard>`: how many customers of one shard have it. It exists as long as the tag does, so
    the condition on it also keeps a deleted tag from being given to anybody."""

    customers = WholeNumberAttribute()

    def delete_if_nobody(self) -> None:
        """Unless somebody has come to have it meanwhile."""
        with unless_condition_fails():
            self.delete(condition=CountItem.customers == 0)


class MemberItem(CatalogItem, discriminator="member"):
    """`MEMBERS#TAGS#<id>#<shard>`, the customer's id: who has it, written with the customer's own item."""
