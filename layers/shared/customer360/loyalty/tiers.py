"""Loyalty tiers, by lifetime points unless the source names one."""

from itertools import takewhile
from typing import Literal, NamedTuple

TierName = Literal["bronze", "silver", "gold", "platinum"]

THRESHOLDS: dict[TierName, int] = {"bronze": 0, "silver": 1000, "gold": 5000, "platinum": 10_000}


class Progress(NamedTuple):
    """How far it is from one tier to the next: `percent` is the share of the way that is done, whole percent."""

    next_tier: TierName | None
    points: int
    percent: int


def tier_of(lifetime_points: int) -> TierName:
    """The highest tier whose threshold is reached."""
    reached = list(takewhile(lambda tier: THRESHOLDS[tier] <= lifetime_points, THRESHOLDS))
    return reached[-1] if reached else "bronze"


def progress(tier: TierName, lifetime_points: int) -> Progress:
    """From the tier's threshold to the next one's, by lifetime points; 0 to 100, also where a source names a tier the
    points have not reached, or have passed. Nothing is left to do in the highest one."""
    tiers = list(THRESHOLDS)
    if tier == tiers[-1]:
        return Progress(None, 0, 100)
    next_tier = tiers[tiers.index(tier) + 1]
    start, end = THRESHOLDS[tier], THRESHOLDS[next_tier]
    done = min(max(lifetime_points, start), end) - start
    return Progress(next_tier, max(0, end - lifetime_points), 100 * done // (end - start))
