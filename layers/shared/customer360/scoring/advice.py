"""What a shop's staff can do about a score: concrete, weakest point first, nothing where nothing is needed."""

from decimal import Decimal

from customer360.scoring.churn import ChurnFactor, ChurnRisk
from customer360.scoring.health import HealthContribution, HealthFactor, HealthScore

WEAK_BELOW = Decimal(60)  # a factor below the level "good"

FIRST_PURCHASE = "Invite them to a first order: a welcome offer with an end date, on a channel they opted in to."

RECOMMENDATIONS: dict[HealthFactor, str] = {
    "purchase": "Suggest what goes with their last orders, or a reminder for what they will soon need again.",
    "recency": "Contact them personally this week and refer to their last order: they are quiet for longer than usual.",
    "engagement": "Ask which subjects and channels they want, and send only those: they respond little or ever less.",
    "support": "Have one colleague take over any open ticket today, and call about any they rated badly.",
}

STRATEGIES: dict[ChurnFactor, str] = {
    "purchase_history": "Offer a reminder or subscription for what they buy, so that the gap between orders shrinks.",
    "silence": "Call or write personally, name their last order, and ask what kept them from ordering again.",
    "engagement": "Pause the usual campaigns for them and send one personal message on another permitted channel.",
    "support": "Solve any open ticket before any advertising, then apologise with a gesture of goodwill.",
}
LAST_RESORT = "If no order follows within two weeks, make one personal win-back offer with an end date."


def recommendations(health: HealthScore) -> list[str]:
    """One sentence per weak factor, the one that costs the most points first; none when health is good or better.

    None either where no source is connected: nothing is known then.
    """
    if health.level in ("excellent", "good"):
        return []
    weakest = [part.factor for part in _weakest(health)]
    if health.basis == "history" or "purchase" not in weakest:
        return [RECOMMENDATIONS[factor] for factor in weakest]
    # Without an order, "their last order" would be nonsense: one invitation stands for both purchase factors.
    others = [factor for factor in weakest if factor not in ("purchase", "recency")]
    return [FIRST_PURCHASE, *(RECOMMENDATIONS[factor] for factor in others)]


def retention_strategies(risk: ChurnRisk) -> list[str]:
    """What raises the risk most is met first; none unless the level is high."""
    if risk.level != "high":
        return []
    causes = sorted((step for step in risk.contributions if step.points > 0), key=lambda step: -step.points)
    return [*(STRATEGIES[step.factor] for step in causes if step.factor in STRATEGIES), LAST_RESORT]


def _weakest(health: HealthScore) -> list[HealthContribution]:
    """The connected factors below "good", the greatest loss of points first; at least one if any is connected."""
    connected = [part for part in health.contributions if part.weight]
    by_loss = sorted(connected, key=lambda part: part.weight * (part.value - 100))
    return [part for part in by_loss if part.value < WEAK_BELOW] or by_loss[:1]
