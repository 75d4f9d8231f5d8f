"""The `catalog` table: what belongs to the shop and not to a customer (`pk` the kind, `sk` the id)."""

from pynamodb.attributes import DiscriminatorAttribute, UnicodeAttribute, UnicodeSetAttribute
from pynamodb.models import Model

from customer360.settings import settings
from customer360.storage.base import TableMeta

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


class TagItem(CatalogItem, discriminator="tag"):
    name = UnicodeAttribute()
    color = UnicodeAttribute()
    description = UnicodeAttribute(null=True)


class SegmentItem(CatalogItem, discriminator="segment"):
    """`criteria` is the JSON of an automatic segment's rule; a manual one has none."""

    name = UnicodeAttribute()
    description = UnicodeAttribute(null=True)
    criteria = UnicodeAttribute(null=True)
