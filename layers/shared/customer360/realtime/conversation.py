"""What clients of live sessions say, and what they are answered: subscribe, unsubscribe, ping.

Rights are looked at with every message: the role and the end of the session are those of the token the ticket was
bought with. A session that has ended, or of which nothing is known any more, is told so and closed.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from customer360.access.policy import ROLES
from customer360.errors import Conflict, Customer360Error, Invalid, NotAllowed, NotFound, Unauthenticated
from customer360.exact_json import loads
from customer360.identifiers import is_identifier
from customer360.logs import logger
from customer360.realtime import messages
from customer360.realtime.delivery import hang_up, say
from customer360.realtime.messages import Frame, Standing
from customer360.realtime.table import ConnectionItem
from customer360.storage.items import CommitItem

ANSWER_SECONDS = 5
MOST_CHARACTERS = 1_000
MOST_CUSTOMERS = 50

Message = dict[str, Any]
Action = Callable[[ConnectionItem, Message, datetime], Frame]


def answer(connection_id: str, text: str) -> str:
    """Does what the client says, answers it over its socket, and gives the kind of the answer."""
    now = datetime.now(UTC)
    message: Message = {}
    is_over = False
    try:
        session = _session(connection_id, now)
        message = _parsed(text)
        frame = _action(message)(session, message, now)
    except Customer360Error as reason:
        frame, is_over = messages.refusal(reason, message), isinstance(reason, Unauthenticated)
    except Exception:
        logger.exception("unexpected")
        frame = messages.failure(message)
    deadline = time.monotonic() + ANSWER_SECONDS
    say(connection_id, frame, deadline)
    if is_over:
        hang_up([connection_id], deadline)
    return str(frame["type"])


def _session(connection_id: str, now: datetime) -> ConnectionItem:
    session = ConnectionItem.find(connection_id)
    if session is None or not session.counts(now):
        raise Unauthenticated("the session has ended; connect with a new ticket")
    return session


def _parsed(text: str) -> Message:
    if len(text) > MOST_CHARACTERS:
        raise Invalid("message", f"must have at most {MOST_CHARACTERS} characters")
    try:
        message = loads(text)
    except ValueError:
        raise Invalid("message", "must be JSON") from None
    if not isinstance(message, dict):
        raise Invalid("message", "must be an object")
    return message


def _action(message: Message) -> Action:
    action = message.get("action")
    if not isinstance(action, str) or action not in _ACTIONS:
        raise Invalid("action", f"must be one of {', '.join(_ACTIONS)}")
    return _ACTIONS[action]


def _subscribe(session: ConnectionItem, message: Message, now: datetime) -> Frame:
    """From the answer on, every change of the customer is told; what came before it and after `since` is in it.

    The version is read once the watcher is kept. A commit is either in that version, or comes later and finds the
    watcher: none falls in between.
    """
    customer_id, since = _customer_id(message), _since(message)
    if "customers:read" not in ROLES.get(session.role, frozenset()):
        raise NotAllowed("customers:read")
    watched = session.watched or set()
    if customer_id not in watched and len(watched) >= MOST_CUSTOMERS:
        raise Conflict(f"at most {MOST_CUSTOMERS} customers can be watched; unsubscribe from one")
    if not session.watch(customer_id):
        raise Unauthenticated("the session has ended; connect with a new ticket")
    commit = CommitItem.find(customer_id)
    if commit is None:
        session.unwatch(customer_id)
        raise NotFound("customer")
    missed = [] if since is None else messages.missed(session.role, _standing(commit), since, now)
    return messages.subscribed(customer_id, commit.version, missed)


def _standing(commit: CommitItem) -> Standing:
    return Standing(commit.version, commit.committed_at, commit.sections, commit.marks)


def _unsubscribe(session: ConnectionItem, message: Message, _: datetime) -> Frame:
    customer_id = _customer_id(message)
    session.unwatch(customer_id)
    return messages.unsubscribed(customer_id)


def _ping(*_: object) -> Frame:
    return messages.pong()


_ACTIONS: dict[str, Action] = {"subscribe": _subscribe, "unsubscribe": _unsubscribe, "ping": _ping}


def _customer_id(message: Message) -> str:
    customer_id = message.get("customerId")
    if not isinstance(customer_id, str) or not is_identifier(customer_id):
        raise Invalid("customerId", "must be the id of a customer")
    return customer_id


def _since(message: Message) -> int | None:
    since = message.get("since")
    if since is not None and (not isinstance(since, int) or isinstance(since, bool) or since < 0):
        raise Invalid("since", "must be a version: a whole number, 0 or greater")
    return since
