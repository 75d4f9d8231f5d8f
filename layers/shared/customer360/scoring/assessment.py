"""Both scores of a customer at one instant, with all they came from: what is kept, and how a change is explained."""

import json
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Self, get_args

from customer360.instants import from_sortable, sortable
from customer360.scoring.churn import PATH, Basis, ChurnRisk, Contribution, churn_risk
from customer360.scoring.health import HealthContribution, HealthFactor, HealthScore, health_score, level_of
from customer360.scoring.inputs import Engagement, History, Inputs
from customer360.scoring.parameters import ModelParameters

FACTORS: tuple[HealthFactor, ...] = get_args(HealthFactor)


@dataclass(frozen=True, slots=True)
class Assessment:
    """`at` is the instant (UTC) the inputs were taken for."""

    at: datetime
    inputs: Inputs
    health: HealthScore
    churn: ChurnRisk

    @property
    def model_version(self) -> str:
        return self.churn.model_version

    def is_near(self, other: "Assessment", points: Decimal = Decimal(0)) -> bool:
        """Whether a page would show the same levels, and scores (one decimal) no more than so many points apart,
        whatever they came from."""
        mine, others = ((one.health.level, one.churn.level, one.churn.basis) for one in (self, other))
        health, churn = self.health.score - other.health.score, self.churn.score - other.churn.score
        return mine == others and max(abs(health), abs(churn)) <= points

    def to_json(self) -> str:
        """Compact, exact and without names of its own for what `from_json` works out again."""
        history, engagement, spend = self.inputs.history, self.inputs.engagement, self.inputs.spend_365
        return json.dumps(
            {
                "at": sortable(self.at),
                "model": self.churn.model_version,
                "horizon": self.churn.horizon_days,
                "history": history and list(history),
                "spend": None if spend is None else str(spend),
                "engagement": engagement and list(engagement),
                "support": self.inputs.support_load,
                "orders": self.inputs.orders_connected,
                "health": [[str(number) for number in part[1:]] for part in self.health.contributions],
                "churn": [str(step.points) for step in self.churn.contributions],
                "probability": self.churn.probability,
                "level": self.churn.level,
            },
            allow_nan=False,
            separators=(",", ":"),
        )

    @classmethod
    def from_json(cls, text: str) -> Self:
        """An equal one of what `to_json` wrote."""
        kept = json.loads(text)
        inputs = Inputs(
            history=History(*kept["history"]) if kept["history"] else None,
            spend_365=None if kept["spend"] is None else Decimal(kept["spend"]),
            engagement=Engagement(*kept["engagement"]) if kept["engagement"] else None,
            support_load=kept["support"],
            orders_connected=kept["orders"],
        )
        parts = tuple(
            HealthContribution(factor, *map(Decimal, numbers))
            for factor, numbers in zip(FACTORS, kept["health"], strict=True)
        )
        steps = tuple(Contribution(factor, Decimal(points)) for factor, points in zip(PATH, kept["churn"], strict=True))
        basis: Basis = "history" if inputs.history else "prior"
        health = sum((part.points for part in parts), Decimal("0.0"))
        return cls(
            at=from_sortable(kept["at"]),
            inputs=inputs,
            health=HealthScore(
                score=health,
                level=level_of(health),
                basis=basis,
                contributions=parts,
                model_version=kept["model"],
            ),
            churn=ChurnRisk(
                probability=kept["probability"],
                score=sum((step.points for step in steps), Decimal(0)),
                level=kept["level"],
                basis=basis,
                contributions=steps,
                horizon_days=kept["horizon"],
                model_version=kept["model"],
            ),
        )


def assess(inputs: Inputs, at: datetime, parameters: ModelParameters) -> Assessment:
    return Assessment(at, inputs, health_score(inputs, parameters), churn_risk(inputs, parameters))
