"""The `connections` table: tickets, open sockets and who watches which customer; all of it expires."""

from pynamodb.attributes import UnicodeAttribute
from pynamodb.models import Model

from customer360.settings import settings
from customer360.storage.base import TableMeta, WholeNumberAttribute


class ConnectionItem(Model):
    """A ticket, a socket or a subscription; `expires_at` (epoch seconds) is its time to live."""

    class Meta(TableMeta):
        table_name = settings().connections_table

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    expires_at = WholeNumberAttribute(attr_name="expiresAt")
