"""Scores have a shape: ranges, exact sums, and which way they may move. Each bound of a rule is stated with it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from customer360.scoring.advice import recommendations, retention_strategies
from customer360.scoring.churn import ChurnRisk, churn_risk
from customer360.scoring.health import HealthScore, health_score
from customer360.scoring.inputs import Engagement, Inputs, Purchases
from customer360.scoring.parameters import ModelParameters

FIRST = datetime(1975, 1, 1, 9, 30, tzinfo=UTC)
YEARS_50, MOST_PURCHASES = 18_262, 10_000
LEVELS = {"low": 0, "medium": 1, "high": 2}

days = st.integers(0, YEARS_50)
loads = st.floats(0, 50)
trends = st.floats(-1, 1)
engagements = st.builds(Engagement, activity=st.floats(0, 1000), trend=trends)
spends = st.decimals(0, 100_000, places=2)
models = st.builds(
    ModelParameters,
    r=st.floats(0.05, 10),
    alpha=st.floats(1, 500),
    a=st.floats(0.01, 5),
    b=st.floats(0.1, 20),
    version=st.just("drawn"),
    median_spend=st.none() | st.decimals("0.01", 10_000, places=2),
)
strengths = st.floats(0, 1)
corrected_models = st.builds(  # c1 above -1 and c3 not above 0, as a correction that reverses an order is none
    replace,
    models,
    c0=st.floats(-2, 2),
    c1=st.floats(-0.9, 2),
    c2=st.floats(-2, 2),
    c3=st.floats(-3, 0),
    engagement_strength=strengths,
    support_strength=strengths,
)


@st.composite
def buyers(draw: st.DrawFn, most_days: int = MOST_PURCHASES) -> Purchases:
    """At most one purchase day per calendar day between the first and the last; 1 when they are the same."""
    span = draw(days)
    count = draw(st.integers(2, max(2, min(most_days, span + 1)))) if span else 1
    return Purchases(count, FIRST, FIRST + timedelta(days=span))


def after(purchases: Purchases, silent_days: int) -> datetime:
    return purchases.last_at + timedelta(days=silent_days)


def bought_again(purchases: Purchases, now: datetime) -> Purchases:
    return replace(purchases, days=purchases.days + 1, last_at=now)


def risk(
    purchases: Purchases | None,
    now: datetime,
    model: ModelParameters,
    trend: float = 0.0,
    load: float = 0.0,
    spend: Decimal | None = None,
) -> ChurnRisk:
    history = purchases.history(now) if purchases else None
    return churn_risk(Inputs(history, spend, Engagement(0.0, trend), load), model)


def health(
    purchases: Purchases | None,
    now: datetime,
    model: ModelParameters,
    engagement: Engagement | None = None,
    load: float | None = None,
    spend: Decimal | None = None,
) -> HealthScore:
    return health_score(Inputs(purchases.history(now) if purchases else None, spend, engagement, load), model)


@settings(max_examples=200)
@given(st.none() | buyers(), days, corrected_models, st.none() | trends, st.none() | loads, st.none() | spends)
def test_a_risk_is_in_range_and_the_exact_sum_of_its_steps(
    purchases: Purchases | None,
    silent: int,
    model: ModelParameters,
    trend: float | None,
    load: float | None,
    spend: Decimal | None,
) -> None:
    history = purchases.history(after(purchases, silent)) if purchases else None
    engagement = None if trend is None else Engagement(0.0, trend)
    found = churn_risk(Inputs(history, spend, engagement, load), model)
    assert 0 <= found.probability <= 1
    assert 0 <= found.score <= 100
    assert abs(Decimal(found.probability) * 100 - found.score) <= Decimal("0.05")
    assert sum(step.points for step in found.contributions) == found.score
    assert all(step.points == step.points.quantize(Decimal("0.1")) for step in found.contributions)
    assert found.level == ("low" if found.score < 40 else found.level)
    assert found.level != "high" or (found.score >= 70 and found.basis == "history")
    assert bool(retention_strategies(found)) == (found.level == "high")


@settings(max_examples=200)
@given(
    st.none() | buyers(), days, models, st.none() | engagements, st.none() | loads, st.none() | spends, st.booleans()
)
def test_a_health_score_is_in_range_and_the_exact_sum_of_its_parts(
    purchases: Purchases | None,
    silent: int,
    model: ModelParameters,
    engagement: Engagement | None,
    load: float | None,
    spend: Decimal | None,
    orders_connected: bool,
) -> None:
    history = purchases.history(after(purchases, silent)) if purchases else None
    found = health_score(Inputs(history, spend, engagement, load, orders_connected), model)
    assert 0 <= found.score <= 100
    assert sum(part.points for part in found.contributions) == found.score
    assert set(found.factors) == {"purchase", "recency", "engagement", "support"}
    assert all(0 <= value <= 100 for value in found.factors.values())
    assert all(part.points >= 0 for part in found.contributions)
    assert all(part.value == 50 and part.points == 0 for part in found.contributions if not part.weight)
    anything = bool(purchases or orders_connected) or engagement is not None or load is not None
    assert abs(sum((part.weight for part in found.contributions), Decimal(0)) - int(anything)) <= Decimal("0.0002")
    assert bool(recommendations(found)) == (anything and found.score < 60)


@given(buyers(), days, days, corrected_models, trends, loads, spends, spends)
def test_time_alone_never_lowers_the_risk_of_a_silent_customer(
    purchases: Purchases,
    silent: int,
    longer: int,
    model: ModelParameters,
    trend: float,
    load: float,
    spend: Decimal,
    outdated: Decimal,
) -> None:
    """For equal engagement and support, which both decay by themselves; some of a year's spend is outdated later."""
    earlier = risk(purchases, after(purchases, silent), model, trend, load, spend)
    later = risk(purchases, after(purchases, silent + longer), model, trend, load, max(spend - outdated, Decimal(0)))
    assert later.score >= earlier.score
    assert LEVELS[later.level] >= LEVELS[earlier.level]


@given(buyers(), days, models, trends, loads)
def test_a_purchase_now_never_raises_risk(
    purchases: Purchases, silent: int, model: ModelParameters, trend: float, load: float
) -> None:
    """Without a back-test correction: one with c2 > 0 says that this shop's frequent buyers are worse than modelled."""
    now = after(purchases, silent)
    before = risk(purchases, now, model, trend, load)
    assert risk(bought_again(purchases, now), now, model, trend, load).score <= before.score


@given(buyers(), days, days, corrected_models)
def test_a_more_recent_last_purchase_never_raises_risk(
    purchases: Purchases, silent: int, earlier: int, model: ModelParameters
) -> None:
    """For the same number of purchase days, first purchase and `now`."""
    now = after(purchases, silent)
    less_recent = replace(purchases, last_at=max(purchases.last_at - timedelta(days=earlier), FIRST))
    assert risk(purchases, now, model).score <= risk(less_recent, now, model).score


@given(buyers(), st.integers(1, MOST_PURCHASES), models)
def test_more_purchase_days_never_raise_risk_on_the_day_of_the_last(
    purchases: Purchases, more: int, model: ModelParameters
) -> None:
    """Not after a silence: the same silence says more about a weekly than about a yearly buyer."""
    busier = replace(purchases, days=purchases.days + more)
    assert risk(busier, purchases.last_at, model).score <= risk(purchases, purchases.last_at, model).score


@given(buyers(), days, corrected_models, trends, trends, loads, loads)
def test_rising_engagement_and_calmer_support_never_raise_risk(
    purchases: Purchases,
    silent: int,
    model: ModelParameters,
    trend: float,
    other_trend: float,
    load: float,
    other_load: float,
) -> None:
    now = after(purchases, silent)
    worse = risk(purchases, now, model, min(trend, other_trend), max(load, other_load))
    better = risk(purchases, now, model, max(trend, other_trend), min(load, other_load))
    assert better.score <= worse.score
    assert LEVELS[better.level] <= LEVELS[worse.level]


@given(buyers(), days, corrected_models, trends, loads, strengths, strengths)
def test_a_weaker_effect_moves_the_risk_less_and_none_moves_it_not_at_all(
    purchases: Purchases, silent: int, model: ModelParameters, trend: float, load: float, weak: float, strong: float
) -> None:
    def points(strength: float) -> list[Decimal]:
        shop = replace(model, engagement_strength=strength, support_strength=0.0)
        quiet = replace(model, engagement_strength=0.0, support_strength=strength)
        found = (risk(purchases, now, shop, trend, load), risk(purchases, now, quiet, trend, load))
        return [abs(found[0].contributions[3].points), abs(found[1].contributions[4].points)]

    now = after(purchases, silent)
    assert points(0.0) == [0, 0]
    for less, more in zip(points(min(weak, strong)), points(max(weak, strong)), strict=True):
        assert less <= more


@given(buyers(), days, corrected_models, spends, spends)
def test_more_spend_never_raises_risk(
    purchases: Purchases, silent: int, model: ModelParameters, spend: Decimal, more: Decimal
) -> None:
    """And one who spends as the median does has the risk of one whose spend is not known."""
    now = after(purchases, silent)
    assert risk(purchases, now, model, spend=spend + more).score <= risk(purchases, now, model, spend=spend).score
    assert risk(purchases, now, model, spend=model.median_spend).score == risk(purchases, now, model).score


@given(buyers(most_days=500), st.integers(0, 5 * 365), st.none() | engagements, st.none() | loads)
def test_a_purchase_now_never_lowers_health(
    purchases: Purchases, silent: int, engagement: Engagement | None, load: float | None
) -> None:
    """Default parameters, after at most five years of silence, never mind what was spent.

    Beyond that a single order is weak evidence: the mean rate it implies is so low that the purchase factor loses
    more than recency wins (from seven years on). Nor does it hold for purchases added to the past.
    """
    now = after(purchases, silent)
    model = ModelParameters(r=1.0, alpha=40.0, a=0.3, b=1.5, version="default")
    before = health(purchases, now, model, engagement, load)
    assert health(bought_again(purchases, now), now, model, engagement, load).score >= before.score


@given(buyers(), days, models, st.none() | engagements, st.none() | loads)
def test_a_first_purchase_never_lowers_health(
    purchases: Purchases, silent: int, model: ModelParameters, engagement: Engagement | None, load: float | None
) -> None:
    now = after(purchases, silent)
    assert health(purchases, now, model, engagement, load).score >= health(None, now, model, engagement, load).score


@given(buyers(), st.integers(1, MOST_PURCHASES), models)
def test_more_purchase_days_never_lower_health_on_the_day_of_the_last(
    purchases: Purchases, more: int, model: ModelParameters
) -> None:
    busier = replace(purchases, days=purchases.days + more)
    assert health(busier, purchases.last_at, model).score >= health(purchases, purchases.last_at, model).score


@given(buyers(), days, days, models)
def test_time_alone_never_raises_health(purchases: Purchases, silent: int, longer: int, model: ModelParameters) -> None:
    """For equal engagement, support and spend."""
    earlier, later = after(purchases, silent), after(purchases, silent + longer)
    assert health(purchases, later, model).score <= health(purchases, earlier, model).score


@given(st.none() | buyers(), models, engagements, engagements, loads, loads, spends, spends)
def test_more_engagement_calmer_support_and_more_spend_never_lower_health(
    purchases: Purchases | None,
    model: ModelParameters,
    engagement: Engagement,
    other: Engagement,
    load: float,
    other_load: float,
    spend: Decimal,
    other_spend: Decimal,
) -> None:
    now = after(purchases, 30) if purchases else FIRST
    weaker = Engagement(min(engagement.activity, other.activity), min(engagement.trend, other.trend))
    stronger = Engagement(max(engagement.activity, other.activity), max(engagement.trend, other.trend))
    worse = health(purchases, now, model, weaker, max(load, other_load), min(spend, other_spend))
    better = health(purchases, now, model, stronger, min(load, other_load), max(spend, other_spend))
    assert better.score >= worse.score


@given(st.integers(1, MOST_PURCHASES), days, days, corrected_models)
def test_ten_thousand_purchases_and_fifty_years_stay_finite(
    count: int, span: int, silent: int, model: ModelParameters
) -> None:
    """Also for impossible input: many purchase days within one."""
    purchases = Purchases(count, FIRST, FIRST + timedelta(days=span))
    assert 0 <= risk(purchases, after(purchases, silent), model).score <= 100
    assert 0 <= health(purchases, after(purchases, silent), model).score <= 100
