"""The correction: what it learns from windows, when it keeps silent, and the order it must not upset."""

import math
import random
from collections.abc import Sequence
from statistics import fmean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from customer360.scoring.churn import probability_from
from customer360.scoring.correction import NONE, RIDGE, Case, Correction, correction, enough, solved

cases = st.builds(
    Case,
    log_odds=st.floats(-5.3, 5.3),
    frequency=st.floats(-3, 3),
    spend=st.floats(-0.5, 0.5),
    silent=st.booleans(),
    engagement=st.floats(-0.5, 0.5),
    support=st.floats(0, 1.2),
)


def window(truth: Correction, customers: int, seed: int = 1, *, has_signals: bool = False) -> list[Case]:
    """Customers who stay silent as often as the corrected model says."""
    random_, signals = random.Random(seed), random.Random(seed)
    drawn = []
    for _ in range(customers):
        z, frequency, spend = random_.gauss(0.5, 1.5), random_.gauss(0, 0.7), random_.uniform(-0.5, 0.5)
        case = Case(z, frequency, spend, silent=False)
        if has_signals:
            case = case._replace(engagement=signals.uniform(-0.5, 0.5), support=signals.choice((0.0, 0.0, 0.4, 1.0)))
        drawn.append(case._replace(silent=random_.random() < corrected(case, truth)))
    return drawn


def corrected(case: Case, c: Correction) -> float:
    z, frequency, spend, _, engagement, support = case
    shift = c.c0 + c.c1 * z + c.c2 * frequency + c.c3 * spend + c.engagement * engagement + c.support * support
    return probability_from(z + shift)


def loss(window: Sequence[Case], c: Correction) -> float:
    errors = (
        -math.log(corrected(case, c)) if case.silent else -math.log1p(-min(corrected(case, c), 1 - 1e-15))
        for case in window
    )
    return sum(errors) + RIDGE / 2 * sum((value - prior) ** 2 for value, prior in zip(c, NONE, strict=True))


def test_recovers_a_known_mistake_of_the_model() -> None:
    truth = Correction(0.6, -0.4, -0.5, -1.2)
    assert correction([window(truth, 20_000)]) == pytest.approx(truth, abs=0.12)


def test_leaves_a_model_without_mistakes_alone() -> None:
    assert correction([window(NONE, 20_000)]) == pytest.approx(NONE, abs=0.12)


def test_afterwards_what_is_said_is_what_happened() -> None:
    seen = window(Correction(1.0, -0.6, -0.3, -0.8), 5000)
    found = correction([seen])
    often = [case for case in seen if case.frequency > 0.7]
    for group, tolerance in ((seen, 0.002), (often, 0.03)):
        said, happened = fmean(corrected(case, found) for case in group), fmean(case.silent for case in group)
        assert said == pytest.approx(happened, abs=tolerance)


@pytest.mark.parametrize(
    "truth", [Correction(0.5, -0.5, -0.5, -1.0, 0.6, 0.5), Correction(-2.0, 0.8, 0.5, -3.0, 0.4, 0.7)]
)
def test_no_correction_near_by_has_a_lower_penalised_loss(truth: Correction) -> None:
    seen = window(truth, 400, has_signals=True)
    found = correction([seen])
    assert 0 < found.engagement < 1
    assert 0 < found.support < 1
    for name in Correction._fields:
        for step in (-0.01, 0.01):
            assert loss(seen, found._replace(**{name: getattr(found, name) + step})) > loss(seen, found)


@pytest.mark.parametrize(("engagement", "support"), [(0.0, 0.0), (1.0, 1.0), (0.5, 0.5), (0.0, 1.0), (1.0, 0.0)])
def test_learns_how_strong_engagement_and_support_are(engagement: float, support: float) -> None:
    truth = Correction(0.3, -0.2, -0.2, -0.5, engagement, support)
    assert correction([window(truth, 20_000, has_signals=True)]) == pytest.approx(truth, abs=0.15)


def test_a_strength_stays_within_0_and_1_and_the_others_make_up_for_it() -> None:
    """Signals that are worth more, and signals that say the opposite."""
    seen = window(Correction(0.0, 0.0, 0.0, 0.0, 3.0, -2.0), 5000, has_signals=True)
    found = correction([seen])
    assert (found.engagement, found.support) == (1, 0)
    said, happened = fmean(corrected(case, found) for case in seen), fmean(case.silent for case in seen)
    assert said == pytest.approx(happened, abs=0.002)


def test_the_fewer_customers_the_less_moves_a_strength() -> None:
    """Signals that say nothing, in shops of three sizes; the mean over ten shops each."""
    nothing = Correction(engagement=0.0, support=0.0)
    few, some, many = (
        [correction([window(nothing, size, seed, has_signals=True)]) for seed in range(10)]
        for size in (200, 2000, 20_000)
    )
    for name in ("engagement", "support"):
        small, medium, large = (fmean(getattr(found, name) for found in shops) for shops in (few, some, many))
        assert 1 > small > medium > large
        assert small > 0.2
        assert large < 0.1


def test_without_signals_the_strengths_stay() -> None:
    found = correction([window(Correction(0.5, -0.5, -0.5, -1.0), 1000)])
    assert (found.engagement, found.support) == (1, 1)


@settings(max_examples=30)
@given(st.lists(cases, min_size=10, max_size=40), st.integers(8, 12))
def test_is_always_finite_and_keeps_the_order(drawn: list[Case], times: int) -> None:
    """Also where an input tells the outcomes apart completely."""
    found = correction([drawn * times + window(NONE, 200)])
    assert all(map(math.isfinite, found))
    assert found.c1 >= -0.9
    assert found.c3 <= 0
    assert 0 <= found.engagement <= 1
    assert 0 <= found.support <= 1


def test_a_model_that_ranks_the_wrong_way_round_is_flattened_and_not_reversed() -> None:
    found = correction([window(Correction(0.0, -2.0, 0.0, -0.5), 5000)])
    assert found.c1 == -0.9
    assert found.c3 == pytest.approx(-0.5, abs=0.3)


def test_spend_never_raises_risk() -> None:
    found = correction([window(Correction(0.3, -0.2, 0.0, 2.0), 5000)])
    assert found.c3 == 0
    assert found.c0 == pytest.approx(0.3, abs=0.2)


def test_both_orders_are_kept_at_once() -> None:
    found = correction([window(Correction(0.0, -2.0, 0.0, 2.0), 5000)])
    assert (found.c1, found.c3) == (-0.9, 0)


def test_windows_that_agree_say_what_one_says() -> None:
    one = window(Correction(0.5, -0.3, -0.5, -1.0), 500)
    assert correction([one, one, one]) == pytest.approx(correction([one]), abs=1e-6)


def test_windows_that_differ_are_weighed_alike() -> None:
    low, high = window(Correction(-0.5), 4000, seed=2), window(Correction(0.5), 4000, seed=3)
    assert correction([low, high]).c0 == pytest.approx(0, abs=0.1)


@pytest.mark.parametrize(
    ("silent", "bought", "is_enough"),
    [(180, 20, True), (20, 180, True), (180, 19, False), (19, 500, False), (100, 99, False), (0, 0, False)],
)
def test_it_takes_200_customers_and_20_of_each_outcome(silent: int, bought: int, is_enough: bool) -> None:
    outcomes = [True] * silent + [False] * bought
    assert enough(outcomes) == is_enough
    found = correction([[Case(2.0, 0.0, 0.0, silent=outcome) for outcome in outcomes]])
    assert (found != NONE) == is_enough


def test_a_window_with_too_little_in_it_does_not_count() -> None:
    good, few = window(Correction(1.0), 1000), window(Correction(-3.0), 150)
    assert correction([few, good]) == correction([good])
    assert correction([]) == NONE


triples = st.lists(st.floats(-3, 3), min_size=3, max_size=3)


@given(st.lists(triples, min_size=3, max_size=3), triples)
def test_solves_linear_equations(root: list[list[float]], answer: list[float]) -> None:
    def product(p: Sequence[float], q: Sequence[float]) -> float:
        return sum(a * b for a, b in zip(p, q, strict=True))

    definite = [[product(p, q) + (p is q) for q in root] for p in root]
    assert solved(definite, [product(row, answer) for row in definite]) == pytest.approx(answer, abs=1e-6)
