"""The `directory` and `search` tables: every customer as a row of a list, and the terms that find them."""

from typing import Any

from pynamodb.attributes import BooleanAttribute, UnicodeAttribute
from pynamodb.indexes import GlobalSecondaryIndex, IncludeProjection
from pynamodb.models import Model

from customer360.settings import settings
from customer360.storage.base import TableMeta, WholeNumberAttribute


class ByRegisteredAt(GlobalSecondaryIndex["DirectoryItem"]):
    class Meta:
        index_name = "by-registered-at"
        projection = IncludeProjection(["row"])

    shard = UnicodeAttribute(hash_key=True)
    by_registered_at = UnicodeAttribute(range_key=True, attr_name="byRegisteredAt")


class ByName(GlobalSecondaryIndex["DirectoryItem"]):
    class Meta:
        index_name = "by-name"
        projection = IncludeProjection(["row"])

    shard = UnicodeAttribute(hash_key=True)
    by_name = UnicodeAttribute(range_key=True, attr_name="byName")


class ByLifetimeValue(GlobalSecondaryIndex["DirectoryItem"]):
    class Meta:
        index_name = "by-lifetime-value"
        projection = IncludeProjection(["row"])

    shard = UnicodeAttribute(hash_key=True)
    by_lifetime_value = UnicodeAttribute(range_key=True, attr_name="byLifetimeValue")


class ByTotalOrders(GlobalSecondaryIndex["DirectoryItem"]):
    class Meta:
        index_name = "by-total-orders"
        projection = IncludeProjection(["row"])

    shard = UnicodeAttribute(hash_key=True)
    by_total_orders = UnicodeAttribute(range_key=True, attr_name="byTotalOrders")


class ByLastPurchaseAt(GlobalSecondaryIndex["DirectoryItem"]):
    class Meta:
        index_name = "by-last-purchase-at"
        projection = IncludeProjection(["row"])

    shard = UnicodeAttribute(hash_key=True)
    by_last_purchase_at = UnicodeAttribute(range_key=True, attr_name="byLastPurchaseAt")


class ByHealthScore(GlobalSecondaryIndex["DirectoryItem"]):
    class Meta:
        index_name = "by-health-score"
        projection = IncludeProjection(["row"])

    shard = UnicodeAttribute(hash_key=True)
    by_health_score = UnicodeAttribute(range_key=True, attr_name="byHealthScore")


class ByChurnScore(GlobalSecondaryIndex["DirectoryItem"]):
    class Meta:
        index_name = "by-churn-score"
        projection = IncludeProjection(["row"])

    shard = UnicodeAttribute(hash_key=True)
    by_churn_score = UnicodeAttribute(range_key=True, attr_name="byChurnScore")


class DirectoryItem(Model):
    """One customer as a list shows it, in one of several shards; sort keys end in the id, so ties have one order.

    `row` is the JSON of `search.row.Row`, worked out from what version `version` of the customer said. While it
    `lacks_terms`, some may not be there yet; whoever meets it puts them all.
    """

    class Meta(TableMeta):
        table_name = settings().directory_table

    shard = UnicodeAttribute(hash_key=True)
    customer_id = UnicodeAttribute(range_key=True, attr_name="customerId")
    row = UnicodeAttribute()
    version = WholeNumberAttribute()
    lacks_terms = BooleanAttribute(null=True, attr_name="lacksTerms")
    by_registered_at = UnicodeAttribute(attr_name="byRegisteredAt")
    by_name = UnicodeAttribute(attr_name="byName")
    by_lifetime_value = UnicodeAttribute(attr_name="byLifetimeValue")
    by_total_orders = UnicodeAttribute(attr_name="byTotalOrders")
    by_last_purchase_at = UnicodeAttribute(attr_name="byLastPurchaseAt")
    by_health_score = UnicodeAttribute(attr_name="byHealthScore")
    by_churn_score = UnicodeAttribute(attr_name="byChurnScore")

    registered_at_index = ByRegisteredAt()
    name_index = ByName()
    lifetime_value_index = ByLifetimeValue()
    total_orders_index = ByTotalOrders()
    last_purchase_at_index = ByLastPurchaseAt()
    health_score_index = ByHealthScore()
    churn_score_index = ByChurnScore()

    @classmethod
    def find(cls, shard: str, customer_id: str) -> "DirectoryItem | None":
        """Strongly consistent."""
        try:
            return cls.get(shard, customer_id, consistent_read=True)
        except cls.DoesNotExist:
            return None

    @classmethod
    def is_still(cls, version: int | None) -> Any:
        """The condition that the row follows from this version; None: that there is none."""
        return cls.shard.does_not_exist() if version is None else cls.version == version


# The index of each column that is sorted by, and the attribute of its keys.
COLUMNS: dict[str, tuple[str, Any]] = {
    "registeredAt": ("by-registered-at", ByRegisteredAt.by_registered_at),
    "name": ("by-name", ByName.by_name),
    "lifetimeValue": ("by-lifetime-value", ByLifetimeValue.by_lifetime_value),
    "totalOrders": ("by-total-orders", ByTotalOrders.by_total_orders),
    "lastPurchaseAt": ("by-last-purchase-at", ByLastPurchaseAt.by_last_purchase_at),
    "healthScore": ("by-health-score", ByHealthScore.by_health_score),
    "churnScore": ("by-churn-score", ByChurnScore.by_churn_score),
}


class SearchItem(Model):
    """One term of one customer: `pk` the bucket of the term, `sk` `<term>#<customer id>`."""

    class Meta(TableMeta):
        table_name = settings().search_table

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
