"""Health: the golden cases, sources that are not connected, levels, and recommendations."""

import json
import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from customer360.scoring.advice import FIRST_PURCHASE, RECOMMENDATIONS, recommendations
from customer360.scoring.health import HealthScore, health_score
from customer360.scoring.inputs import Engagement, Inputs, Purchases
from customer360.scoring.parameters import DEFAULT, ModelParameters

NOW = datetime(2025, 6, 1, 12, tzinfo=UTC)
GOLDEN = json.loads((Path(__file__).parent / "golden_scores.json").read_text())
TRENDS = {"G08": -1.0, "G10": 1.0}
LOADS = {"G08": 0.0, "G09": 1.2 + 0.8 * 2**-0.5 * 1.5, "G10": 0.0}
SHOP = replace(DEFAULT, median_spend=Decimal(300))
WEEKLY = range(0, 140, 7)


def bought(*ages: int) -> Purchases:
    return Purchases(len(set(ages)), NOW - timedelta(days=max(ages)), NOW - timedelta(days=min(ages)))


def health_of(*ages: int, parameters: ModelParameters = DEFAULT, **known: Any) -> HealthScore:
    return health_score(Inputs(bought(*ages).history(NOW) if ages else None, **known), parameters)


def engagement_of(golden: dict[str, Any]) -> Engagement | None:
    events = golden["input"].get("events")
    return events and Engagement(sum(w * 2 ** (-age / 30) for age, w in events), TRENDS[golden["case"][:3]])


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda golden: golden["case"][:3])
def test_reproduces_the_golden_case(golden: dict[str, Any]) -> None:
    case, expected = golden["input"], golden["output"]
    spend = case.get("spend_365")
    health = health_of(
        *case["purchase_ages"],
        engagement=engagement_of(golden),
        support_load=LOADS.get(golden["case"][:3]),
        spend_365=spend and Decimal(str(spend)),
        parameters=SHOP,
    )
    assert health.score == Decimal(str(expected["health"]))
    connected = [part for part in health.contributions if part.weight]
    assert {part.factor: float(part.value) for part in connected} == expected["health_factors"]
    assert {part.factor: float(part.points) for part in connected} == expected["health_contributions"]


def test_all_four_factors_are_always_there() -> None:
    parts = {part.factor: part[1:] for part in health_of(45).contributions}
    assert parts == {
        "purchase": (Decimal("0.5385"), Decimal("69.2"), Decimal("37.3")),
        "recency": (Decimal("0.4615"), Decimal("62.6"), Decimal("28.9")),
        "engagement": (0, 50, 0),
        "support": (0, 50, 0),
    }
    assert health_of(45).factors == {
        "purchase": Decimal("69.2"),
        "recency": Decimal("62.6"),
        "engagement": 50,
        "support": 50,
    }


def test_who_never_bought_has_no_purchase_relationship() -> None:
    health = health_of(engagement=Engagement(activity=1e9, trend=1.0), support_load=0.0)
    assert (health.basis, health.score, health.level) == ("prior", Decimal("35.0"), "poor")
    assert health.factors["purchase"] == health.factors["recency"] == 0


def test_a_first_purchase_never_lowers_health_not_even_one_long_ago() -> None:
    assert health_of(0).score > health_of(3650).score > health_of().score


def test_a_shop_without_orders_is_judged_by_its_other_sources() -> None:
    health = health_of(engagement=Engagement(0.0, 0.0), support_load=0.0, orders_connected=False)
    assert {part.factor: tuple(map(float, part[1:])) for part in health.contributions} == {
        "purchase": (0, 50, 0),
        "recency": (0, 50, 0),
        "engagement": (0.5714, 25, 14.3),
        "support": (0.4286, 100, 42.9),
    }
    assert recommendations(health) == [RECOMMENDATIONS["engagement"]]


def test_a_shop_without_any_source_scores_nothing() -> None:
    health = health_of(orders_connected=False)
    assert health.score == 0
    assert set(health.factors.values()) == {Decimal(50)}
    assert recommendations(health) == []


def test_a_perfect_customer_scores_100_where_the_rounded_parts_would_say_more() -> None:
    # 43.75, 37.5 and 18.75 round to 43.8, 37.5 and 18.8.
    health = health_of(*WEEKLY, support_load=0.0)
    assert [part.points for part in health.contributions] == [Decimal("43.7"), Decimal("37.5"), 0, Decimal("18.8")]
    assert health.score == 100


@pytest.mark.parametrize("median", [None, Decimal(0)])
def test_spend_counts_only_against_a_known_median(median: Decimal | None) -> None:
    parameters = replace(DEFAULT, median_spend=median)
    assert health_of(45, spend_365=Decimal(9000), parameters=parameters).score == health_of(45).score


def test_refunds_beyond_the_spend_count_as_no_spend() -> None:
    refunded = health_of(45, spend_365=Decimal(-300), parameters=SHOP)
    assert refunded == health_of(45, spend_365=Decimal(0), parameters=SHOP)


@pytest.mark.parametrize(
    ("load", "level"), [(0.0, "excellent"), (0.3, "good"), (0.7, "fair"), (1.2, "poor"), (math.inf, "poor")]
)
def test_levels(load: float, level: str) -> None:
    assert health_of(support_load=load, orders_connected=False).level == level


@pytest.mark.parametrize(("value", "level"), [("80.0", "excellent"), ("79.9", "good"), ("60.0", "good")])
def test_levels_begin_at_their_bound(value: str, level: str) -> None:
    health = health_of(support_load=-math.log(float(value) / 100), orders_connected=False)
    assert (health.score, health.level) == (Decimal(value), level)


def test_a_healthy_customer_needs_no_advice() -> None:
    assert recommendations(health_of(10, 40, 70)) == []


def test_advice_starts_with_what_costs_most_and_skips_what_is_not_connected() -> None:
    silent_and_angry = health_of(200, support_load=2.0)
    assert recommendations(silent_and_angry) == [RECOMMENDATIONS["recency"], RECOMMENDATIONS["support"]]


def test_who_never_bought_is_invited_to_a_first_order() -> None:
    bored = health_of(engagement=Engagement(0.0, -1.0), support_load=0.0)
    assert recommendations(bored) == [FIRST_PURCHASE, RECOMMENDATIONS["engagement"]]
