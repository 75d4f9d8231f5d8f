"""Every place where something of a customer is kept: how it is found, and how it is erased.

The order, and what is kept where, stands in `privacy.receipt`; also what is not here, because it expires by itself.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from customer360.access.table import AuditItem
from customer360.catalog.kinds import SEGMENT_KIND, TAG_KIND, Kind, shard_of
from customer360.catalog.table import CountItem, MemberItem
from customer360.exact_json import loads
from customer360.exports.removal import remove_exports_of
from customer360.ingestion import rejections
from customer360.jobs.table import JobItem
from customer360.privacy.deleting import HasTime, Tally, delete, erase_all
from customer360.privacy.pseudonyms import keyed_hash
from customer360.privacy.subject import Subject
from customer360.privacy.table import AnswerItem
from customer360.realtime.table import ConnectionItem, WatcherItem, every_connection
from customer360.search import index
from customer360.search.projecting import search_item
from customer360.search.table import DirectoryItem, SearchItem
from customer360.storage.items import AssignmentItem, CustomerItem
from customer360.storage.keys import SEGMENT, TAG
from customer360.views.table import ViewItem

PAGE = 200

Find = Callable[[Subject], Iterator[Any]]
Erase = Callable[[Subject, Tally, HasTime], bool]


@dataclass(frozen=True, slots=True)
class Place:
    """`find` gives the items, strongly consistent where that is possible; `erase` says whether nothing is left of them
    (`deleting.erase_all`). An export of all that is held shows the items, unless they are among those of another place,
    or tell of admins and not of the customer."""

    name: str
    find: Find
    erase: Erase
    is_shown: bool = True


def _deleted(name: str, find: Find) -> Place:
    """A place of which the items are deleted as they are found."""
    return Place(name, find, lambda subject, tally, has_time: erase_all(find(subject), tally, has_time))


# ---------------------------------------------------------------- Exports


def _none(_: Subject) -> Iterator[Any]:
    return iter(())


def _erase_exports(subject: Subject, tally: Tally, has_time: HasTime) -> bool:
    """Objects cannot be part of a transaction: they are counted right after. Whoever dies in between leaves those of
    one export uncounted."""
    removals = remove_exports_of(subject.customer_id, subject.erased_at, subject.known.is_sought_by, tally.reached)
    for removed in removals:
        tally.add(removed.exports + removed.objects)
        if not has_time():
            tally.keep(removed.reached)
            return False
    return True


# ---------------------------------------------------------------- Search


def _row(subject: Subject) -> Iterator[Any]:
    row = DirectoryItem.find(index.shard_of(subject.customer_id), subject.customer_id)
    return iter([row] if row else [])


def _terms(subject: Subject) -> Iterator[Any]:
    """Also those that a crash has left behind, of whatever the customer was ever called."""
    items = [search_item(term, subject.customer_id) for term in subject.known.terms()]
    return SearchItem.batch_get([(item.pk, item.sk) for item in items], consistent_read=True)


# ---------------------------------------------------------------- The customer's own items


def _assignments(subject: Subject) -> Iterator[Any]:
    for prefix in (TAG, SEGMENT):
        yield from AssignmentItem.query(subject.pk, AssignmentItem.sk.startswith(prefix), consistent_read=True)


def _erase_assignment(subject: Subject, transaction: Any, item: AssignmentItem) -> None:
    """With the row in the list of members and one less in the count, unless the tag or segment is being deleted."""
    kind = _kind_of(item)
    key, shard = item.sk.removeprefix(kind.head), shard_of(subject.customer_id)
    delete(transaction, item)
    transaction.delete(MemberItem(kind.members(key, shard), subject.customer_id))
    for count in CountItem.query(kind.counts, CountItem.sk == f"{key}#{shard}", consistent_read=True):
        transaction.update(count, actions=[CountItem.customers.add(-1)], condition=CountItem.pk.exists())


def _kind_of(item: AssignmentItem) -> Kind:
    return TAG_KIND if item.sk.startswith(TAG) else SEGMENT_KIND


def _erase_assignments(subject: Subject, tally: Tally, has_time: HasTime) -> bool:
    erase = partial(_erase_assignment, subject)
    return erase_all(_assignments(subject), tally, has_time, erase=erase, writes=3)


def _records(subject: Subject) -> Iterator[Any]:
    return CustomerItem.query(subject.pk, consistent_read=True, page_size=PAGE)


# ---------------------------------------------------------------- Jobs, answers, rejected events


def _work(subject: Subject) -> Iterator[Any]:
    """Rejected events, what a job in the background has done to the customer, exports."""
    keys = [(item.pk, item.sk) for item in JobItem.customer_index.query(subject.customer_id)]
    return JobItem.batch_get(keys, consistent_read=True)


def _unreadable(subject: Subject) -> Iterator[Any]:
    """Rejected events that do not say in a readable way whom they are about, but hold what identifies the customer."""
    for events, _ in rejections.about_nobody(datetime.now(UTC)):
        yield from (event for event in events if subject.known.is_identified_in(event.payload))


def _erase_unreadable(subject: Subject, tally: Tally, has_time: HasTime) -> bool:
    """All are looked through, which may take more than one run."""
    reached = tally.reached
    for events, further in rejections.about_nobody(datetime.now(UTC), reached):
        found = (event for event in events if subject.known.is_identified_in(event.payload))
        is_done = erase_all(found, tally, has_time)
        if is_done:
            reached = further
        if not is_done or not has_time():
            if reached:
                tally.keep(reached)
            return False
    return True


def _answers(subject: Subject) -> Iterator[Any]:
    """Also those that are about nobody, and name what identifies the customer: a saved view, say."""
    yield from AnswerItem.of_customer(subject.customer_id)
    for answer in AnswerItem.of_no_customer():
        if answer.data and subject.known.is_sought_by(loads(answer.data)):
            yield answer


# ---------------------------------------------------------------- Views


def _views(subject: Subject) -> Iterator[Any]:
    for view in ViewItem.of_everybody():
        sought = loads(view.search).get("q")
        if subject.known.is_identified_in(view.name) or (sought and subject.known.is_sought_by(sought)):
            yield view


# ---------------------------------------------------------------- Live sessions


@dataclass(frozen=True, slots=True)
class _Watching:
    """A socket that watches the customer. After a crash only one of the two may be there."""

    watcher: WatcherItem | None
    socket: ConnectionItem | None


def _watching(subject: Subject) -> Iterator[Any]:
    watchers = {watcher.sk: watcher for watcher in WatcherItem.of_customer(subject.customer_id)}
    for socket in every_connection():
        watcher = watchers.pop(socket.sk, None)
        if watcher or subject.customer_id in (socket.watched or ()):
            yield _Watching(watcher, socket)
    for watcher in watchers.values():
        yield _Watching(watcher, None)


def _unwatch(subject: Subject, transaction: Any, watching: _Watching) -> None:
    if watching.watcher:
        delete(transaction, watching.watcher)
    if watching.socket:
        gone = ConnectionItem.watched.delete({subject.customer_id})
        transaction.update(watching.socket, actions=[gone], condition=ConnectionItem.pk.exists())


def _erase_watching(subject: Subject, tally: Tally, has_time: HasTime) -> bool:
    return erase_all(_watching(subject), tally, has_time, erase=partial(_unwatch, subject), writes=2)


# ---------------------------------------------------------------- Audit trail


def _lines(subject: Subject) -> Iterator[Any]:
    return AuditItem.subject_index.query(subject.customer_id)


def _lines_and_earlier(subject: Subject) -> Iterator[Any]:
    """Also those of a customer who was erased before, and has come back."""
    yield from AuditItem.subject_index.query(subject.pseudonym)
    yield from _lines(subject)


def _pseudonymise(subject: Subject, transaction: Any, line: AuditItem) -> None:
    """The line stays: who did what when. Whom it is about, and which of their records, is a keyed hash."""
    actions = [AuditItem.subject.set(subject.pseudonym)]
    if line.target:
        actions.append(AuditItem.target.set(keyed_hash(line.target)))
    transaction.update(line, actions=actions, condition=AuditItem.subject == subject.customer_id)


def _erase_lines(subject: Subject, tally: Tally, has_time: HasTime) -> bool:
    return erase_all(_lines(subject), tally, has_time, erase=partial(_pseudonymise, subject))


PLACES = (
    Place("exports", _none, _erase_exports, is_shown=False),
    Place("unreadable-events", _unreadable, _erase_unreadable),
    _deleted("views", _views),
    _deleted("directory", _row),
    _deleted("search-terms", _terms),
    Place("memberships", _assignments, _erase_assignments, is_shown=False),
    _deleted("records", _records),
    _deleted("work", _work),
    _deleted("answers", _answers),
    Place("live-sessions", _watching, _erase_watching, is_shown=False),
    Place("audit-lines", _lines_and_earlier, _erase_lines),
)
