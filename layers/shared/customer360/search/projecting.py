"""Keeps what the search finds a customer by: their row of the directory, and their terms.

Guarantees: a row follows from one read of the customer, and is written only over the row it was compared with, so it
never goes back to what was, whoever works on it at the same time, however often and late. A term is there whenever a
row that has it is, unless the row says that it lacks some: terms come with a row that has them or after it, and go with
or after a row that has them not, always on the condition that it is still that row. So nobody deletes what another has
just put for a row that is yet to come. A crash in between leaves a row that says so, for which the next to look at it
puts all terms, or a term too many, which finds nobody whom the row does not confirm.
"""

import time
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial
from math import inf
from typing import NamedTuple

from customer360.customers.measured import metrics_of
from customer360.customers.profile import profile_of
from customer360.errors import NotFound
from customer360.instants import sortable
from customer360.loyalty.membership import tier_in
from customer360.scores.current import fresh_assessment
from customer360.scoring.assessment import Assessment
from customer360.search.index import shard_of
from customer360.search.row import Row, Term, terms_of
from customer360.search.table import DirectoryItem, SearchItem
from customer360.storage.base import Turn, unless_overtaken, until_won
from customer360.storage.heads import Heads, heads_of
from customer360.storage.keys import partition
from customer360.storage.paging import END, By, index_stream
from customer360.storage.transactions import all_or_nothing
from customer360.timeline.entries import stream_of

WAITING_SECONDS = 20
# A transaction takes a hundred items; one of them is the row.
ROOM = 99
# Former e-mails and phones: so many of each, by so many of the latest changes of the customer's own record.
MOST_FORMER = 20
MOST_CHANGES = 500


def project(customer_id: str, now: datetime, *, anew: bool = False, deadline: float = inf) -> bool:
    """Brings row and terms up to date with the customer, who may be gone; whether that changed anything.

    With `anew`, everything is written, whatever there is. Raises Contended after `WAITING_SECONDS`, or the deadline (of
    `time.monotonic`).
    """
    deadline = min(deadline, time.monotonic() + WAITING_SECONDS)
    return until_won(partial(_attempt, customer_id, now, anew), deadline=deadline)


def _attempt(customer_id: str, now: datetime, anew: bool, _: Turn) -> bool:
    # The row first: what the customer says then is no older than what the row follows from.
    kept = DirectoryItem.find(shard_of(customer_id), customer_id)
    before = Row.from_json(kept.row) if kept else None
    anew = anew or bool(kept and kept.lacks_terms)
    try:
        heads = heads_of(customer_id)
    except NotFound:
        return bool(kept and before and _replace(customer_id, kept.version, None, set(), terms_of(before)))
    version = heads.commit.version
    if kept and kept.version >= version and not anew:
        return False
    is_former_known = kept and before and heads.commit.sections.get("profile", 0) <= kept.version and not anew
    former = _former_of(before) if before and is_former_known else former_contacts(customer_id)
    row = row_of(heads, former, now)
    if kept and row == before and not anew:
        _confirm(kept, version)
        return False
    had, has = terms_of(before) if before else set(), terms_of(row)
    item, new = directory_item(row, version), has if anew else has - had
    return _replace(customer_id, kept.version if kept else None, item, new, had - has)


def row_of(heads: Heads, former: "Former", now: datetime) -> Row:
    """The row of a customer as their head items say. The scores are the ones kept, if any: those of a change that was
    not scored yet come with the commit that keeps them."""
    profile, kept = profile_of(heads), heads.scores()
    assessment = Assessment.from_json(kept.assessment) if kept else fresh_assessment(heads, now)
    metrics = metrics_of(heads, profile, now)
    return Row(
        id=heads.customer_id,
        name=profile.name,
        email=profile.email,
        phone=profile.phone,
        former_emails=_besides(former.emails, profile.email),
        former_phones=_besides(former.phones, profile.phone),
        registered_at=sortable(profile.registered_at),
        account_status=profile.status,
        email_opt_in=profile.opt_ins.email,
        loyalty_tier=tier_in(heads),
        total_orders=metrics.total_orders,
        lifetime_value=metrics.lifetime_value,
        last_purchase_at=sortable(metrics.last_purchase_at) if metrics.last_purchase_at else None,
        health_score=assessment.health.score,
        health_level=assessment.health.level,
        churn_score=assessment.churn.score,
        churn_level=assessment.churn.level,
        segments=tuple(sorted(heads.segments())),
        tags=tuple(sorted(heads.tags())),
    )


class Former(NamedTuple):
    """E-mails and phones a customer's own record has had, the latest first; the current ones may be among them."""

    emails: tuple[str, ...]
    phones: tuple[str, ...]


def former_contacts(customer_id: str) -> Former:
    """By the changes of them on the timeline: one Query, and nothing for versions that changed nothing."""
    rows = index_stream(partition(customer_id), By.STATE, stream_of("account"))("", END, MOST_CHANGES)
    changes = [row.summary["metadata"] for row in rows]

    def values(field: str) -> tuple[str, ...]:
        pairs = (change["contact"] for change in changes if change.get("field") == field)
        return tuple(dict.fromkeys(value for pair in pairs for value in (pair["after"], pair["before"]) if value))

    return Former(values("email"), values("phone"))


def _former_of(row: Row) -> Former:
    """What is known already, of a customer whose own record has not changed."""
    return Former(row.former_emails, row.former_phones)


def _besides(values: Iterable[str], current: str | None) -> tuple[str, ...]:
    return tuple(value for value in values if value != current)[:MOST_FORMER]


def directory_item(row: Row, version: int) -> DirectoryItem:
    """The row as the directory keeps it."""
    return DirectoryItem(
        shard_of(row.id),
        row.id,
        row=row.to_json(),
        version=version,
        by_registered_at=row.sort_key("registeredAt"),
        by_name=row.sort_key("name"),
        by_lifetime_value=row.sort_key("lifetimeValue"),
        by_total_orders=row.sort_key("totalOrders"),
        by_last_purchase_at=row.sort_key("lastPurchaseAt"),
        by_health_score=row.sort_key("healthScore"),
        by_churn_score=row.sort_key("churnScore"),
    )


def _confirm(kept: DirectoryItem, version: int) -> None:
    """Says that a later version leads to the same row, so that what is worked out from an earlier one is refused."""
    with unless_overtaken():
        kept.update(actions=[DirectoryItem.version.set(version)], condition=DirectoryItem.is_still(kept.version))


def _replace(customer_id: str, before: int | None, item: DirectoryItem | None, new: set[Term], gone: set[Term]) -> bool:
    """Puts a row (None: nothing) with its `new` terms in the place of that of the version `before` (None: nothing),
    some of whose terms are `gone` with it. Raises TransactWriteError or Overtaken if another row has come meanwhile:
    who wrote it has put what this one lacks."""
    if item and not new and not gone:
        with unless_overtaken():  # mostly so, and half the price of a transaction
            item.save(condition=DirectoryItem.is_still(before))
        return True
    shard = shard_of(customer_id)
    put, taken = sorted(new), sorted(gone)
    first, rest = put[:ROOM], put[ROOM:]
    with all_or_nothing() as transaction:
        if item:
            item.lacks_terms = True if rest else None
            transaction.save(item, condition=DirectoryItem.is_still(before))
        else:
            transaction.delete(DirectoryItem(shard, customer_id), condition=DirectoryItem.is_still(before))
        for term in first:
            transaction.save(search_item(term, customer_id))
        for term in taken[: ROOM - len(first)]:
            transaction.delete(search_item(term, customer_id))
    version = item.version if item else None
    if item and rest:
        _write_terms(shard, customer_id, version, rest, put=True)
        with unless_overtaken():
            item.update(actions=[DirectoryItem.lacks_terms.remove()], condition=DirectoryItem.is_still(version))
    _write_terms(shard, customer_id, version, taken[ROOM - len(first) :], put=False)
    return True


def _write_terms(shard: str, customer_id: str, version: int | None, terms: Sequence[Term], *, put: bool) -> None:
    """More than fit into the transaction of the row, on the condition that the row is of this version."""
    for start in range(0, len(terms), ROOM):
        with all_or_nothing() as transaction:
            transaction.condition_check(DirectoryItem, shard, customer_id, condition=DirectoryItem.is_still(version))
            for term in terms[start : start + ROOM]:
                item = search_item(term, customer_id)
                if put:
                    transaction.save(item)
                else:
                    transaction.delete(item)


def search_item(term: Term, customer_id: str) -> SearchItem:
    """The term as the search table keeps it."""
    return SearchItem(term.bucket, f"{term.text}#{customer_id}")
