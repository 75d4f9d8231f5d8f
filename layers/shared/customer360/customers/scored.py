"""A customer's scores as the page shows them, with what an admin can do about them."""

from datetime import datetime
from decimal import Decimal

from customer360.customers import schemas
from customer360.instants import whole_days
from customer360.scores.current import Scores
from customer360.scoring.advice import recommendations, retention_strategies
from customer360.storage.heads import Heads
from customer360.storage.keys import METRICS, SUPPORT


def health_of(scores: Scores) -> schemas.HealthScore:
    assessment, previous = scores
    health = assessment.health
    return schemas.HealthScore(
        score=health.score,
        level=health.level,
        factors=schemas.HealthFactors.model_validate(health.factors),
        contributions=[schemas.HealthContribution.model_validate(part) for part in health.contributions],
        recommendations=recommendations(health),
        previous=schemas.PreviousScore(score=previous.health.score, at=previous.at) if previous else None,
        calculated_at=assessment.at,
        model_version=health.model_version,
    )


def churn_of(heads: Heads, scores: Scores, now: datetime) -> schemas.ChurnRisk:
    """What is counted is counted for `now`, as in the sections beside it."""
    assessment, previous = scores
    risk, engagement = assessment.churn, assessment.inputs.engagement
    last = heads.moments(METRICS).get("lastPurchaseAt")
    decline = max(0.0, -engagement.trend) if engagement else 0.0
    return schemas.ChurnRisk(
        level=risk.level,
        score=risk.score,
        probability=risk.shown_probability,
        horizon_days=risk.horizon_days,
        basis=risk.basis,
        factors=schemas.ChurnFactors(
            days_since_last_purchase=whole_days(last, now) if last else None,
            engagement_decline=Decimal(str(round(decline, 2))),
            support_issues=int(heads.totals(SUPPORT).get("open", 0)),
        ),
        contributions=[schemas.ChurnContribution.model_validate(part) for part in risk.contributions],
        retention_strategies=retention_strategies(risk),
        previous=schemas.PreviousScore(score=previous.churn.score, at=previous.at) if previous else None,
        calculated_at=assessment.at,
        model_version=risk.model_version,
    )
