"""The fit: its likelihood against two slow ones, what it recovers, and what it refuses."""

import math
from collections.abc import Callable
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from customer360.scoring import fitting
from customer360.scoring.churn import probability_of_no_purchase
from customer360.scoring.fitting import CENTRE, Counts, Estimate, FitRefused, fit, log_likelihood, log_prior
from customer360.scoring.inputs import History
from customer360.scoring.parameters import DEFAULT, ModelParameters
from support.shops import OPENED, shop

Density = Callable[[float], float]

estimates = st.builds(
    Estimate, r=st.floats(0.1, 5), alpha=st.floats(2, 200), a=st.floats(0.05, 5), b=st.floats(0.1, 10)
)


@st.composite
def histories(draw: st.DrawFn, most_days: int = 800) -> History:
    span = draw(st.integers(0, most_days))
    return History(draw(st.integers(1, 30)) if span else 0, span, span + draw(st.integers(0, most_days)))


def as_published(history: History, estimate: Estimate) -> float:
    """L as Batislam et al. print it, for one customer."""
    (x, tx, age), (r, alpha, a, b) = history, estimate

    def beta(p: float, q: float) -> float:
        return math.gamma(p) * math.gamma(q) / math.gamma(p + q)

    scale = alpha**r * math.gamma(r + x) / math.gamma(r)
    alive = beta(a, b + x + 1) / beta(a, b) * (alpha + age) ** -(r + x)
    left = beta(a + 1, b + x) / beta(a, b) * (alpha + tx) ** -(r + x)
    return float(scale * (alive + left))


def by_integration(history: History, estimate: Estimate) -> float:
    """The mean, over purchase rates and chances to leave, of what one customer's purchases have for likelihood."""
    (x, tx, age), (r, alpha, a, b) = history, estimate
    steps = 20_000

    def mean(density: Density, value: Density, end: float) -> float:
        points = [end * (index + 0.5) / steps for index in range(steps)]
        return sum(density(point) * value(point) for point in points) * end / steps

    def rate(value: Density) -> float:
        return mean(lambda q: alpha**r * q ** (r - 1) * math.exp(-alpha * q) / math.gamma(r), value, 30 * r / alpha)

    def chance(value: Density) -> float:
        scale = math.gamma(a) * math.gamma(b) / math.gamma(a + b)
        return mean(lambda p: p ** (a - 1) * (1 - p) ** (b - 1) / scale, value, 1.0)

    stayed = chance(lambda p: (1 - p) ** (x + 1)) * rate(lambda q: q**x * math.exp(-q * age))
    left = chance(lambda p: p * (1 - p) ** x) * rate(lambda q: q**x * math.exp(-q * tx))
    return stayed + left


@given(st.lists(histories(), min_size=1, max_size=8), estimates)
def test_likelihood_is_the_published_one(customers: list[History], estimate: Estimate) -> None:
    expected = sum(math.log(as_published(history, estimate)) for history in customers)
    assert log_likelihood(Counts.of(customers), estimate) == pytest.approx(expected, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("history", [History(0, 0, 0), History(0, 0, 90), History(1, 30, 30), History(4, 100, 250)])
def test_likelihood_is_the_mean_over_the_customers_the_model_imagines(history: History) -> None:
    estimate = Estimate(r=2.5, alpha=60.0, a=2.0, b=3.5)
    assert math.exp(log_likelihood(Counts.of([history]), estimate)) == pytest.approx(
        by_integration(history, estimate), rel=1e-4
    )


@given(st.lists(histories(), max_size=30), st.randoms())
def test_counts_forget_the_order_only(customers: list[History], random: Random) -> None:
    counts = Counts.of(random.sample(customers, len(customers)))
    assert counts == Counts.of(customers)
    assert counts.customers == len(customers)
    assert counts.repeats == sum(history.repeats for history in customers)


@given(st.lists(histories(40_000), min_size=1, max_size=5), st.floats(1e-4, 1e4), st.floats(1e-3, 1e6))
def test_likelihood_stays_finite_up_to_the_bounds(customers: list[History], shape: float, alpha: float) -> None:
    busy = [history._replace(repeats=history.repeats * 300) for history in customers]
    for a, b in ((1e-4, 1e4), (1e4, 1e-4), (shape, shape)):
        assert math.isfinite(log_likelihood(Counts.of(busy), Estimate(shape, alpha, a, b)))


def test_recovers_what_the_customers_were_made_from() -> None:
    truth = Estimate(r=0.8, alpha=50.0, a=0.6, b=2.0)
    now = OPENED + 700
    found = fit(Counts.of(buyer.history(now) for buyer in shop(truth, 3000, 700)))
    assert found.r == pytest.approx(truth.r, rel=0.15)
    assert found.alpha == pytest.approx(truth.alpha, rel=0.15)
    assert found.a / (found.a + found.b) == pytest.approx(truth.a / (truth.a + truth.b), rel=0.15)
    known, learned = (ModelParameters(**estimate._asdict(), version="") for estimate in (truth, found))
    for history in (History(0, 0, 20), History(0, 0, 300), History(3, 200, 230), History(12, 400, 600)):
        assert probability_of_no_purchase(history, learned) == pytest.approx(
            probability_of_no_purchase(history, known), abs=0.03
        )


@settings(max_examples=15)
@given(st.lists(histories(300), min_size=20, max_size=60))
def test_nothing_near_by_is_likelier(customers: list[History]) -> None:
    counts = Counts.of(customers)
    found = fit(counts)
    best = log_likelihood(counts, found) + log_prior(found)
    for name, value in found._asdict().items():
        for factor in (0.9, 1.1):
            other = found._replace(**{name: value * factor})
            assert log_likelihood(counts, other) + log_prior(other) < best + 0.002


def test_the_same_customers_give_the_same_numbers_in_any_order() -> None:
    customers = [buyer.history(OPENED + 300) for buyer in shop(CENTRE, 120, 300)]
    assert fit(Counts.of(customers)) == fit(Counts.of(reversed(customers)))


@pytest.mark.parametrize("history", [History(0, 0, 0), History(0, 0, 400), History(30, 300, 310)])
def test_a_shop_of_equal_customers_has_a_fit(history: History) -> None:
    assert all(map(math.isfinite, fit(Counts.of([history] * 20))))


def test_the_prior_is_what_few_customers_leave_standing() -> None:
    few = fit(Counts.of([History(0, 0, 1)] * 20))
    assert [value / centre for value, centre in zip(few, CENTRE, strict=True)] == pytest.approx([1] * 4, rel=0.7)


@pytest.mark.parametrize("count", [0, 1, 19])
def test_too_few_customers_are_refused(count: int) -> None:
    with pytest.raises(FitRefused, match=f"^{count} customers are too few: it takes 20$"):
        fit(Counts.of([History(1, 30, 60)] * count))


def test_an_estimate_at_a_bound_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fitting, "HIGHEST", Estimate(1e4, 60.0, 1e4, 1e4))
    slow = [buyer.history(OPENED + 900) for buyer in shop(Estimate(1.0, 300.0, 0.1, 5.0), 100, 900)]
    with pytest.raises(FitRefused, match=r"^alpha = 60 is at a bound$"):
        fit(Counts.of(slow))


@pytest.mark.parametrize("wrong", [math.nan, -math.inf])
def test_an_estimate_that_is_not_finite_is_refused(monkeypatch: pytest.MonkeyPatch, wrong: float) -> None:
    monkeypatch.setattr(fitting, "log_likelihood", lambda counts, estimate: wrong)
    with pytest.raises(FitRefused, match="the search did not settle"):
        fit(Counts.of([History(1, 30, 60)] * 20))


def test_an_estimate_worse_than_the_parameters_in_use_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fitting, "maximum", lambda log_density: (Estimate(5.0, 5.0, 2.0, 0.5), True))
    with pytest.raises(FitRefused, match="worse than the parameters in use"):
        fit(Counts.of([History(1, 30, 60)] * 20), DEFAULT)
