"""What of a changed score is news."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from customer360.scoring.assessment import Assessment, assess
from customer360.scoring.inputs import History, Inputs
from customer360.scoring.news import news_of
from customer360.scoring.parameters import DEFAULT

AT = datetime(2026, 1, 1, tzinfo=UTC)


def assessment(health: str, level: str) -> Assessment:
    """With this health, and this churn level."""
    found = assess(Inputs(History(3, 90, 100)), AT, DEFAULT)
    churn = replace(found.churn, level=level)  # type: ignore[arg-type]
    return replace(found, health=replace(found.health, score=Decimal(health)), churn=churn)


@pytest.mark.parametrize(
    ("before", "after", "title"),
    [
        (("60.0", "low"), ("60.0", "medium"), "Churn risk rose to medium"),
        (("60.0", "high"), ("60.0", "low"), "Churn risk fell to low"),
        (("60.0", "low"), ("50.0", "low"), "Health fell to 50.0"),
        (("60.0", "low"), ("70.0", "low"), "Health rose to 70.0"),
        (("60.0", "low"), ("20.0", "high"), "Churn risk rose to high"),
    ],
)
def test_another_level_or_ten_points_of_health_are_news(
    before: tuple[str, str], after: tuple[str, str], title: str
) -> None:
    news = news_of(assessment(*before), assessment(*after))
    assert news is not None
    assert news.title == title
    assert news.kind == ("churn-level-changed" if before[1] != after[1] else "health-changed")
    assert news.details["health"]["after"]["score"] == float(after[0])
    assert news.details["churn"]["before"]["level"] == before[1]


def test_less_is_no_news() -> None:
    assert news_of(assessment("60.0", "low"), assessment("50.1", "low")) is None
    assert news_of(assessment("60.0", "low"), assessment("60.0", "low")) is None


def test_both_are_told_together() -> None:
    news = news_of(assessment("60.0", "low"), assessment("20.0", "high"))
    assert news is not None
    assert "Churn risk was" in news.description
    assert "Health was 60.0" in news.description
