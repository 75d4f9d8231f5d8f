"""Tags and segments of one customer: given and taken, the count and the list of members with it in one transaction.

Guarantees: at most once, also under parallel calls; never a deleted one; what a customer has, who the members are and
how many there are always agree; each change is one entry of the timeline. A repeated request with the same action id
gives what the first one did.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import TypeVar

from customer360.access.caller import Caller
from customer360.catalog import store
from customer360.catalog.entries import given_entry, taken_entry
from customer360.catalog.kinds import Kind
from customer360.catalog.memberships import enter, leave
from customer360.catalog.table import DefinitionItem
from customer360.errors import Conflict, NotFound
from customer360.instants import from_sortable
from customer360.storage.base import Turn, until_won
from customer360.storage.commit import Commit
from customer360.storage.items import AssignmentItem, CustomerItem, EventItem
from customer360.timeline.actions import action_item, action_key
from customer360.timeline.entries import Entry

WAITING_SECONDS = 8

Given = tuple[AssignmentItem, DefinitionItem]
Done = TypeVar("Done")
# Raises if this definition may not be given or taken by hand.
Check = Callable[[DefinitionItem], None]


def give(kind: Kind, customer_id: str, identifier: str, by: Caller, action_id: str, check: Check) -> Given:
    """Raises NotFound for the customer or the definition, Conflict if the customer has it already."""
    return _won(partial(_give, kind, customer_id, identifier, by, action_id, check))


def _give(kind: Kind, customer_id: str, identifier: str, by: Caller, action_id: str, check: Check, turn: Turn) -> Given:
    commit = Commit.of_known(customer_id, turn)
    definition = store.find(kind, identifier)
    check(definition)
    key = kind.head + identifier
    found = read(commit.pk, key, action_key(action_id))
    if isinstance(done := found.get(action_key(action_id)), EventItem):
        commit.abandon()  # also if it has been taken away since: a repeated request does not give it again
        given_at = from_sortable(done.summary["timestamp"])
        return AssignmentItem(commit.pk, key, assigned_at=given_at, assigned_by=by.name), definition
    if key in found:
        raise Conflict(f"the customer has this {kind.noun} already")
    now = datetime.now(UTC)
    item = AssignmentItem(commit.pk, key, assigned_at=now, assigned_by=by.name)
    put_in(commit, kind, customer_id, item, action_id, given_entry(kind, identifier, definition.name, by, now))
    commit.write()
    return item, definition


def take(kind: Kind, customer_id: str, identifier: str, by: Caller, action_id: str, check: Check) -> None:
    """Raises NotFound for the customer, the definition, or if the customer does not have it."""
    _won(partial(_take, kind, customer_id, identifier, by, action_id, check))


def _take(kind: Kind, customer_id: str, identifier: str, by: Caller, action_id: str, check: Check, turn: Turn) -> None:
    commit = Commit.of_known(customer_id, turn)
    definition = store.find(kind, identifier)
    check(definition)
    key = kind.head + identifier
    assigned = read(commit.pk, key).get(key)
    if not isinstance(assigned, AssignmentItem):
        raise NotFound(f"{kind.noun} of this customer")
    now = datetime.now(UTC)
    entry = taken_entry(kind, identifier, definition.name, by, now)
    take_out(commit, kind, customer_id, assigned, action_id, entry)
    commit.write()


def put_in(commit: Commit, kind: Kind, customer_id: str, item: AssignmentItem, action_id: str, entry: Entry) -> None:
    """Lets the commit give it to a customer who does not have it, and the timeline tell of it."""
    enter(commit, kind, customer_id, item)
    _tell(commit, kind, item, action_id, entry)


def take_out(commit: Commit, kind: Kind, customer_id: str, item: AssignmentItem, action_id: str, entry: Entry) -> None:
    """Lets the commit take it from a customer who has it, and the timeline tell of it."""
    leave(commit, kind, customer_id, item)
    _tell(commit, kind, item, action_id, entry)


def read(pk: str, *keys: str) -> dict[str, CustomerItem]:
    return {item.sk: item for item in CustomerItem.batch_get([(pk, key) for key in keys], consistent_read=True)}


def _tell(commit: Commit, kind: Kind, item: AssignmentItem, action_id: str, entry: Entry) -> None:
    commit.put(action_item(commit.pk, action_id, entry))
    commit.touch([kind.section], item.sk.removeprefix(kind.head))
    commit.refresh([kind.section], entry.at)


def _won(attempt: Callable[[Turn], Done]) -> Done:
    return until_won(attempt, deadline=time.monotonic() + WAITING_SECONDS)
