"""What is kept of an erasure: the tombstone in the catalog, which stays, and the job with its receipt."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Self

from pynamodb.attributes import JSONAttribute, UnicodeAttribute
from pynamodb.expressions.update import Action
from pynamodb.models import Model
from pynamodb.transactions import TransactWrite

from customer360.catalog.table import CatalogItem
from customer360.errors import NotFound
from customer360.jobs.keys import ANSWERS, answers_of
from customer360.jobs.table import JOB, JobItem
from customer360.settings import settings
from customer360.storage.base import (
    InstantAttribute,
    TableMeta,
    WholeNumberAttribute,
    unless_condition_fails,
    was_sent_twice,
)

ERASED = "ERASED#"
TOMBSTONE = "TOMBSTONE"
ERASURE = "ERASURE"
PLACE = "PLACE#"


class TombstoneItem(CatalogItem, discriminator="tombstone"):
    """`ERASED#<pseudonym>`, `TOMBSTONE`: a customer who was erased, and the job that did it. It never expires."""

    job_id = UnicodeAttribute(attr_name="jobId")
    erased_at = InstantAttribute(attr_name="erasedAt")

    @classmethod
    def find(cls, pseudonym: str) -> Self | None:
        """Strongly consistent."""
        try:
            return cls.get(ERASED + pseudonym, TOMBSTONE, consistent_read=True)
        except cls.DoesNotExist:
            return None

    @classmethod
    def require_none(cls, pseudonym: str, transaction: TransactWrite) -> None:
        """The transaction fails if there is one."""
        transaction.condition_check(cls, ERASED + pseudonym, TOMBSTONE, condition=cls.pk.does_not_exist())


class ErasureItem(JobItem, discriminator="erasure"):
    """`JOB#<id>`, `ERASURE`: how far an erasure has come. Once it is verified, nothing in it is of a person any more.

    Until then there are `customer_id` and `known` (what the customer is recognised by, `privacy.known`). `look` 0 is
    the erasure itself, then come those that make sure, the next not before `next_look_at`; `position` is the number of
    the place it is at, `reached` how far that has been looked through, where it takes more than one run, and
    `found_before` how much earlier looks had found.
    """

    pseudonym = UnicodeAttribute()
    customer_id = UnicodeAttribute(null=True, attr_name="erases")
    known = JSONAttribute(null=True)
    requested_by = UnicodeAttribute(attr_name="requestedBy")
    requested_by_name = UnicodeAttribute(attr_name="requestedByName")
    requested_at = InstantAttribute(attr_name="requestedAt")
    updated_at = InstantAttribute(attr_name="updatedAt")
    look = WholeNumberAttribute(default=0)
    position = WholeNumberAttribute(default=0)
    reached = UnicodeAttribute(null=True)
    found_before = WholeNumberAttribute(default=0, attr_name="foundBefore")
    next_look_at = InstantAttribute(null=True, attr_name="nextLookAt")
    erased_at = InstantAttribute(null=True, attr_name="erasedAt")
    verified_at = InstantAttribute(null=True, attr_name="verifiedAt")

    @classmethod
    def find(cls, job_id: str) -> Self:
        """Raises NotFound."""
        try:
            return cls.get(JOB + job_id, ERASURE, consistent_read=True)
        except cls.DoesNotExist:
            raise NotFound("erasure") from None

    @property
    def id(self) -> str:
        return self.pk.removeprefix(JOB)

    def places(self) -> "list[ErasedPlaceItem]":
        """What was erased where, so far."""
        return list(ErasedPlaceItem.query(self.pk, ErasedPlaceItem.sk.startswith(PLACE), consistent_read=True))

    def keep_known(self, known: dict[str, Any]) -> None:
        """Keeps what the customer is recognised by; of two workers, what the first one read."""
        with unless_condition_fails() as outcome:
            self.update(actions=[ErasureItem.known.set(known)], condition=ErasureItem.known.does_not_exist())
        if not outcome.holds:
            self.refresh(consistent_read=True)

    def verified(self, now: datetime) -> list[Action]:
        """Says so, and forgets whom it was about."""
        forgotten = (ErasureItem.customer_id, ErasureItem.known, ErasureItem.next_look_at)
        return [ErasureItem.verified_at.set(now), *(each.remove() for each in forgotten)]

    def move(self, now: datetime, *actions: Action) -> bool:
        """Goes on from where it was when it was read, at `now`; False if another worker has done so."""
        here = (ErasureItem.look == self.look) & (ErasureItem.position == self.position)
        with unless_condition_fails() as outcome:
            self.update(actions=[*actions, ErasureItem.updated_at.set(now)], condition=here)
        return outcome.holds or was_sent_twice(self, lambda: self.updated_at == now)


class ErasedPlaceItem(JobItem, discriminator="erased-place"):
    """`JOB#<id>`, `PLACE#<name>`: how many things were erased in one place, and how many of them only by later looks.
    Counted in the transaction that erases them."""

    erased = WholeNumberAttribute(default=0)
    found_again = WholeNumberAttribute(default=0, attr_name="foundAgain")

    @property
    def name(self) -> str:
        return self.sk.removeprefix(PLACE)


class AnswerItem(Model):
    """`IDEMPOTENCY#<customer id>`, or `IDEMPOTENCY` where there is none: the answer to a POST, which Powertools keeps
    for a day."""

    class Meta(TableMeta):
        table_name = settings().jobs_table

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    data = UnicodeAttribute(null=True)

    @classmethod
    def of_customer(cls, customer_id: str) -> Sequence[Self]:
        return list(cls.query(answers_of(customer_id), consistent_read=True))

    @classmethod
    def of_no_customer(cls) -> Iterator[Self]:
        """Those to POSTs that are about no customer, or about many: saved views, exports of searches."""
        return cls.query(ANSWERS, consistent_read=True)


def is_there(item: Any) -> Any:
    """The condition that an item, of whatever table, has not been deleted meanwhile."""
    (key,) = (each for each in type(item).get_attributes().values() if each.is_hash_key)
    return key.exists()
