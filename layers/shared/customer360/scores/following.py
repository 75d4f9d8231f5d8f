"""Follows the stream of the customers table: rescores whoever changed, and tells outside what is to be told: changes of
scores, and what was asked of source systems but is in the outbox still.

Several commits of one customer in a batch are followed by one rescoring, which sees them all. What fails for good is
set aside, and comes again through the queue of work over the customers.

History (`CommitItem.is_old_news`) is followed half a minute later, once for all that has come by then
(`storage.later`). So every commit is followed by a rescoring that begins after it.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from customer360.actions import outbox
from customer360.scores.notices import Told, tell
from customer360.scores.rescoring import RELEVANT_SECTIONS, Rescored, rescore
from customer360.segments.automatic import automatic_segments
from customer360.settings import recompute_queue_url
from customer360.storage.items import CommitItem, NoticeItem, OutboxItem
from customer360.storage.keys import COMMIT, NOTICE, OUTBOX, partition
from customer360.storage.later import Later
from customer360.storage.stream import FailureQueue, Keys, Record, change_of, each_again

THREADS = 8

_later = Later(recompute_queue_url)


class Followed(NamedTuple):
    """What came of a batch."""

    rescored: list[Rescored]
    told: list[Told]
    set_aside: int


def follow(records: Sequence[Record], now: datetime, deadline: float) -> Followed:
    """Sets aside what could not be followed before the deadline (of `time.monotonic`)."""
    failures = FailureQueue(recompute_queue_url(), deadline)
    commits: defaultdict[str, list[tuple[Record, CommitItem]]] = defaultdict(list)
    notices: list[tuple[Record, NoticeItem]] = []
    requests: list[tuple[Record, OutboxItem]] = []
    for record in records:
        change = failures.isolate([record], partial(change_of, record))
        if change and isinstance(change.new, CommitItem) and _is_relevant(change.old, change.new):
            commits[change.customer_id].append((record, change.new))
        elif change and isinstance(change.new, NoticeItem) and change.old is None:
            notices.append((record, change.new))
        elif change and isinstance(change.new, OutboxItem) and change.old is None:
            requests.append((record, change.new))
    asked = [item for _, item in requests]
    failures.isolate([record for record, _ in requests], partial(outbox.tell_later, asked))
    history = [each for each, found in commits.items() if all(commit.is_old_news for _, commit in found)]
    failures.isolate([record for each in history for record, _ in commits[each]], partial(_later.ask, history, now))
    changed = [each for each in commits if each not in set(history)]
    segments = automatic_segments() if changed else []

    def rescored(customer_id: str) -> Rescored | None:
        follow_it = partial(rescore, customer_id, now, segments, deadline=deadline)
        return failures.isolate([record for record, _ in commits[customer_id]], follow_it)

    def told(notice: tuple[Record, NoticeItem]) -> Told | None:
        return failures.isolate([notice[0]], partial(tell, notice[1], now))

    with ThreadPoolExecutor(THREADS, thread_name_prefix="following") as pool:
        of_customers, of_notices = pool.map(rescored, changed), pool.map(told, notices)
        done, told_of = [one for one in of_customers if one], [one for one in of_notices if one]
    return Followed(done, told_of, len(failures.records))


def _is_relevant(old: object, new: CommitItem) -> bool:
    """A claim writes the commit item too, but moves no version."""
    is_commit = not isinstance(old, CommitItem) or old.version < new.version
    return is_commit and not RELEVANT_SECTIONS.isdisjoint(new.changed)


def _told_by(sort_key: str) -> str:
    """Whatever is not to be told is about its customer."""
    return sort_key if sort_key.startswith((NOTICE, OUTBOX)) else COMMIT


def follow_again(message: Mapping[str, Any], now: datetime, deadline: float) -> Followed:
    """The same for records that were set aside, or whose customers were to be looked at later; see
    `storage.stream.each_again`."""
    found = {(place["keys"]["pk"], _told_by(place["keys"].get("sk", COMMIT))) for place in message["records"]}
    every = [{"pk": pk, "sk": sk} for pk, sk in sorted(found)]
    segments, is_news = automatic_segments(), message.get("isNews", True)

    def followed(keys: Keys) -> Rescored | Told | None:
        key = (keys["pk"], keys["sk"])
        if key[1].startswith(OUTBOX):
            for request in outbox.still_there([key]):
                outbox.tell(request)
            return None
        if key[1].startswith(NOTICE):
            return next((tell(notice, now) for notice in NoticeItem.batch_get([key], consistent_read=True)), None)
        return rescore(key[0].removeprefix(partition("")), now, segments, is_news=is_news, deadline=deadline)

    done = each_again(message, every, followed, queue_url=recompute_queue_url(), deadline=deadline)
    rescored = [one for one in done if isinstance(one, Rescored)]
    told = [one for one in done if isinstance(one, str)]
    return Followed(rescored, told, len(every) - len(done))
