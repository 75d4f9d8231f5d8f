"""What it takes to give a customer a tag or segment, or to take it away, within a commit: the customer's own item, the
row in the list of members and the count, which so agree at any moment."""

from customer360.catalog.kinds import Kind, shard_of
from customer360.catalog.table import CountItem, MemberItem
from customer360.storage.commit import Commit
from customer360.storage.items import AssignmentItem


def enter(commit: Commit, kind: Kind, customer_id: str, item: AssignmentItem) -> None:
    """The customer must not have it yet. Refused, and tried again on fresh data, if it is just being deleted."""
    commit.put(item)
    member = _member(kind, customer_id, item.sk)
    commit.beside(lambda transaction: transaction.save(member))
    _count(commit, kind, customer_id, item.sk, 1)


def leave(commit: Commit, kind: Kind, customer_id: str, item: AssignmentItem) -> None:
    """The customer must have it. Refused, and tried again on fresh data, if it is just being deleted."""
    commit.delete(item)
    member = _member(kind, customer_id, item.sk)
    commit.beside(lambda transaction: transaction.delete(member))
    _count(commit, kind, customer_id, item.sk, -1)


def _member(kind: Kind, customer_id: str, sort_key: str) -> MemberItem:
    return MemberItem(kind.members(sort_key.removeprefix(kind.head), shard_of(customer_id)), customer_id)


def _count(commit: Commit, kind: Kind, customer_id: str, sort_key: str, by: int) -> None:
    count = CountItem(kind.counts, f"{sort_key.removeprefix(kind.head)}#{shard_of(customer_id)}")
    commit.beside(
        lambda transaction: transaction.update(
            count, actions=[CountItem.customers.add(by)], condition=CountItem.pk.exists()
        )
    )
