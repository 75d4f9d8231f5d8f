"""The `directory` and `search` tables: every customer as a row of a list, and the terms that find them."""

from pynamodb.attributes import UnicodeAttribute
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex
from pynamodb.models import Model

from customer360.settings import settings
from customer360.storage.base import TableMeta


class ByRegisteredAt(GlobalSecondaryIndex["DirectoryItem"]):
    class Meta:
        index_name = "by-registered-at"
        projection = AllProjection()

    shard = UnicodeAttribute(hash_key=True)
    by_registered_at = UnicodeAttribute(range_key=True, attr_name="byRegisteredAt")


class ByName(GlobalSecondaryIndex["DirectoryItem"]):
    class Meta:
        index_name = "by-name"
        projection = AllProjection()

    shard = UnicodeAttribute(hash_key=True)
    by_name = UnicodeAttribute(range_key=True, attr_name="byName")


class ByLifetimeValue(GlobalSecondaryIndex["DirectoryItem"]):
    class Meta:
        index_name = "by-lifetime-value"
        projection = AllProjection()

    shard = UnicodeAttribute(hash_key=True)
    by_lifetime_value = UnicodeAttribute(range_key=True, attr_name="byLifetimeValue")


class ByTotalOrders(GlobalSecondaryIndex["DirectoryItem"]):
    class Meta:
        index_name = "by-total-orders"
        projection = AllProjection()

    shard = UnicodeAttribute(hash_key=True)
    by_total_orders = UnicodeAttribute(range_key=True, attr_name="byTotalOrders")


class ByLastPurchaseAt(GlobalSecondaryIndex["DirectoryItem"]):
    class Meta:
        index_name = "by-last-purchase-at"
        projection = AllProjection()

    shard = UnicodeAttribute(hash_key=True)
    by_last_purchase_at = UnicodeAttribute(range_key=True, attr_name="byLastPurchaseAt")


class ByHealthScore(GlobalSecondaryIndex["DirectoryItem"]):
    class Meta:
        index_name = "by-health-score"
        projection = AllProjection()

    shard = UnicodeAttribute(hash_key=True)
    by_health_score = UnicodeAttribute(range_key=True, attr_name="byHealthScore")


class ByChurnScore(GlobalSecondaryIndex["DirectoryItem"]):
    class Meta:
        index_name = "by-churn-score"
        projection = AllProjection()

    shard = UnicodeAttribute(hash_key=True)
    by_churn_score = UnicodeAttribute(range_key=True, attr_name="byChurnScore")


class DirectoryItem(Model):
    """One customer as a list shows it, in one of several shards; sort keys end in the id, so ties have one order."""

    class Meta(TableMeta):
        table_name = settings().directory_table

    shard = UnicodeAttribute(hash_key=True)
    customer_id = UnicodeAttribute(range_key=True, attr_name="customerId")
    by_registered_at = UnicodeAttribute(null=True, attr_name="byRegisteredAt")
    by_name = UnicodeAttribute(null=True, attr_name="byName")
    by_lifetime_value = UnicodeAttribute(null=True, attr_name="byLifetimeValue")
    by_total_orders = UnicodeAttribute(null=True, attr_name="byTotalOrders")
    by_last_purchase_at = UnicodeAttribute(null=True, attr_name="byLastPurchaseAt")
    by_health_score = UnicodeAttribute(null=True, attr_name="byHealthScore")
    by_churn_score = UnicodeAttribute(null=True, attr_name="byChurnScore")

    registered_at_index = ByRegisteredAt()
    name_index = ByName()
    lifetime_value_index = ByLifetimeValue()
    total_orders_index = ByTotalOrders()
    last_purchase_at_index = ByLastPurchaseAt()
    health_score_index = ByHealthScore()
    churn_score_index = ByChurnScore()


class SearchItem(Model):
    """One term of one customer: `pk` the term's first letters, `sk` the term, where it stands, and the customer."""

    class Meta(TableMeta):
        table_name = settings().search_table

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
