"""Loyalty tiers, by lifetime points unless the source names one."""

from itertools import takewhile

THRESHOLDS = {"bronze": 0, "silver": 1000, "gold": 5000, "platinum": 10_000}


def tier_of(lifetime_points: int) -> str:
    """The highest tier whose threshold is reached."""
    reached = list(takewhile(lambda tier: THRESHOLDS[tier] <= lifetime_points, THRESHOLDS))
    return reached[-1] if reached else "bronze"
