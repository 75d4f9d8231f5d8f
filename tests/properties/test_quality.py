"""Every measure of quality against its definition, worked out the slow way."""

import math
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from customer360.scoring.quality import (
    auc,
    brier,
    calibration_error,
    decile_lift,
    precision_recall_auc,
    reliability,
)

# Few distinct values beside many, so that ties are common.
probabilities = st.integers(0, 8).map(lambda eighths: eighths / 8) | st.floats(0, 1)
foretold = st.lists(st.tuples(st.booleans(), probabilities), min_size=1, max_size=60).map(
    lambda pairs: tuple(map(list, zip(*pairs, strict=True)))
)
Foretold = tuple[list[bool], list[float]]


@given(foretold)
def test_auc_is_the_share_of_pairs_in_the_right_order(drawn: Foretold) -> None:
    happened, predicted = drawn
    hits = [p for outcome, p in zip(happened, predicted, strict=True) if outcome]
    misses = [p for outcome, p in zip(happened, predicted, strict=True) if not outcome]
    assume(hits and misses)
    right = [1 if hit > miss else 0.5 if hit == miss else 0 for hit, miss in product(hits, misses)]
    assert auc(happened, predicted) == pytest.approx(sum(right) / len(right))


@given(foretold)
def test_precision_recall_auc_sums_precision_over_the_recall_gained(drawn: Foretold) -> None:
    happened, predicted = drawn
    assume(any(happened))
    area, recall_before = 0.0, 0.0
    for threshold in sorted(set(predicted), reverse=True):
        taken = [outcome for outcome, p in zip(happened, predicted, strict=True) if p >= threshold]
        recall = sum(taken) / sum(happened)
        area += (recall - recall_before) * sum(taken) / len(taken)
        recall_before = recall
    assert precision_recall_auc(happened, predicted) == pytest.approx(area)


@given(foretold)
def test_brier_is_the_mean_squared_error(drawn: Foretold) -> None:
    happened, predicted = drawn
    errors = [(1 - p) ** 2 if outcome else p**2 for outcome, p in zip(happened, predicted, strict=True)]
    assert brier(happened, predicted) == pytest.approx(sum(errors) / len(errors))


@given(foretold)
def test_reliability_puts_each_prediction_into_one_of_ten_bins(drawn: Foretold) -> None:
    happened, predicted = drawn
    bins = reliability(happened, predicted)
    distances = 0.0
    for index, part in enumerate(bins):
        within = [
            (outcome, p)
            for outcome, p in zip(happened, predicted, strict=True)
            if index <= p * 10 and (p * 10 < index + 1 or index == 9)
        ]
        assert (part.low, part.high, part.cases) == (index / 10, (index + 1) / 10, len(within))
        if within:
            assert part.happened == pytest.approx(sum(outcome for outcome, _ in within) / len(within))
            assert part.predicted == pytest.approx(sum(p for _, p in within) / len(within))
            distances += abs(sum(outcome - p for outcome, p in within))
    assert sum(part.cases for part in bins) == len(predicted)
    assert calibration_error(bins) == pytest.approx(distances / len(predicted))


@given(foretold)
def test_decile_lift_is_each_tenths_share_over_the_whole(drawn: Foretold) -> None:
    """Each customer is cut into ten equal pieces, so that tenths are whole numbers of pieces; a tie shares its hits."""
    happened, predicted = drawn
    assume(any(happened))
    rates = {
        value: Fraction(
            sum(outcome for outcome, p in zip(happened, predicted, strict=True) if p == value), predicted.count(value)
        )
        for value in predicted
    }
    pieces = [rates[p] for p in sorted(predicted, reverse=True) for _ in range(10)]
    overall = Fraction(sum(happened), len(happened))
    size = len(predicted)
    expected = [sum(pieces[tenth * size : (tenth + 1) * size]) / size / overall for tenth in range(10)]
    assert decile_lift(happened, predicted) == pytest.approx([float(lift) for lift in expected], abs=1e-9)


@given(foretold)
def test_measures_of_order_look_at_the_order_alone(drawn: Foretold) -> None:
    happened, predicted = drawn
    assume(0 < sum(happened) < len(happened))
    ranks = [float(sorted(set(predicted)).index(p)) for p in predicted]
    assert auc(happened, ranks) == auc(happened, predicted)
    assert precision_recall_auc(happened, ranks) == precision_recall_auc(happened, predicted)
    assert decile_lift(happened, ranks) == decile_lift(happened, predicted)
    assert auc(happened, [-rank for rank in ranks]) == pytest.approx(1 - auc(happened, predicted))


def test_a_perfect_forecast() -> None:
    happened, predicted = [False] * 90 + [True] * 10, [0.0] * 90 + [1.0] * 10
    assert auc(happened, predicted) == precision_recall_auc(happened, predicted) == 1
    assert brier(happened, predicted) == calibration_error(reliability(happened, predicted)) == 0
    assert decile_lift(happened, predicted) == pytest.approx([10, *[0] * 9])


def test_many_predictions_take_no_pairs() -> None:
    """Comparing pairs would be four hundred million comparisons."""
    predicted = [(index * 7919 % 20_011) / 20_011 for index in range(20_000)]
    happened = [p > 0.5 for p in predicted]
    assert auc(happened, predicted) == 1
    assert math.isclose(sum(decile_lift(happened, predicted)), 10)
