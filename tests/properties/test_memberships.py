"""Who is in automatic segments, while criteria change and customers are evaluated in any order and any number of times.

The oracle is the sentence itself: the members are those whom the rule matches, and what the timeline tells of a
customer is the difference between what they were and what they are.
"""

from collections import defaultdict
from typing import Any

from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from customer360.segments.membership import (
    Changes,
    Definition,
    Generation,
    Held,
    decide,
    membership_key,
    segment_and_generation,
)
from customer360.segments.rules import Facts, Rule, compiled

SEGMENTS = ["segment-a", "segment-b"]


def at_least(orders: int) -> Rule:
    return compiled({"field": "totalOrders", "op": "gte", "value": orders})


def orders(count: int) -> Facts:
    return {"totalOrders": count}


def after(held: dict[str, Held], changes: Changes) -> dict[str, Held]:
    """What the customer holds when the changes are made."""
    assert not {key for key, _ in changes.put} & set(changes.delete)
    assert set(changes.delete) <= held.keys()
    kept = {key: membership for key, membership in held.items() if key not in changes.delete}
    return kept | {key: Held(is_announced) for key, is_announced in changes.put}


def nothing(changes: Changes) -> bool:
    return changes == Changes([], [], [], [])


RULES = st.integers(0, 3).map(at_least)


@st.composite
def definitions_of(draw: st.DrawFn, name: str) -> Definition:
    """What is built is later than what is visible, even where nothing has been visible yet."""
    generation, rule = draw(st.integers(0, 3)), draw(st.none() | RULES)
    later = st.builds(Generation, st.integers(generation + 1, generation + 2), RULES)
    return Definition(name, generation, rule, draw(st.none() | later))


DEFINITIONS = st.tuples(*(definitions_of(name) for name in SEGMENTS)).map(list) | definitions_of(SEGMENTS[0]).map(
    lambda definition: [definition]
)
KEYS = st.builds(membership_key, st.sampled_from([*SEGMENTS, "segment-gone"]), st.integers(0, 7))
HELD: st.SearchStrategy[dict[str, Held]] = st.dictionaries(KEYS, st.booleans().map(Held), max_size=8)


@given(HELD, DEFINITIONS, st.integers(0, 4))
def test_every_customer_holds_what_the_rules_say_whatever_they_held(
    held: dict[str, Held], definitions: list[Definition], count: int
) -> None:
    now = after(held, decide(held, definitions, orders(count)))
    latest = {
        each.id: each.building.number if each.building else each.generation for each in definitions if each.is_automatic
    }
    expected = {}
    for key, membership in held.items():
        segment_id, generation = segment_and_generation(key)
        if generation > latest.get(segment_id, -1):  # of which nothing is known here
            expected[key] = membership
    for each in definitions:
        if each.building and each.building.rule.matches(orders(count)):
            key = membership_key(each.id, each.building.number)
            expected[key] = held.get(key, Held(is_announced=False))
        if each.rule and each.rule.matches(orders(count)):
            expected[membership_key(each.id, each.generation)] = Held(is_announced=True)
    assert now == expected


@given(HELD, DEFINITIONS, st.integers(0, 4))
def test_a_second_evaluation_changes_nothing(held: dict[str, Held], definitions: list[Definition], count: int) -> None:
    now = after(held, decide(held, definitions, orders(count)))
    assert nothing(decide(now, definitions, orders(count)))


@given(HELD, st.integers(0, 4))
def test_a_segment_filled_by_hand_and_one_that_is_gone_are_left_alone(held: dict[str, Held], count: int) -> None:
    assert nothing(decide(held, [Definition(name) for name in SEGMENTS], orders(count)))
    assert nothing(decide(held, [], orders(count)))


class Shop:
    """One automatic segment and its customers, changed a step at a time; what the timelines tell is kept."""

    def __init__(self, counts: list[int]) -> None:
        self.counts = counts
        self.held: list[dict[str, Held]] = [{} for _ in counts]
        self.told: defaultdict[int, list[str]] = defaultdict(list)
        self.definition = Definition("segment-a")

    def save(self, rule: Rule) -> None:
        """Its criteria are changed: their generation is built beside the visible one, or instead of what was."""
        before, building = self.definition, self.definition.building
        number = (building.number if building else before.generation) + 1
        self.definition = Definition(before.id, before.generation, before.rule, Generation(number, rule))

    def switch(self) -> None:
        """Everybody has been evaluated: what was built becomes visible."""
        self.evaluate(*range(len(self.counts)))
        if building := self.definition.building:
            self.definition = Definition(self.definition.id, building.number, building.rule)

    def evaluate(self, *customers: int) -> None:
        for customer in customers:
            changes = decide(self.held[customer], [self.definition], orders(self.counts[customer]))
            self.held[customer] = after(self.held[customer], changes)
            self.told[customer] += [*("entered" for _ in changes.entered), *("left" for _ in changes.left)]

    def members(self) -> set[int]:
        """Whom the page shows in it."""
        key = membership_key(self.definition.id, self.definition.generation)
        return {customer for customer, held in enumerate(self.held) if key in held}

    def matching(self) -> set[int]:
        rule = self.definition.rule
        return {customer for customer, count in enumerate(self.counts) if rule and rule.matches(orders(count))}


COUNTS = st.lists(st.integers(0, 4), min_size=1, max_size=6)


@given(COUNTS, RULES, RULES)
def test_changed_criteria_move_exactly_those_who_differ(counts: list[int], old: Rule, new: Rule) -> None:
    shop, everybody = Shop(counts), range(len(counts))
    shop.save(old)
    shop.evaluate(*everybody)
    assert (shop.members(), any(shop.told.values())) == (set(), False)
    shop.switch()
    assert shop.members() == shop.matching()  # at once, before anybody is evaluated again
    shop.evaluate(*everybody)
    were = shop.matching()
    assert {customer for customer, told in shop.told.items() if told == ["entered"]} == were
    shop.told.clear()

    shop.save(new)
    shop.evaluate(*everybody)
    assert (shop.members(), any(shop.told.values())) == (were, False)
    shop.switch()
    are = shop.members()
    assert are == shop.matching()
    shop.evaluate(*everybody)
    assert (shop.members(), {customer for customer, told in shop.told.items() if told}) == (are, were ^ are)
    assert {customer for customer, told in shop.told.items() if told == ["entered"]} == are - were
    assert {customer for customer, told in shop.told.items() if told == ["left"]} == were - are
    assert all(len(held) <= 1 for held in shop.held)


STEPS: st.SearchStrategy[list[Any]] = st.lists(
    st.tuples(st.just("save"), RULES)
    | st.tuples(st.just("switch"))
    | st.tuples(st.just("evaluate"), st.integers(0, 5))
    | st.tuples(st.just("order"), st.integers(0, 5), st.integers(0, 4)),
    max_size=20,
)


@hypothesis_settings(max_examples=300)
@given(COUNTS, STEPS)
def test_whatever_happens_in_whatever_order_everybody_is_told_once_what_became_of_them(
    counts: list[int], steps: list[Any]
) -> None:
    """Also where criteria are saved again before the last ones were applied to all."""
    shop, everybody = Shop(counts), range(len(counts))
    for step, *details in steps:
        customers = [each for each in details[:1] if isinstance(each, int) and each < len(counts)]
        match step:
            case "save":
                shop.save(details[0])
            case "switch":
                shop.switch()
            case "evaluate":
                shop.evaluate(*customers)
            case "order" if customers:
                shop.counts[customers[0]] = details[1]
    shop.evaluate(*everybody)
    assert shop.members() == shop.matching()
    for customer in everybody:
        told = shop.told[customer]
        assert told == ["entered", "left"] * (len(told) // 2) + ["entered"] * (len(told) % 2)
        assert (len(told) % 2 == 1) == (customer in shop.members())
