"""One transaction that moves a customer from version n to n + 1: the only way anything of a customer is written.

Guarantee: whatever was read after `Commit.of` is what the transaction builds on. The commit item is read first and
written on the condition that its version has not moved; every other writer writes it too. So a commit that succeeds
saw everything committed before it, two commits never interleave, and a failed one leaves nothing behind. The caller
wraps reading and writing in `storage.base.until_won`.

Progress: a writer that has lost a race claims the customer for a moment before it tries again. Commits under way then
fail, later ones wait, and the claim goes with the claimant's own commit (or with time, should the claimant die). So
nobody starves behind a stream of quicker writers; that the claim is only a courtesy between clocks harms nothing,
because the version alone decides.
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Self

from pynamodb.exceptions import UpdateError
from pynamodb.expressions.condition import Condition
from pynamodb.transactions import TransactWrite

from customer360.errors import NotFound
from customer360.logs import logger
from customer360.storage.base import LOST_RACE, Claimed, Turn, refusal_of
from customer360.storage.everyone import shard_of
from customer360.storage.items import CommitItem, CustomerItem
from customer360.storage.keys import COMMIT, partition
from customer360.storage.marks import marked
from customer360.storage.transactions import all_or_nothing

CLAIM = timedelta(seconds=2)
MOST_IDS = 50  # of one section; none are named where there are more


class Commit:
    """Collects the writes of one version of one customer."""

    def __init__(self, customer_id: str, previous: CommitItem | None, turn: Turn) -> None:
        self.pk = partition(customer_id)
        self.previous = previous
        self._turn = turn
        self._puts: list[CustomerItem] = []
        self._deletes: list[CustomerItem] = []
        self._beside: list[Callable[[TransactWrite], None]] = []
        self._sections: dict[str, list[str]] = {}
        self._freshness: dict[str, datetime] = dict(previous.freshness) if previous else {}
        self._creates = False
        self.is_old_news = False

    @classmethod
    def of(cls, customer_id: str, turn: Turn) -> Self:
        """Begins a commit. Read everything it builds on after this call, strongly consistent.

        Raises Claimed while another writer has precedence.
        """
        previous = CommitItem.find(customer_id)
        if previous:
            if _is_claimed(previous, turn):
                raise Claimed
            if turn.lost:
                _claim(previous, turn)
        commit = cls(customer_id, previous, turn)
        turn.give_back = commit.abandon
        return commit

    @classmethod
    def of_known(cls, customer_id: str, turn: Turn) -> Self:
        """The same for what an admin does: it takes a customer who is there. Raises NotFound, too."""
        commit = cls.of(customer_id, turn)
        if commit.previous is None:
            raise NotFound("customer")
        return commit

    def abandon(self) -> None:
        """Gives up without writing, and lets the next writer in if this one had claimed the customer."""
        if self.previous and self.previous.claimed_by == self._turn.writer:
            mine = CommitItem.claimed_by == self._turn.writer
            with suppress(UpdateError):  # a courtesy: what is not given back runs out by itself
                self.previous.update(
                    actions=[CommitItem.claimed_by.remove(), CommitItem.claimed_until.remove()], condition=mine
                )

    @property
    def version(self) -> int:
        return self.previous.version + 1 if self.previous else 1

    def put(self, item: CustomerItem) -> None:
        self._puts.append(item)

    def delete(self, item: CustomerItem) -> None:
        self._deletes.append(item)

    def beside(self, write: Callable[[TransactWrite], None]) -> None:
        """Adds a write to another table to the transaction: `write` is handed it when the commit is written."""
        self._beside.append(write)

    def create(self, allowed: Callable[[TransactWrite], None]) -> None:
        """Lets this be the first commit of a customer, if the transaction allows it too. Nobody comes into being by
        oversight: without it, a commit for a customer who is not there is not written."""
        self._creates = True
        self.beside(allowed)

    def touch(self, sections: Iterable[str], identifier: str | None = None) -> None:
        """Says which sections of the page this commit changes, and of which record."""
        for section in sections:
            ids = self._sections.setdefault(section, [])
            if identifier and identifier not in ids:
                ids.append(identifier)

    def refresh(self, sections: Iterable[str], source_at: datetime) -> None:
        """Says when the source of these sections wrote what is committed; the latest counts."""
        for section in sections:
            self._freshness[section] = max(source_at, self._freshness.get(section, source_at))

    def write(self) -> int:
        """Writes it all or nothing, and gives the new version. Raises TransactWriteError if another was faster, and
        NotFound if there is no such customer (any more) and this is not to be their first commit."""
        if self.previous is None and not self._creates:
            raise NotFound("customer")
        if self.previous:
            unchanged = (CommitItem.version == self.previous.version) & _may_write(self._turn)
        else:
            unchanged = CommitItem.pk.does_not_exist()
        with all_or_nothing() as transaction:
            transaction.save(self._item(), condition=unchanged)
            for item in self._puts:
                transaction.save(item)
            for item in self._deletes:
                transaction.delete(item)
            for write in self._beside:
                write(transaction)
        return self.version

    def _item(self) -> CommitItem:
        sections: Mapping[str, Decimal] = self.previous.sections if self.previous else {}
        now = datetime.now(UTC)
        return CommitItem(
            self.pk,
            COMMIT,
            version=self.version,
            committed_at=now,
            sections={**sections, **dict.fromkeys(self._sections, Decimal(self.version))},
            freshness=self._freshness,
            changed={section: ids if len(ids) <= MOST_IDS else [] for section, ids in self._sections.items()},
            marks=marked(self.previous.marks if self.previous else None, self.version, now),
            updated_at=max(self._freshness.values(), default=now),
            is_old_news=self.is_old_news or None,
            correlation_id=logger.get_correlation_id(),
            shard=shard_of(self.pk),
        )


def _is_claimed(commit: CommitItem, turn: Turn) -> bool:
    by_other = commit.claimed_by not in {None, turn.writer}
    return by_other and commit.claimed_until is not None and commit.claimed_until > datetime.now(UTC)


def _may_write(turn: Turn) -> Condition:
    """Nobody else's claim is running."""
    mine: Condition = CommitItem.claimed_by == turn.writer
    free = CommitItem.claimed_until.does_not_exist() | (CommitItem.claimed_until < datetime.now(UTC))
    allowed: Condition = mine | free
    return allowed


def _claim(commit: CommitItem, turn: Turn) -> None:
    """Claims the customer and reads its latest commit anew in the same step. Raises Claimed if another was quicker."""
    try:
        commit.update(
            actions=[
                CommitItem.claimed_by.set(turn.writer),
                CommitItem.claimed_until.set(datetime.now(UTC) + CLAIM),
            ],
            condition=CommitItem.pk.exists() & _may_write(turn),
        )
    except UpdateError as error:
        if refusal_of(error) in LOST_RACE:
            raise Claimed from error
        raise


def put_unless_known(item: CustomerItem, beside: Callable[[TransactWrite], None]) -> None:
    """Keeps a new item of a customer who does not exist yet, and what is `beside`, both or neither. Raises
    TransactWriteError once the customer or the item exists."""
    with all_or_nothing() as transaction:
        transaction.condition_check(CommitItem, item.pk, COMMIT, condition=CommitItem.pk.does_not_exist())
        transaction.save(item, condition=CustomerItem.pk.does_not_exist())
        beside(transaction)
