"""What of a changed score is news: another churn level, or health that moved by ten points or more since last told."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from customer360.scoring.assessment import Assessment
from customer360.scoring.churn import ChurnRisk
from customer360.scoring.health import HealthScore

LARGE_CHANGE = Decimal(10)
RANKS = ("low", "medium", "high")

NewsKind = Literal["churn-level-changed", "health-changed"]


@dataclass(frozen=True, slots=True)
class News:
    """`title` and `description` are for a person; `details` holds the same as JSON values, before and after."""

    kind: NewsKind
    title: str
    description: str
    details: dict[str, Any]


def news_of(told: Assessment, now: Assessment) -> News | None:
    """The one piece of news there is since `told`, if any; where both changed, the level of churn leads."""
    health, churn = now.health.score - told.health.score, now.churn.level != told.churn.level
    if not churn and abs(health) < LARGE_CHANGE:
        return None
    details: dict[str, Any] = {
        "churn": _change(told.churn, now.churn),
        "health": _change(told.health, now.health),
        "modelVersion": now.model_version,
    }
    texts = [_text("Churn risk", details["churn"])] if churn else []
    if abs(health) >= LARGE_CHANGE:
        texts.append(_text("Health", details["health"]))
    if churn:
        direction = _direction(RANKS.index(now.churn.level) - RANKS.index(told.churn.level))
        title = f"Churn risk {direction} to {now.churn.level}"
        return News("churn-level-changed", title, "; ".join(texts), details)
    return News("health-changed", f"Health {_direction(health)} to {now.health.score}", texts[0], details)


def _change(before: ChurnRisk | HealthScore, after: ChurnRisk | HealthScore) -> dict[str, Any]:
    return {
        "before": {"score": float(before.score), "level": before.level},
        "after": {"score": float(after.score), "level": after.level},
    }


def _text(name: str, change: dict[str, Any]) -> str:
    before, after = change["before"], change["after"]
    return f"{name} was {before['score']} ({before['level']}), now {after['score']} ({after['level']})"


def _direction(difference: Decimal | int) -> str:
    return "rose" if difference > 0 else "fell"
