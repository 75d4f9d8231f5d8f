"""An admin gives a customer points, or takes some.

Guarantees, under retries and any number of parallel calls: each adjustment counts once; none takes the balance below
zero, because it is worked out, at the instant of the adjustment, from what the transaction builds on
(`storage.commit`). Points that are taken off lots that lapse are the oldest, as with any other transaction.
"""

from datetime import UTC, datetime
from functools import partial

from customer360.access.caller import Caller
from customer360.actions import rate_limits
from customer360.actions.asking import entry_of, event_of, put_request, won
from customer360.actions.outbox import tell_now
from customer360.actions.schemas import AdjustmentAnswer, PointsAdjustment
from customer360.errors import Conflict
from customer360.ingestion.apply import items_of
from customer360.ingestion.intake import this_shop
from customer360.instants import from_sortable, sortable
from customer360.loyalty.kept import read_ledger
from customer360.loyalty.record import PointsTransaction
from customer360.loyalty.schemas import LoyaltyTransaction
from customer360.storage.base import Turn
from customer360.storage.commit import Commit
from customer360.storage.items import OutboxItem
from customer360.storage.keys import LEDGER, POINTS
from customer360.timeline.actions import find_action

RECORDED = "loyalty.points.recorded"
REQUESTED = "loyalty.adjustment.requested"


def adjust(customer_id: str, new: PointsAdjustment, by: Caller, action_id: str) -> AdjustmentAnswer:
    """Raises NotFound, TooManyRequests, and Conflict where more is to be taken than there is."""
    rate_limits.take(by.id, "adjust-points", datetime.now(UTC))
    answer, asked = won(partial(_adjust, customer_id, new, by, action_id))
    if asked:
        tell_now(asked)
    return answer


def _adjust(
    customer_id: str, new: PointsAdjustment, by: Caller, action_id: str, turn: Turn
) -> tuple[AdjustmentAnswer, OutboxItem | None]:
    commit = Commit.of_known(customer_id, turn)
    if done := find_action(commit.pk, action_id):
        commit.abandon()
        told = done.summary
        record = _transaction(new, action_id, from_sortable(told["timestamp"]))
        return _answer(record, told["metadata"]["balance"]), None
    now = datetime.now(UTC)
    record = _transaction(new, action_id, now)
    event = event_of(RECORDED, customer_id, record, now)
    items = items_of(event, this_shop())
    balance = read_ledger(commit.pk, items.get(LEDGER), now).balance(sortable(now)) + new.points
    if new.points < 0 and balance < 0:
        raise Conflict(f"the customer has {balance - new.points} points, so {-new.points} cannot be taken")
    facts = {"transactionId": record.transaction_id, "points": new.points, "reason": new.reason, "balance": balance}
    entry = entry_of("Points adjusted", f"{new.points:+d} points", now, by, facts)
    asked = put_request(commit, REQUESTED, event, items, by, (action_id, entry))
    if POINTS not in items:  # the first points enrol, and the profile shows the tier
        commit.touch(["profile"])
    commit.write()
    return _answer(record, balance), asked


def _transaction(new: PointsAdjustment, action_id: str, at: datetime) -> PointsTransaction:
    return PointsTransaction.model_validate(
        {
            "transactionId": f"adjustment-{action_id}",
            "type": "adjusted",
            "points": new.points,
            "description": new.reason,
            "at": at,
        }
    )


def _answer(record: PointsTransaction, balance: int) -> AdjustmentAnswer:
    transaction = LoyaltyTransaction(
        id=record.transaction_id,
        type=record.type,
        points=record.points,
        description=record.description,
        date=record.at,
    )
    return AdjustmentAnswer(transaction=transaction, points_balance=balance)
