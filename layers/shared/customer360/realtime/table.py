"""The `connections` table: tickets, open sockets and who watches which customer; all of it expires.

`expires_at` (epoch seconds) is the time to live. DynamoDB deletes late, so whoever reads an item looks at it, too. That
of a socket and of what it watches is the end of the ID token it was opened with: no right outlives the token.
"""

from datetime import datetime
from hashlib import sha256
from typing import Self
from zlib import crc32

from pynamodb.attributes import UnicodeAttribute, UnicodeSetAttribute
from pynamodb.exceptions import TransactWriteError
from pynamodb.models import Model

from customer360.settings import settings
from customer360.storage.base import TableMeta, WholeNumberAttribute, is_retryable, unless_condition_fails
from customer360.storage.transactions import all_or_nothing

# Sockets are spread over so many partitions, and all of them are read with as many queries.
SHARDS = range(8)


class LiveItem(Model):
    """What all items have: whose role it goes with, and how long it counts."""

    class Meta(TableMeta):
        table_name = settings().connections_table

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    role = UnicodeAttribute()
    expires_at = WholeNumberAttribute(attr_name="expiresAt")

    def counts(self, now: datetime) -> bool:
        return self.expires_at > now.timestamp()


class TicketItem(LiveItem):
    """`TICKET#<hash>`, `TICKET`: lets one socket be opened. The ticket itself is nowhere kept."""

    admin = UnicodeAttribute()
    session_end = WholeNumberAttribute(attr_name="sessionEnd")

    @classmethod
    def of(cls, ticket: str) -> Self:
        return cls(f"TICKET#{sha256(ticket.encode()).hexdigest()}", "TICKET")

    @classmethod
    def find(cls, ticket: str) -> Self | None:
        named = cls.of(ticket)
        try:
            return cls.get(named.pk, named.sk, consistent_read=True)
        except cls.DoesNotExist:
            return None

    def exchange(self, connection_id: str, now: datetime) -> bool:
        """Deletes the ticket and keeps the socket opened by it, both or neither; False if another was quicker."""
        opened = ConnectionItem.of(connection_id)
        opened.admin, opened.role = self.admin, self.role
        opened.opened_at, opened.expires_at = int(now.timestamp()), self.session_end
        try:
            with all_or_nothing() as transaction:
                transaction.delete(self, condition=TicketItem.pk.exists())
                transaction.save(opened)
                transaction.save(AdminSocketItem.of(opened))
        except TransactWriteError as error:
            if is_retryable(error):
                return False
            raise
        return True


class ConnectionItem(LiveItem):
    """`CONNECTIONS#<shard>`, `<connection id>`: an open socket, whose it is and which customers it watches."""

    admin = UnicodeAttribute()
    opened_at = WholeNumberAttribute(attr_name="openedAt")
    watched = UnicodeSetAttribute(null=True)

    @classmethod
    def of(cls, connection_id: str) -> Self:
        return cls(_shard_key(crc32(connection_id.encode()) % len(SHARDS)), connection_id)

    @classmethod
    def find(cls, connection_id: str) -> Self | None:
        named = cls.of(connection_id)
        try:
            return cls.get(named.pk, named.sk, consistent_read=True)
        except cls.DoesNotExist:
            return None

    @classmethod
    def of_shard(cls, shard: int) -> list[Self]:
        """All sockets of one shard, also those that do not count any more."""
        return list(cls.query(_shard_key(shard), consistent_read=True))

    def watch(self, customer_id: str) -> bool:
        """From when this returns, every commit that is not yet committed finds this watcher; False if the socket is
        gone. The socket's own item is written first, so that whoever cleans up after it knows of the other."""
        with unless_condition_fails() as outcome:
            self.update(actions=[ConnectionItem.watched.add({customer_id})], condition=ConnectionItem.pk.exists())
        if outcome.holds:
            watcher = WatcherItem.of(customer_id, self.sk)
            watcher.role, watcher.expires_at = self.role, self.expires_at
            watcher.save()
        return outcome.holds

    def unwatch(self, customer_id: str) -> None:
        WatcherItem.of(customer_id, self.sk).delete()
        with unless_condition_fails():
            self.update(actions=[ConnectionItem.watched.delete({customer_id})], condition=ConnectionItem.pk.exists())


class AdminSocketItem(LiveItem):
    """`ADMIN#<admin>`, `<connection id>`: by which the open sockets of an admin are found."""

    @classmethod
    def of(cls, socket: ConnectionItem) -> Self:
        return cls(_admin_key(socket.admin), socket.sk, role=socket.role, expires_at=socket.expires_at)

    @classmethod
    def of_admin(cls, admin: str) -> list[Self]:
        """All of them, strongly consistent, also those that do not count any more."""
        return list(cls.query(_admin_key(admin), consistent_read=True))


class WatcherItem(LiveItem):
    """`WATCHERS#<customer id>`, `<connection id>`: a socket that wants to know of this customer's commits."""

    @classmethod
    def of(cls, customer_id: str, connection_id: str) -> Self:
        return cls(f"WATCHERS#{customer_id}", connection_id)

    @classmethod
    def of_customer(cls, customer_id: str) -> list[Self]:
        """All watchers, strongly consistent, also those that do not count any more."""
        return list(cls.query(f"WATCHERS#{customer_id}", consistent_read=True))


def every_connection() -> list[ConnectionItem]:
    """All sockets, also those that do not count any more."""
    return [socket for shard in SHARDS for socket in ConnectionItem.of_shard(shard)]


def forget(connection_id: str, watched: str | None = None) -> None:
    """Deletes all there is of a socket. `watched` is a customer it is known to watch, should the socket's own item be
    gone already. What is missed, because the socket watches one more at this moment, is found when it is posted to."""
    socket = ConnectionItem.find(connection_id)
    customers = ({watched} if watched else set()) | (socket.watched or set() if socket else set())
    if socket:
        AdminSocketItem.of(socket).delete()
        socket.delete()
    with WatcherItem.batch_write() as batch:
        for customer_id in customers:
            batch.delete(WatcherItem.of(customer_id, connection_id))


def connect() -> None:
    """Makes the client once: threads that find none would make one each, and that takes longer than any read."""
    _ = LiveItem._get_connection().connection.client


def _admin_key(admin: str) -> str:
    return f"ADMIN#{admin}"


def _shard_key(shard: int) -> str:
    return f"CONNECTIONS#{shard}"
