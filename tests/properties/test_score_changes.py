"""Why a score changed adds up to how much it changed, to the last decimal, whatever changed."""

from datetime import datetime
from decimal import Decimal
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from customer360.scoring.assessment import Assessment, assess
from customer360.scoring.changes import ScoreChange, explained
from customer360.scoring.inputs import Inputs
from customer360.scoring.parameters import ModelParameters
from support.assessments import ASSESSMENTS, INPUTS, INSTANTS, MODELS

TENTH = Decimal("0.1")


def both(earlier: Assessment, later: Assessment, model: ModelParameters | None) -> list[ScoreChange]:
    """The changes of health and of churn, checked to add up."""
    found = explained(earlier, later, model)
    scores = [(earlier.health.score, later.health.score), (earlier.churn.score, later.churn.score)]
    for change, (before, after) in zip([found.health, found.churn], scores, strict=True):
        assert (change.before, change.after, change.difference) == (before, after, after - before)
        terms = [part.points for part in change.contributions] + [change.model_points or Decimal(0)]
        assert sum(terms) == change.difference
        assert all(term == term.quantize(TENTH) for term in terms)
    return [found.health, found.churn]


@settings(max_examples=300)
@given(INPUTS, INPUTS, INSTANTS, MODELS, MODELS)
def test_the_points_of_factors_and_model_add_up(
    before: Inputs, after: Inputs, at: datetime, model: ModelParameters, next_model: ModelParameters
) -> None:
    for change in both(assess(before, at, model), assess(after, at, next_model), model):
        assert change.model_points is not None


@given(INPUTS, INPUTS, INSTANTS, MODELS, st.booleans())
def test_where_only_the_inputs_changed_the_model_did_nothing(
    before: Inputs, after: Inputs, at: datetime, model: ModelParameters, is_known: bool
) -> None:
    changes = both(assess(before, at, model), assess(after, at, model), model if is_known else None)
    assert [change.model_points for change in changes] == [0, 0]
    assert changes[1].contributions[0].points == 0  # what is true of every new customer


@given(INPUTS, INSTANTS, MODELS, MODELS)
def test_where_only_the_model_changed_no_factor_did_anything(
    inputs: Inputs, at: datetime, model: ModelParameters, next_model: ModelParameters
) -> None:
    for change in both(assess(inputs, at, model), assess(inputs, at, next_model), model):
        assert {part.points for part in change.contributions} == {0}
        assert change.model_points == change.difference
    assert not explained(assess(inputs, at, model), assess(inputs, at, next_model), model).inputs


@given(ASSESSMENTS, ASSESSMENTS)
def test_where_the_earlier_model_is_lost_the_factors_hold_what_it_did(earlier: Assessment, later: Assessment) -> None:
    for change in both(earlier, later, None):
        assert change.model_points is None


@given(INSTANTS, st.lists(st.tuples(INPUTS, MODELS), min_size=3, max_size=3))
def test_two_changes_come_to_the_change_over_both(at: datetime, days: list[tuple[Inputs, ModelParameters]]) -> None:
    assessments = [(assess(inputs, at, model), model) for inputs, model in days]
    steps = [both(earlier, later, model) for (earlier, model), (later, _) in pairwise(assessments)]
    whole = both(assessments[0][0], assessments[-1][0], assessments[0][1])
    for first, second, over_both in zip(*steps, whole, strict=True):
        assert first.difference + second.difference == over_both.difference


@given(INPUTS, INPUTS, INSTANTS, MODELS)
def test_the_inputs_told_are_those_that_differ(
    before: Inputs, after: Inputs, at: datetime, model: ModelParameters
) -> None:
    there = explained(assess(before, at, model), assess(after, at, model), model)
    back = explained(assess(after, at, model), assess(before, at, model), model)
    assert [(change.name, change.before, change.after) for change in there.inputs] == [
        (change.name, change.after, change.before) for change in back.inputs
    ]
    assert all(change.before != change.after for change in there.inputs)
    if after == before:
        assert not there.inputs
        assert there.spend is None
    if there.spend:
        assert (there.spend.before, there.spend.after) == (before.spend_365, after.spend_365)
