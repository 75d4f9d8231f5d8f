"""What every table has in common: where it is, how long to wait for it, its attribute types, and how to win a race."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar
from uuid import uuid4

import botocore
from botocore.exceptions import ClientError
from pynamodb.attributes import Attribute
from pynamodb.constants import MAP, NUMBER, STRING
from pynamodb.exceptions import DeleteError, PutError, PynamoDBException, TransactWriteError, UpdateError
from pynamodb.models import Model

from customer360.errors import Contended
from customer360.instants import from_sortable, sortable
from customer360.settings import settings
from customer360.storage import collection_size, metering

Result = TypeVar("Result")

# Clients inherit the hooks of their session, and no session is made while modules are imported.
botocore.register_initializer(metering.watch)
botocore.register_initializer(collection_size.watch)

# Reasons for which DynamoDB cancels a transaction that may well succeed when read afresh and tried again.
RETRYABLE_REASONS = frozenset(
    {"ConditionalCheckFailed", "TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}
)
RETRYABLE_CODES = frozenset({"TransactionInProgressException", "TransactionConflictException"})


class ItemTooLarge(Exception):
    """An item would exceed the 400 KB DynamoDB allows; nothing was written."""


class TableMeta:
    """Shared by every model's `Meta`: fail fast, and let botocore retry what is transient, throttling included."""

    region = settings().aws_region
    connect_timeout_seconds = 2
    read_timeout_seconds = 5
    max_retry_attempts = 4
    max_pool_connections = 32


class DecimalAttribute(Attribute[Decimal]):
    """An exact number. PynamoDB's own NumberAttribute reads floats, which money may never become."""

    attr_type = NUMBER

    def serialize(self, value: Decimal | int) -> str:
        return str(value)

    def deserialize(self, value: str) -> Decimal:
        return Decimal(value)


class WholeNumberAttribute(Attribute[int]):
    attr_type = NUMBER

    def serialize(self, value: int) -> str:
        return str(value)

    def deserialize(self, value: str) -> int:
        return int(value)


class InstantAttribute(Attribute[datetime]):
    """An aware UTC instant, as text that sorts as time does."""

    attr_type = STRING

    def serialize(self, value: datetime) -> str:
        return sortable(value)

    def deserialize(self, value: str) -> datetime:
        return from_sortable(value)


class DayAttribute(Attribute[date]):
    """A calendar day of the shop's time zone, as text that sorts as time does."""

    attr_type = STRING

    def serialize(self, value: date) -> str:
        return value.isoformat()

    def deserialize(self, value: str) -> date:
        return date.fromisoformat(value)


class NumbersAttribute(Attribute[dict[str, Decimal]]):
    """A map of names to exact numbers."""

    attr_type = MAP

    def serialize(self, value: dict[str, Decimal]) -> dict[str, Any]:
        return {name: {NUMBER: str(number)} for name, number in value.items()}

    def deserialize(self, value: dict[str, Any]) -> dict[str, Decimal]:
        return {name: Decimal(number[NUMBER]) for name, number in value.items()}


class InstantsAttribute(Attribute[dict[str, datetime]]):
    """A map of names to instants."""

    attr_type = MAP

    def serialize(self, value: dict[str, datetime]) -> dict[str, Any]:
        return {name: {STRING: sortable(instant)} for name, instant in value.items()}

    def deserialize(self, value: dict[str, Any]) -> dict[str, datetime]:
        return {name: from_sortable(instant[STRING]) for name, instant in value.items()}


def refusal_of(error: PynamoDBException) -> str | None:
    """The code with which DynamoDB refused a call; None without an answer: nobody knows whether it was carried out."""
    return error.cause_response_code if isinstance(error.cause, ClientError) else None


@dataclass(slots=True)
class Outcome:
    """Whether the condition of a write held."""

    holds: bool = True


@contextmanager
def unless_condition_fails() -> Iterator[Outcome]:
    """Lets a conditional write be refused for its condition; every other failure flies."""
    outcome = Outcome()
    try:
        yield outcome
    except (PutError, UpdateError, DeleteError) as error:
        if refusal_of(error) != "ConditionalCheckFailedException":
            raise
        outcome.holds = False


def was_sent_twice(item: Model, has_mark: Callable[[], bool]) -> bool:
    """Of a write that was refused for its condition, whether it was this very one that had made the condition false.

    A write that got no answer is sent again by botocore. A transaction carries a token by which DynamoDB knows it; any
    other write is told by what it has left: the item is read again, and `has_mark` looks for that in it. If it was
    another's, the item stays as it was: what somebody else has done is not this one's to count, or to go on from.
    """
    as_it_was = item.attribute_values
    try:
        item.refresh(consistent_read=True)
    except item.DoesNotExist:
        return False
    if has_mark():
        return True
    item.attribute_values = as_it_was
    return False


# Why a write outside of a transaction loses a race: somebody else was faster, or is at it.
LOST_RACE = frozenset({"ConditionalCheckFailedException", "TransactionConflictException"})


class Overtaken(Exception):
    """A write outside of a transaction lost its race."""


@contextmanager
def unless_overtaken() -> Iterator[None]:
    """Raises Overtaken for a conditional write that lost its race; every other failure flies."""
    try:
        yield
    except (PutError, UpdateError, DeleteError) as error:
        if refusal_of(error) in LOST_RACE:
            raise Overtaken from error
        raise


def is_retryable(error: TransactWriteError) -> bool:
    """Whether the transaction lost a race or was throttled: nothing was written, and trying again is right."""
    refusal = refusal_of(error)
    if refusal is None or refusal in RETRYABLE_CODES:
        return refusal is not None
    codes = {reason.code for reason in error.cancellation_reasons if reason} - {"None"}
    return bool(codes) and codes <= RETRYABLE_REASONS


def is_too_large(error: TransactWriteError) -> bool:
    return isinstance(error.cause, ClientError) and "tem size" in str([error.cause, *error.cancellation_reasons])


@dataclass(slots=True)
class Turn:
    """One writer's standing in the race for a customer: who it is, how often it has lost so far, and how to give
    back what it has claimed."""

    writer: str = field(default_factory=lambda: uuid4().hex)
    lost: int = 0
    give_back: Callable[[], None] | None = None


class Claimed(Exception):
    """Another writer that has lost before has claimed the customer for a moment."""


def until_won(attempt: Callable[[Turn], Result], *, deadline: float) -> Result:
    """Calls `attempt`, which must read afresh and write all at once, until it wins its race.

    Waits between attempts with full jitter (10 ms doubling to 0.2 s). Raises Contended after the `deadline` (of
    `time.monotonic`), with nothing written; ItemTooLarge if an item would not fit. Every other failure flies through.
    Whatever is raised, what the writer had claimed is given back.
    """
    turn, pause = Turn(), 0.01
    try:
        while True:
            try:
                return attempt(turn)
            except (TransactWriteError, Claimed, Overtaken) as error:
                _raise_unless_worth_another_try(error, deadline)
            turn.lost += 1
            time.sleep(random.uniform(0, pause))
            pause = min(2 * pause, 0.2)
    except Exception:
        if turn.give_back:
            turn.give_back()
        raise


def _raise_unless_worth_another_try(error: TransactWriteError | Claimed | Overtaken, deadline: float) -> None:
    if isinstance(error, TransactWriteError) and is_too_large(error):
        raise ItemTooLarge from error
    if isinstance(error, TransactWriteError) and not is_retryable(error):
        raise error
    if time.monotonic() > deadline:
        raise Contended("too many changes to this customer at once; try again") from error
