"""Churn risk: the golden cases, the worked example, levels, priors and what each input may do."""

import json
import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from customer360.scoring.advice import LAST_RESORT, STRATEGIES, retention_strategies
from customer360.scoring.churn import (
    ChurnRisk,
    churn_risk,
    engagement_effect,
    log_odds,
    probability_alive,
    probability_of_no_purchase,
    support_effect,
)
from customer360.scoring.inputs import NEW_CUSTOMER, Engagement, History, Inputs, Purchases
from customer360.scoring.parameters import DEFAULT

NOW = datetime(2025, 6, 1, 12, tzinfo=UTC)
GOLDEN = json.loads((Path(__file__).parent / "golden_scores.json").read_text())


def bought(*ages: int) -> Purchases:
    return Purchases(len(set(ages)), NOW - timedelta(days=max(ages)), NOW - timedelta(days=min(ages)))


def inputs_of(*ages: int, trend: float | None = None, load: float | None = None) -> Inputs:
    engagement = None if trend is None else Engagement(activity=1.0, trend=trend)
    return Inputs(bought(*ages).history(NOW) if ages else None, engagement=engagement, support_load=load)


def risk_of(*ages: int, trend: float | None = None, load: float | None = None) -> ChurnRisk:
    return churn_risk(inputs_of(*ages, trend=trend, load=load))


def trend_of(case: dict[str, Any]) -> float | None:
    if "events" not in case:
        return None
    recent = sum(weight for age, weight in case["events"] if age <= 30)
    before = sum(weight for age, weight in case["events"] if 30 < age <= 120)
    return min(max(math.log((recent + 1) / (before / 3 + 1)) / 1.5, -1.0), 1.0)


def load_of(case: dict[str, Any]) -> float | None:
    if "tickets" not in case:
        return None
    weights = {"low": 0.2, "normal": 0.4, "high": 0.8, "urgent": 1.2}
    satisfaction = {("open", 1): 1.5, ("open", None): 1.0, ("resolved", 5): 0.0}
    loads = (
        weights[ticket["priority"]] * 2 ** (-ticket["age"] / 30) * satisfaction[ticket["status"], ticket.get("csat")]
        for ticket in case["tickets"]
    )
    return sum(loads, 0.0)


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda golden: golden["case"][:3])
def test_reproduces_the_golden_case(golden: dict[str, Any]) -> None:
    case, expected = golden["input"], golden["output"]
    history = bought(*case["purchase_ages"]).history(NOW)
    assert history == History(expected["x"], expected["tx"], expected["T"])
    assert round(probability_of_no_purchase(history), 4) == expected["p_no_purchase"]
    assert round(probability_alive(history), 4) == expected["p_alive"]
    assert round(engagement_effect(trend_of(case) or 0.0), 3) == expected["d_engagement"]
    assert round(support_effect(load_of(case)), 3) == expected["d_support"]

    risk = risk_of(*case["purchase_ages"], trend=trend_of(case), load=load_of(case))
    assert risk.score == Decimal(str(expected["risk"]))
    assert risk.level == expected["level"]
    assert {step.factor: float(step.points) for step in risk.contributions} == expected["risk_contributions"]


def test_one_purchase_45_days_ago_as_worked_by_hand() -> None:
    by_hand = (40 / 175 + 0.3 / 1.5) / (40 / 85 + 0.3 / 1.5)
    assert probability_of_no_purchase(History(0, 0, 45)) == pytest.approx(by_hand)
    assert risk_of(45).probability == pytest.approx(0.6391, abs=5e-5)


def test_who_never_bought_has_the_reference_value_whatever_else_is_known() -> None:
    risk = risk_of(trend=-1.0, load=5.0)
    assert (risk.basis, risk.score, risk.level) == ("prior", Decimal("42.3"), "medium")
    assert [step.points for step in risk.contributions] == [Decimal("42.3"), 0, 0, 0, 0]
    assert risk.probability == pytest.approx(probability_of_no_purchase(NEW_CUSTOMER))


def test_a_prior_is_never_high_even_in_a_shop_of_one_time_buyers() -> None:
    fickle = replace(DEFAULT, a=3.0, version="fickle")
    risk = churn_risk(inputs_of(load=9.0), fickle)
    assert (risk.score > 70, risk.level) == (True, "medium")


def test_a_source_that_is_not_connected_has_no_effect() -> None:
    assert risk_of(10, 40).score == risk_of(10, 40, trend=0.0, load=0.0).score


def test_a_slow_buyer_becomes_high_risk_only_by_silence_or_by_trouble() -> None:
    yearly = (120, 485, 850, 1215)
    assert risk_of(*yearly).level == "medium"
    assert risk_of(*yearly, load=1.0).level == "high"
    assert risk_of(*(age + 365 for age in yearly)).level == "high"


def test_the_level_is_that_of_the_score_as_shown() -> None:
    # 39.957 and 69.957 are shown as 40.0 and 70.0.
    def shown(logit_of: float) -> ChurnRisk:
        z = math.log(logit_of / (1 - logit_of))
        shifted = replace(DEFAULT, c0=z - log_odds(History(0, 0, 400), DEFAULT))
        return churn_risk(inputs_of(400), shifted)

    assert (shown(0.39957).score, shown(0.39957).level) == (Decimal("40.0"), "medium")
    assert (shown(0.69957).score, shown(0.69957).level) == (Decimal("70.0"), "high")
    assert shown(0.69940).level == "medium"
    assert shown(0.39940).level == "low"


def test_the_back_test_correction_shifts_the_log_odds() -> None:
    corrected = replace(DEFAULT, c0=0.2, c1=-0.1, c2=-0.4, version="shop-7")
    z = math.log(0.4891 / (1 - 0.4891))
    history = History(11, 330, 450)
    assert log_odds(history, corrected) == pytest.approx(z + 0.2 - 0.1 * z - 0.4 * math.log(12), abs=3e-4)
    risk = churn_risk(inputs_of(120, 450), replace(corrected, horizon_days=30))
    assert (risk.horizon_days, risk.model_version) == (30, "shop-7")


@pytest.mark.parametrize(("trend", "effect"), [(-1, 0.5), (0.4, -0.2), (7, -0.5), (-7, 0.5)])
def test_engagement_is_bounded(trend: float, effect: float) -> None:
    assert engagement_effect(trend) == pytest.approx(effect)


@pytest.mark.parametrize(("load", "effect"), [(0, 0.0), (math.log(2), 0.6), (1e6, 1.2), (-3, 0.0), (None, 0.0)])
def test_support_is_bounded(load: float | None, effect: float) -> None:
    assert support_effect(load) == pytest.approx(effect)


def test_the_shops_strengths_scale_both_effects() -> None:
    shop = replace(DEFAULT, engagement_strength=0.5, support_strength=0.25, version="shop-7")
    assert engagement_effect(-1, shop) == 0.25
    assert support_effect(math.log(2), shop) == pytest.approx(0.15)
    deaf = replace(DEFAULT, engagement_strength=0.0, support_strength=0.0, version="deaf")
    assert churn_risk(inputs_of(10, 40, trend=-1.0, load=3.0), deaf).probability == risk_of(10, 40).probability


def test_trouble_alarms_only_as_far_as_it_means_something_in_the_shop() -> None:
    yearly = inputs_of(120, 485, 850, 1215, load=5.0)
    levels = [churn_risk(yearly, replace(DEFAULT, c0=1.0, support_strength=share)).level for share in (1.0, 0.4)]
    assert levels == ["high", "medium"]


def test_ages_are_whole_elapsed_days() -> None:
    purchases = Purchases(2, NOW - timedelta(days=9, hours=23), NOW - timedelta(hours=25))
    assert purchases.history(NOW) == History(repeats=1, span=8, age=9)


def test_a_purchase_dated_after_now_counts_as_made_now() -> None:
    assert bought(0).history(NOW - timedelta(days=3)) == NEW_CUSTOMER
    assert bought(0, 10).history(NOW - timedelta(days=3)) == History(1, 10, 10)


def test_retention_strategies_only_for_a_high_risk_and_main_cause_first() -> None:
    assert retention_strategies(risk_of(45)) == []
    assert retention_strategies(risk_of(400)) == [STRATEGIES["silence"], LAST_RESORT]
    quiet_and_angry = risk_of(200, 205, 210, trend=-0.2, load=3.0)
    assert retention_strategies(quiet_and_angry) == [
        STRATEGIES["silence"],
        STRATEGIES["support"],
        STRATEGIES["engagement"],
        LAST_RESORT,
    ]
