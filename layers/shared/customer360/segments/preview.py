"""Who would be in a segment: criteria asked of the customers as they are now, before anything is saved.

Nothing is written. All customers are asked, or `MOST_EVALUATED` of them: drawn at random from whole shards picked at
random, because a customer's shard has nothing to do with who they are. They are asked in random order for as long as
there is time, so those it sufficed for are as random as all.
"""

import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from random import Random
from typing import NamedTuple, cast

from customer360.catalog import store
from customer360.catalog.kinds import SEGMENT_KIND
from customer360.catalog.table import SegmentItem
from customer360.customers.measured import metrics_of
from customer360.customers.profile import profile_of
from customer360.errors import Invalid, NotFound
from customer360.loyalty.kept import read_balance
from customer360.scores.current import scores_of
from customer360.scoring.assessment import Assessment
from customer360.segments.acceptance import accepted
from customer360.segments.estimates import estimated
from customer360.segments.facts import facts_of
from customer360.segments.membership import membership_key
from customer360.segments.preview_schemas import PreviewedChange, PreviewedCustomer, PreviewRequest, SegmentPreview
from customer360.segments.rules import Rule, compiled
from customer360.storage.everyone import count_of_shard, customers_of_shard, shard_numbers
from customer360.storage.heads import Heads, heads_of
from customer360.storage.keys import partition
from customer360.storage.parallel import at_once

MOST_EVALUATED = 4000
MOST_SECONDS = 8.0  # until the last customer is begun with; the API waits for 29
LEAST_SECONDS = 2.0  # for asking, however long the drawing took: of nobody asked nothing can be said
MOST_SAMPLED = 10
# As in rescoring: mostly waiting for the table, so more threads gain little.
THREADS = 8


class Drawn(NamedTuple):
    """Customers in random order, and how many there are in all."""

    customers: list[str]
    total: int


class Judged(NamedTuple):
    """Whether a customer would be in the segment, whether they are, and how they are shown if either is so."""

    matches: bool
    is_in: bool
    shown: PreviewedCustomer | None


def preview(request: PreviewRequest, now: datetime, random: Random) -> SegmentPreview:
    """Raises Invalid naming the fault in the criteria as saving them does, or a segment that is filled by hand, and
    NotFound if there is no such segment."""
    deadline = time.monotonic() + MOST_SECONDS
    rule = compiled(accepted(request.criteria))
    membership = _membership_of(request.segment_id) if request.segment_id else None
    drawn = draw(MOST_EVALUATED, random)
    deadline = max(deadline, time.monotonic() + LEAST_SECONDS)
    judged = list(_in_time(partial(_judge, rule, membership, now), drawn.customers, deadline))
    told = partial(_told, evaluated=len(judged), total=drawn.total)
    matching = told(one for one in judged if one.matches)
    return SegmentPreview(
        count=matching.count,
        count_is_exact=len(judged) == drawn.total,
        margin_of_error=matching.margin_of_error,
        evaluated=len(judged),
        total=drawn.total,
        sample=matching.sample,
        entering=told(one for one in judged if one.matches and not one.is_in) if membership else None,
        leaving=told(one for one in judged if one.is_in and not one.matches) if membership else None,
    )


def draw(most: int, random: Random) -> Drawn:
    """All customers, or `most` of them. Reads keys only, a megabyte at a time: all of them to count them, and again
    those of as many shards as it takes to have enough to draw from."""
    counted = zip(shard_numbers(), at_once([partial(count_of_shard, n) for n in shard_numbers()]), strict=True)
    counts = {number: count for number, count in counted if count}
    wanted: list[int] = []
    for number in random.sample(list(counts), len(counts)):
        if sum(counts[each] for each in wanted) < most:
            wanted.append(number)
    found = [one for ids in at_once([partial(customers_of_shard, n, limit=None) for n in wanted]) for one in ids]
    total = len(found) if len(wanted) == len(counts) else sum(counts.values())
    return Drawn(random.sample(found, min(most, len(found))), total)


def _membership_of(segment_id: str) -> str:
    """The key of the membership that those have who are in it now."""
    segment = cast("SegmentItem", store.find(SEGMENT_KIND, segment_id))
    if segment.criteria is None:
        raise Invalid("segmentId", "is a segment that is filled by hand")
    return membership_key(segment.sk, segment.generation)


def _in_time(judge: Callable[[str], Judged], customers: Iterable[str], deadline: float) -> Iterable[Judged]:
    """What is found of those whom there is time for, several at once."""

    def judged(customer_id: str) -> Judged | None:
        return judge(customer_id) if time.monotonic() < deadline else None

    with ThreadPoolExecutor(THREADS, thread_name_prefix="previewing") as pool:
        return [one for one in pool.map(judged, customers) if one]


def _judge(rule: Rule, membership: str | None, now: datetime, customer_id: str) -> Judged:
    """By the same facts as rescoring goes by. Who has been erased meanwhile would not be in the segment."""
    try:
        heads = heads_of(customer_id)
    except NotFound:
        return Judged(matches=False, is_in=False, shown=None)
    assessment = scores_of(heads, now).assessment
    facts = facts_of(
        heads,
        health_score=assessment.health.score,
        churn_level=assessment.churn.level,
        points_balance=lambda: read_balance(partition(customer_id), now),
        now=now,
    )
    matches, is_in = rule.matches(facts), membership in heads.segments()
    return Judged(matches, is_in, _shown(heads, assessment, now) if matches or is_in else None)


def _shown(heads: Heads, assessment: Assessment, now: datetime) -> PreviewedCustomer:
    profile = profile_of(heads)
    metrics = metrics_of(heads, profile, now)
    return PreviewedCustomer(
        id=heads.customer_id,
        name=profile.name,
        email=profile.email,
        lifetime_value=metrics.lifetime_value,
        total_orders=metrics.total_orders,
        health_score=assessment.health.score,
        churn_level=assessment.churn.level,
    )


def _told(found: Iterable[Judged], evaluated: int, total: int) -> PreviewedChange:
    shown = [one.shown for one in found if one.shown]
    count, margin = estimated(len(shown), evaluated, total)
    return PreviewedChange(count=count, margin_of_error=margin, sample=shown[:MOST_SAMPLED])
