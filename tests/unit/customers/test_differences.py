"""How customers differ: against the plainest way of saying the same."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer360.customers.differences import MEASURES, Measure, difference, overlap, spread_percent

IDS = ["a", "b", "c"]
VALUES = st.lists(
    st.none() | st.decimals(min_value=-1000, max_value=10**9, places=2, allow_nan=False), min_size=2, max_size=3
)


def measure(better: str | None) -> Measure:
    return Measure("m", lambda _: None, better)  # type: ignore[arg-type]


@given(values=VALUES, better=st.sampled_from(["higher", "lower", None]))
def test_a_difference_says_what_can_be_read_off_the_values(values: list[Decimal | None], better: str | None) -> None:
    found = difference(measure(better), IDS[: len(values)], values)
    known = sorted(value for value in values if value is not None)
    assert found.values == values
    assert (found.min, found.max) == ((known[0], known[-1]) if known else (None, None))
    if len(known) < 2:
        assert (found.spread_percent, found.is_notable, found.best) == (None, False, None)
        return
    far = max(abs(Fraction(value)) for value in known)
    exact = 100 * (Fraction(known[-1]) - Fraction(known[0])) / far if far else Fraction(0)
    assert found.spread_percent is not None
    assert abs(Fraction(found.spread_percent) - exact) <= Fraction(1, 20)
    assert found.is_notable == (found.spread_percent >= 25)
    best = {"higher": known[-1], "lower": known[0], None: None}[better]
    alone = best is not None and known.count(best) == 1
    assert found.best == (IDS[values.index(best)] if alone else None)


@pytest.mark.parametrize(
    ("values", "percent"),
    [
        (["0", "0"], "0.0"),
        (["100", "75"], "25.0"),
        (["100", "75.05"], "25.0"),  # 24.95, half-up
        (["100", "75.051"], "24.9"),
        (["3", "1", "2"], "66.7"),
        (["0", "5"], "100.0"),
        (["-5", "5"], "200.0"),
        (["7"], None),
        ([], None),
    ],
)
def test_the_spread_is_in_percent_of_the_value_farthest_from_zero(values: list[str], percent: str | None) -> None:
    found = spread_percent([Decimal(value) for value in values])
    assert found == (None if percent is None else Decimal(percent))


@pytest.mark.parametrize(("other", "is_notable"), [("75", True), ("75.051", False)])
def test_a_quarter_is_notable(other: str, is_notable: bool) -> None:
    assert difference(MEASURES[0], ["a", "b"], [Decimal(100), Decimal(other)]).is_notable is is_notable


def test_fewer_days_and_less_risk_are_better_and_tenure_is_neither() -> None:
    better = {measure.metric: measure.better for measure in MEASURES}
    assert {metric for metric, side in better.items() if side == "lower"} == {
        "daysSinceLastPurchase",
        "churnScore",
        "openTickets",
    }
    assert better["customerTenure"] is None


@given(held=st.lists(st.sets(st.sampled_from("pqrstuv")), min_size=2, max_size=3))
def test_every_segment_of_anybody_is_told_once_and_with_everybody_who_is_in_it(held: list[set[str]]) -> None:
    segments = {one: sorted(ids) for one, ids in zip(IDS, held, strict=False)}
    found = overlap(segments)
    told = {segment_id: set(segments) for segment_id in found.shared}
    told |= {segment_id: {who} for who, ids in found.only_in.items() for segment_id in ids}
    told |= {one.id: set(one.customers) for one in found.partly_shared}
    everything = set().union(*held)
    assert told == {each: {who for who, ids in segments.items() if each in ids} for each in everything}
    assert len(found.shared) + sum(map(len, found.only_in.values())) + len(found.partly_shared) == len(everything)
    assert list(found.only_in) == list(segments)
