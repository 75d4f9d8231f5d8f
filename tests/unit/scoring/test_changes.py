"""What changed behind a score, told so that whoever talks to the customer understands it."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, get_args

import pytest

from customer360.scoring.assessment import Assessment, assess
from customer360.scoring.changes import INPUT_FACTORS, SPEND_FACTORS, Explanation, explained
from customer360.scoring.churn import ChurnFactor
from customer360.scoring.evidence import SECTIONS
from customer360.scoring.health import HealthFactor
from customer360.scoring.inputs import Engagement, History, Inputs
from customer360.scoring.parameters import DEFAULT

AT = datetime(2026, 3, 1, tzinfo=UTC)
BEFORE = Inputs(History(2, 100, 112), Decimal("80.00"), Engagement(2.0, 0.25), 0.0)
SPENDING = replace(DEFAULT, version="with-spend", median_spend=Decimal(100), c3=-1.0)


def of(inputs: Inputs) -> Assessment:
    return assess(inputs, AT, SPENDING)


def change_to(**inputs: Any) -> Explanation:
    return explained(of(BEFORE), of(replace(BEFORE, **inputs)), None)


def numbers(found: Explanation) -> dict[str, tuple[Any, Any]]:
    return {change.name: (change.before, change.after) for change in found.inputs}


def points(found: Explanation) -> dict[str, Decimal]:
    """Those of both scores that are not zero."""
    parts = [*found.health.contributions, *found.churn.contributions]
    return {part.factor: part.points for part in parts if part.points}


def test_one_more_purchase() -> None:
    found = change_to(history=History(3, 140, 140))
    assert numbers(found) == {
        "purchaseDays": (3, 4),
        "daysFromFirstToLastPurchase": (100, 140),
        "daysSinceLastPurchase": (12, 0),
    }
    assert found.spend is None
    assert found.health.difference > 0 > found.churn.difference


def test_silence_alone() -> None:
    found = change_to(history=History(2, 100, 140))
    assert numbers(found) == {"daysSinceLastPurchase": (12, 40)}
    assert points(found)["recency"] < 0 < points(found)["silence"]
    assert not points(found).keys() & {"purchase", "purchase_history", "reference_new_customer"}


def test_engagement_and_tickets_have_three_decimals() -> None:
    found = change_to(engagement=Engagement(1 / 3, -2 / 3), support_load=1.20004)
    assert {name: (str(before), str(after)) for name, (before, after) in numbers(found).items()} == {
        "engagementActivity": ("2.000", "0.333"),
        "engagementTrend": ("0.250", "-0.667"),
        "supportLoad": ("0.000", "1.200"),
    }


def test_what_cannot_be_seen_is_not_told() -> None:
    assert not change_to(support_load=0.0004).inputs


def test_money_stands_apart_and_exact() -> None:
    found = change_to(spend_365=Decimal("123.45"))
    assert not found.inputs
    assert found.spend
    assert (found.spend.before, found.spend.after) == (Decimal("80.00"), Decimal("123.45"))
    assert points(found)["purchase"] > 0 > points(found)["purchase_history"]


def test_a_source_that_became_known_and_one_that_no_longer_is() -> None:
    found = change_to(history=None, engagement=None, spend_365=None, orders_connected=False)
    assert numbers(found) == {
        "purchaseDays": (3, None),
        "daysFromFirstToLastPurchase": (100, None),
        "daysSinceLastPurchase": (12, None),
        "engagementActivity": (2, None),
        "engagementTrend": (Decimal("0.25"), None),
    }
    assert found.spend
    assert found.spend.after is None
    back = explained(of(replace(BEFORE, history=None)), of(BEFORE), None)
    assert numbers(back)["purchaseDays"] == (0, 3)


def test_a_score_that_stayed_is_explained_too() -> None:
    found = change_to()
    assert found.health.difference == found.churn.difference == 0
    assert not found.inputs
    assert not found.spend
    assert not points(found)
    assert [part.factor for part in found.health.contributions] == list(get_args(HealthFactor))
    assert [part.factor for part in found.churn.contributions] == list(get_args(ChurnFactor))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("history", History(2, 100, 150)),
        ("spend_365", Decimal(5)),
        ("engagement", Engagement(0.1, 0.25)),
        ("engagement", Engagement(2.0, -1.0)),
        ("support_load", 2.0),
    ],
)
def test_an_input_moves_the_factors_that_are_named_with_it(field: str, value: Any) -> None:
    """A part may also move because one before it did, on the path of the churn risk; never where nothing named did."""
    found = change_to(**{field: value})
    named = {factor for change in found.inputs for factor in change.factors} | set(
        found.spend.factors if found.spend else ()
    )
    health = {part.factor for part in found.health.contributions if part.points}
    assert health <= named
    first_moved = next((part.factor for part in found.churn.contributions if part.points), None)
    assert first_moved is None or first_moved in named


def test_every_factor_has_its_sections_and_every_input_its_factors() -> None:
    factors = {*get_args(HealthFactor), *get_args(ChurnFactor)}
    assert set(SECTIONS) == factors
    named = {factor for each in INPUT_FACTORS.values() for factor in each} | set(SPEND_FACTORS)
    assert named == factors - {"reference_new_customer"}
    assert {section for sections in SECTIONS.values() for section in sections} == {
        "orders", "marketing", "analytics", "support",
    }  # fmt: skip
