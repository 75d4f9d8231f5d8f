"""Tells watchers of commits as the stream brings them, and everybody who may see customers what is news of scores.

Guarantees, whatever the stream repeats and whatever fails:

- Every commit is covered by one message to each watcher, in the order of versions: commits of one customer come in
  order, those of one batch are told together, and batches of one customer never run side by side.
- A repeated message says the same versions again, so a client that has them does nothing.
- Who cannot be told is disconnected, and catches up when it connects again.

A burst: the first message of a customer is never delayed. While it goes out, further commits wait in the stream, and
those of a customer just told of wait a moment more, so that fifty changes in a second are a handful of messages.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import cast

from customer360.access.policy import ROLES
from customer360.realtime import messages
from customer360.realtime.delivery import Delivery, Outcome, Post, deliver, encoded, forget_gone, hang_up
from customer360.realtime.messages import Step
from customer360.realtime.table import SHARDS, ConnectionItem, WatcherItem, connect
from customer360.settings import broadcast_failure_queue_url
from customer360.storage.items import CommitItem, NoticeItem
from customer360.storage.parallel import at_once
from customer360.storage.stream import Change, FailureQueue, Record, change_of

# Two messages of one customer are about so far apart. All of a batch wait together, so others wait no longer than that.
APART_SECONDS = 0.2

# A socket is gone for whoever posts to it before its $connect is answered, which may take so long.
OPENING_SECONDS = 30

# When customers were last told of, in this process: a burst mostly meets the same one, and nothing is wrong if not.
_told_at: dict[str, float] = {}


@dataclass(frozen=True, slots=True)
class Announcement:
    """One message as it goes to each of those it is for, telling what began at `since`."""

    customer_id: str
    since: datetime
    posts: list[Post]
    ended: list[str]  # sockets that would be told, had their session not ended
    watched: str | None = None  # the customer they watch for it; None if it is for everybody
    opening: frozenset[str] = frozenset()  # sockets that may not be quite open yet


@dataclass(slots=True)
class Tally:
    """What a batch came to. `latencies`: milliseconds from commit to the last delivery, one for each announcement."""

    commits: int = 0
    delivered: int = 0
    gone: int = 0
    dropped: int = 0
    set_aside: int = 0
    latencies: list[float] = field(default_factory=list)


def tell(records: Sequence[Record], now: datetime, deadline: float) -> Tally:
    """Works through one batch; posts nothing after the deadline (of `time.monotonic`)."""
    failures = FailureQueue(broadcast_failure_queue_url())
    commits: dict[str, list[tuple[Record, Step]]] = {}
    news: list[tuple[Record, Change]] = []
    for record in records:
        change = failures.isolate([record], partial(change_of, record))
        if change is None:
            continue
        if isinstance(change.new, NoticeItem):
            news.append((record, change))
        elif step := _step(change):
            commits.setdefault(change.customer_id, []).append((record, step))
    connect()
    announcements = _about_commits(commits, failures, now) + _about_news(news, failures, now)
    tally = Tally(commits=sum(map(len, commits.values())), set_aside=len(failures.records))
    told = [pair for wave in _waves(announcements) for pair in _announce(wave, deadline)]
    for announcement, deliveries in told:
        _finish(announcement, deliveries, tally, deadline)
    return tally


def _step(change: Change) -> Step | None:
    """The commit that a change of the commit item is; None for a claim, which is none. Erasure changes everything."""
    before = change.old.version if isinstance(change.old, CommitItem) else 0
    if not isinstance(change.new, CommitItem):
        return Step(before, before + 1, change.at, {section: [] for section in messages.SECTIONS})
    if change.new.version == before:
        return None
    return Step(before, change.new.version, change.new.committed_at, change.new.changed)


def _about_commits(
    commits: Mapping[str, list[tuple[Record, Step]]], failures: FailureQueue, now: datetime
) -> list[Announcement]:
    """One announcement for each customer somebody watches."""
    attempts: list[Callable[[], Announcement | None]] = [
        partial(
            failures.isolate,
            [record for record, _ in told],
            partial(_about_customer, customer_id, [step for _, step in told], now),
        )
        for customer_id, told in commits.items()
    ]
    return [announcement for announcement in at_once(attempts) if announcement]


def _about_customer(customer_id: str, steps: Sequence[Step], now: datetime) -> Announcement:
    watchers = WatcherItem.of_customer(customer_id)
    roles = {watcher.role for watcher in watchers}
    bodies = {role: encoded(messages.changed(customer_id, steps, role)) for role in roles}
    return Announcement(
        customer_id,
        min(step.at for step in steps),
        [Post(watcher.sk, bodies[watcher.role]) for watcher in watchers if watcher.counts(now)],
        [watcher.sk for watcher in watchers if not watcher.counts(now)],
        watched=customer_id,
    )


def _about_news(news: list[tuple[Record, Change]], failures: FailureQueue, now: datetime) -> list[Announcement]:
    """One announcement for each notice, for everybody who may see customers."""
    if not news:
        return []
    sockets = failures.isolate([record for record, _ in news], _sockets)
    if sockets is None:
        return []
    made = [failures.isolate([record], partial(_about_notice, change, sockets, now)) for record, change in news]
    return [announcement for announcement in made if announcement]


def _sockets() -> list[ConnectionItem]:
    shards = at_once([partial(ConnectionItem.of_shard, shard) for shard in SHARDS])
    return [socket for shard in shards for socket in shard]


def _about_notice(change: Change, sockets: Sequence[ConnectionItem], now: datetime) -> Announcement:
    notice = cast("NoticeItem", change.new)
    body = encoded(messages.notification(change.customer_id, notice.kind, notice.sk, notice.notice))
    audience = [socket for socket in sockets if "customers:read" in ROLES.get(socket.role, ())]
    return Announcement(
        change.customer_id,
        change.at,
        [Post(socket.sk, body) for socket in audience if socket.counts(now)],
        [socket.sk for socket in audience if not socket.counts(now)],
        opening=frozenset(socket.sk for socket in audience if now.timestamp() - socket.opened_at < OPENING_SECONDS),
    )


def _waves(announcements: Sequence[Announcement]) -> Iterator[list[Announcement]]:
    """What can go at once; then, after a moment, what is of customers whose watchers were told a moment ago."""
    began = time.monotonic()
    recent = {customer_id: at for customer_id, at in _told_at.items() if began - at < APART_SECONDS}
    later = [announcement for announcement in announcements if announcement.watched in recent and announcement.posts]
    now = [announcement for announcement in announcements if announcement not in later]
    _told_at.clear()
    _told_at.update(recent)
    yield now
    if later:
        due = max(recent[announcement.customer_id] for announcement in later) + APART_SECONDS
        time.sleep(max(0, due - time.monotonic()))
        yield later


def _announce(announcements: Sequence[Announcement], deadline: float) -> Iterator[tuple[Announcement, list[Delivery]]]:
    """Posts everything side by side, and gives what became of it."""
    began = time.monotonic()
    _told_at.update({each.watched: began for each in announcements if each.watched and each.posts})
    deliveries = iter(deliver([post for announcement in announcements for post in announcement.posts], deadline))
    for announcement in announcements:
        yield announcement, [next(deliveries) for _ in announcement.posts]


def _finish(announcement: Announcement, deliveries: Sequence[Delivery], tally: Tally, deadline: float) -> None:
    """Counts, forgets who is gone, and closes what cannot be told or may not be told any more."""
    by_outcome: dict[Outcome, list[str]] = {outcome: [] for outcome in Outcome}
    for post, delivery in zip(announcement.posts, deliveries, strict=True):
        by_outcome[delivery.outcome].append(post.connection_id)
    gone = [connection_id for connection_id in by_outcome[Outcome.GONE] if connection_id not in announcement.opening]
    failed = by_outcome[Outcome.FAILED]
    forget_gone(gone, announcement.watched)
    hang_up([*failed, *announcement.ended], deadline, announcement.watched)
    tally.delivered += len(by_outcome[Outcome.DELIVERED])
    tally.gone += len(gone)
    tally.dropped += len(failed)
    if by_outcome[Outcome.DELIVERED]:
        last = max(delivery.at for delivery in deliveries if delivery.outcome is Outcome.DELIVERED)
        tally.latencies.append(max(0, (last - announcement.since).total_seconds() * 1000))
