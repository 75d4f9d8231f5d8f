"""What becomes of one customer's memberships of automatic segments, given the facts about them.

Each version of a segment's criteria is a generation, with memberships of its own. One of them is visible; beside it
the next one may be being built, customer by customer, and nobody sees it or is told of it until it takes over. Whoever
is then evaluated goes from the old generation to the new one: that they have entered or left is told if the two
differ.

`decide` looks at nothing but what the customer holds, so it may come any number of times, early or late: whoever is
evaluated by the same definitions a second time holds what they should, and nothing more is put, deleted or told.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from customer360.segments.rules import Facts, Rule


class Held(NamedTuple):
    """A membership the customer has. It is announced once the timeline tells that they have entered the segment."""

    is_announced: bool


class Generation(NamedTuple):
    number: int
    rule: Rule


@dataclass(frozen=True, slots=True)
class Definition:
    """What of a segment decides who is in it.

    `generation` is the visible one, and `rule` its rule: None for a segment that is filled by hand, and for one that is
    being built for the first time, which nobody is in yet. `building` is the one to become visible next, if any.
    """

    id: str
    generation: int = 0
    rule: Rule | None = None
    building: Generation | None = None

    @property
    def is_automatic(self) -> bool:
        return self.rule is not None or self.building is not None


@dataclass(frozen=True, slots=True)
class Changes:
    """Memberships to put (by key, and whether they are announced) and to delete, and the ids of the segments the
    customer has thereby entered and left."""

    put: list[tuple[str, bool]]
    delete: list[str]
    entered: list[str]
    left: list[str]


def membership_key(segment_id: str, generation: int) -> str:
    """`<id>`, or `<id>@<generation>` of a later one than the first."""
    return f"{segment_id}@{generation}" if generation else segment_id


def segment_and_generation(key: str) -> tuple[str, int]:
    """What `membership_key` was made of. Ids of segments are ours and hold no `@`."""
    segment_id, _, generation = key.partition("@")
    return segment_id, int(generation or 0)


def decide(held: Mapping[str, Held], definitions: Iterable[Definition], facts: Facts) -> Changes:
    """By all definitions of the shop; memberships of other segments, and by hand, are left alone.

    Of an automatic segment the customer holds the visible generation, announced, and the one being built,
    unannounced, where the rule of each matches. Older generations go; later ones than are known here stay, since
    somebody knows more.
    """
    by_segment: defaultdict[str, dict[int, Held]] = defaultdict(dict)
    for key, membership in held.items():
        segment_id, generation = segment_and_generation(key)
        by_segment[segment_id][generation] = membership
    changes = Changes([], [], [], [])
    for definition in definitions:
        if definition.is_automatic:
            _follow(definition, by_segment.get(definition.id, {}), facts, changes)
    return changes


def _follow(definition: Definition, held: Mapping[int, Held], facts: Facts, changes: Changes) -> None:
    visible, building = definition.generation, definition.building
    was_in = any(membership.is_announced for generation, membership in held.items() if generation <= visible)
    is_in = definition.rule is not None and definition.rule.matches(facts)
    wanted: dict[int, bool] = {}
    if building and building.rule.matches(facts):
        wanted[building.number] = False
    if is_in:
        wanted[visible] = True
    latest = building.number if building else visible
    changes.put.extend(
        (membership_key(definition.id, generation), is_announced)
        for generation, is_announced in sorted(wanted.items())
        if generation not in held or is_announced > held[generation].is_announced
    )
    changes.delete.extend(
        membership_key(definition.id, generation)
        for generation in sorted(held)
        if generation <= latest and generation not in wanted
    )
    if is_in and not was_in:
        changes.entered.append(definition.id)
    if was_in and not is_in:
        changes.left.append(definition.id)
