"""Posts to open sockets, many at once. Never raises for one: what became of each is its answer.

One that is slow or gone holds up no other: each post has a thread of its own and gives up soon. What could not be
delivered is not tried later, but its socket is closed: the client connects again and asks what it missed.
"""

import random
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from functools import partial
from typing import Any

from customer360.aws import LIVE_POSTS, NotAnswered, Refused, live
from customer360.exact_json import dumps
from customer360.logs import logger
from customer360.realtime.messages import Frame
from customer360.realtime.table import forget

ATTEMPTS = 3
PAUSE_SECONDS = 0.2
GONE = "GoneException"

_pool = ThreadPoolExecutor(max_workers=LIVE_POSTS, thread_name_prefix="posts")


class Outcome(Enum):
    DELIVERED = "delivered"
    GONE = "gone"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Post:
    """A message on its way to one socket."""

    connection_id: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Delivery:
    outcome: Outcome
    at: datetime


def encoded(frame: Frame) -> bytes:
    return dumps(frame).encode(errors="replace")


def deliver(posts: Sequence[Post], deadline: float) -> list[Delivery]:
    """What became of each post, in their order; none is begun after the deadline (of `time.monotonic`)."""
    live()  # made once: threads that find none would make one each
    return list(_pool.map(partial(_deliver, deadline=deadline), posts))


def say(connection_id: str, frame: Frame, deadline: float) -> None:
    """Posts one message to one socket; who is gone meanwhile need not hear it."""
    _deliver(Post(connection_id, encoded(frame)), deadline)


def hang_up(connection_ids: Sequence[str], deadline: float, watched: str | None = None) -> None:
    """Closes sockets, those it comes to before the deadline, and deletes all there is of them. A client whose socket is
    still open is told that its session has ended as soon as it says anything."""
    _for_each(connection_ids, partial(_hang_up, deadline=deadline, watched=watched))


def forget_gone(connection_ids: Sequence[str], watched: str | None = None) -> None:
    """Deletes all there is of sockets that are gone."""
    _for_each(connection_ids, partial(forget, watched=watched))


def _for_each(connection_ids: Sequence[str], work: Callable[[str], Any]) -> None:
    """What fails here is found again: at the next post, when the client says something, or by its time to live."""
    ended = [(connection_id, _pool.submit(work, connection_id)) for connection_id in connection_ids]
    for connection_id, future in ended:
        if error := future.exception():
            logger.warning("not cleaned up", exc_info=error, extra={"connection_id": connection_id})


def _hang_up(connection_id: str, deadline: float, watched: str | None) -> None:
    if time.monotonic() < deadline:
        with suppress(Refused, NotAnswered):  # gone already, or told when it says anything
            live().delete_connection(ConnectionId=connection_id)
    forget(connection_id, watched)


def _deliver(post: Post, deadline: float) -> Delivery:
    return Delivery(_outcome(post, deadline), datetime.now(UTC))


def _outcome(post: Post, deadline: float) -> Outcome:
    for attempt in range(1, ATTEMPTS + 1):
        if time.monotonic() >= deadline:
            break
        try:
            live().post_to_connection(ConnectionId=post.connection_id, Data=post.body)
            return Outcome.DELIVERED
        except Refused as refusal:
            code = refusal.response["Error"]["Code"]
            if code == GONE:
                return Outcome.GONE
            logger.warning("post refused", extra={"connection_id": post.connection_id, "code": code})
            if attempt < ATTEMPTS:
                time.sleep(random.uniform(0, PAUSE_SECONDS * attempt))
        except NotAnswered as error:
            # It may have arrived. Waiting again would hold up what comes next in the stream.
            logger.warning("post not answered", exc_info=error, extra={"connection_id": post.connection_id})
            break
    return Outcome.FAILED
