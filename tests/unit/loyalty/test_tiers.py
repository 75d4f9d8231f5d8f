"""Tiers by lifetime points, and the way to the next one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer360.loyalty.tiers import THRESHOLDS, progress, tier_of


@pytest.mark.parametrize(
    ("points", "tier"),
    [
        (-1, "bronze"), (0, "bronze"), (999, "bronze"), (1000, "silver"), (4999, "silver"),
        (5000, "gold"), (9999, "gold"), (10_000, "platinum"), (10**9, "platinum"),
    ],
)  # fmt: skip
def test_a_tier_begins_at_its_threshold(points: int, tier: str) -> None:
    assert tier_of(points) == tier


@pytest.mark.parametrize(
    ("tier", "points", "expected"),
    [
        ("bronze", 0, ("silver", 1000, 0)),
        ("bronze", 999, ("silver", 1, 99)),
        ("silver", 1000, ("gold", 4000, 0)),
        ("silver", 1039, ("gold", 3961, 0)),
        ("silver", 1040, ("gold", 3960, 1)),
        ("gold", 9999, ("platinum", 1, 99)),
        ("platinum", 0, (None, 0, 100)),
        ("gold", 200, ("platinum", 9800, 0)),
        ("bronze", 1500, ("silver", 0, 100)),
        ("bronze", -50, ("silver", 1050, 0)),
    ],
    ids=str,
)
def test_progress_is_the_share_of_the_way_rounded_down(
    tier: str, points: int, expected: tuple[str | None, int, int]
) -> None:
    assert progress(tier, points) == expected  # type: ignore[arg-type]


@given(points=st.integers(-(10**6), 10**6))
def test_progress_within_the_tier_of_the_points_is_never_done(points: int) -> None:
    tier = tier_of(points)
    next_tier, left, percent = progress(tier, points)
    if next_tier is None:
        assert (tier, left, percent) == ("platinum", 0, 100)
    else:
        assert tier_of(points + left) == next_tier
        assert tier_of(points + left - 1) == tier
        assert 0 <= percent < 100
        way = THRESHOLDS[next_tier] - THRESHOLDS[tier]
        assert percent * way <= 100 * max(0, points - THRESHOLDS[tier]) < (percent + 1) * way
