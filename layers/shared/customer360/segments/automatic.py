"""Automatic segments as they are evaluated, and what evaluating them changes of one customer.

Guarantee: a membership, the list of members and their count change in one transaction with what it follows from; a
segment that is just being deleted refuses (its counts are gone), and the customer is then evaluated afresh.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import cast

from customer360.catalog import store
from customer360.catalog.entries import entered_entry, left_entry
from customer360.catalog.kinds import SEGMENT_KIND
from customer360.catalog.memberships import enter, leave
from customer360.catalog.table import SegmentItem
from customer360.exact_json import loads
from customer360.loyalty.kept import read_balance
from customer360.scoring.assessment import Assessment
from customer360.segments.facts import facts_of
from customer360.segments.membership import Changes, Definition, Generation, Held, decide, segment_and_generation
from customer360.segments.rules import Rule, compiled
from customer360.storage.commit import Commit
from customer360.storage.heads import Heads
from customer360.storage.items import AssignmentItem
from customer360.storage.keys import SEGMENT
from customer360.timeline.actions import action_item

# Each takes up to ten of the hundred items of a transaction; the rest is for the next one.
MOST_SEGMENTS = 8


@dataclass(frozen=True, slots=True)
class AutomaticSegment:
    """One of the shop's automatic segments, compiled."""

    name: str
    definition: Definition


@dataclass(frozen=True, slots=True)
class Followed:
    """Whether anything changed, and whether more does than one transaction takes."""

    is_changed: bool
    has_more: bool


def automatic_segments() -> list[AutomaticSegment]:
    """All of them as they are at this moment."""
    items = [cast("SegmentItem", item) for item in store.every(SEGMENT_KIND)]
    return [automatic_of(item) for item in items if item.criteria is not None]


def automatic_of(item: SegmentItem) -> AutomaticSegment:
    building = None
    if item.building is not None and item.criteria is not None:
        building = Generation(item.building, _compiled(item.criteria))
    rule = _compiled(item.applied) if item.applied else None
    return AutomaticSegment(item.name, Definition(item.sk, item.generation, rule, building))


@lru_cache(maxsize=store.MOST)
def _compiled(criteria: str) -> Rule:
    return compiled(loads(criteria))


def follow_criteria(
    commit: Commit, heads: Heads, segments: Sequence[AutomaticSegment], assessment: Assessment, now: datetime
) -> Followed:
    """Puts into the commit what the customer's memberships become by what they and their scores are `now`."""
    facts = facts_of(
        heads,
        health_score=assessment.health.score,
        churn_level=assessment.churn.level,
        points_balance=lambda: read_balance(commit.pk, now),
        now=now,
    )
    assigned = heads.segments()
    held = {key: Held(item.is_announced is not False) for key, item in assigned.items()}
    definitions = {segment.definition.id: segment.definition for segment in segments}
    changes = decide(held, definitions.values(), facts)
    concerned = list(dict.fromkeys(_segment_id(key) for key in [*dict(changes.put), *changes.delete]))
    if len(concerned) > MOST_SEGMENTS:
        changes = decide(held, [definitions[each] for each in concerned[:MOST_SEGMENTS]], facts)
    _put(commit, heads, changes, assigned, now)
    _tell(commit, {segment.definition.id: segment.name for segment in segments}, changes, now)
    return Followed(is_changed=bool(concerned), has_more=len(concerned) > MOST_SEGMENTS)


def _put(commit: Commit, heads: Heads, changes: Changes, assigned: Mapping[str, AssignmentItem], now: datetime) -> None:
    since = {_segment_id(key): item.assigned_at for key, item in assigned.items()}
    for key, is_announced in changes.put:
        # Who was in it by the criteria before has been in it since then.
        assigned_at = since.get(_segment_id(key), now)
        item = AssignmentItem(commit.pk, SEGMENT + key, assigned_at=assigned_at, is_announced=is_announced)
        if key in assigned:
            commit.put(item)
        else:
            enter(commit, SEGMENT_KIND, heads.customer_id, item)
    for key in changes.delete:
        leave(commit, SEGMENT_KIND, heads.customer_id, assigned[key])


def _tell(commit: Commit, names: Mapping[str, str], changes: Changes, now: datetime) -> None:
    for entry_of, concerned in ((entered_entry, changes.entered), (left_entry, changes.left)):
        for segment_id in concerned:
            entry = entry_of(SEGMENT_KIND, segment_id, names[segment_id], now)
            commit.put(action_item(commit.pk, f"{segment_id}-{commit.version}", entry))
            commit.touch([SEGMENT_KIND.section], segment_id)
            commit.refresh([SEGMENT_KIND.section], now)


def _segment_id(key: str) -> str:
    return segment_and_generation(key)[0]
