"""The points ledger: first in, first out; what lapses does so by itself; a source's word about it counts once."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from customer360.loyalty.ledger import Ledger, Lot, Movement
from support.points import Points, Transaction

# Days as two digits stand for instants: they sort as time does, which is all the ledger asks of them.
DAYS = [f"{day:02}" for day in range(12)]
BEFORE, AFTER = "", "99"


def earned(at: int, points: int, *, lapses: int | None = None, name: str = "") -> Movement:
    expires_at = None if lapses is None else f"{lapses:02}"
    return Movement(f"{at:02}", name or f"t{at}", "earned", points, expires_at)


def moved(at: int, points: int, kind: Any = "redeemed", *, name: str = "") -> Movement:
    return Movement(f"{at:02}", name or f"t{at}", kind, points, None)


def balances(*movements: Movement) -> list[int]:
    """The balance on each of the twelve days."""
    ledger = Ledger.of(movements)
    return [ledger.balance(day) for day in DAYS]


def test_points_are_there_until_they_lapse() -> None:
    assert balances(earned(1, 70, lapses=3)) == [70, 70, 70, *[0] * 9]


def test_the_oldest_points_are_spent_first() -> None:
    ledger = Ledger.of([earned(1, 70, lapses=9), earned(2, 50, lapses=5), moved(3, -100)])
    assert list(ledger.lots) == [Lot("05", 20)]


def test_what_is_spent_does_not_lapse() -> None:
    assert balances(earned(1, 70, lapses=5), moved(3, -40))[4:7] == [30, 0, 0]


def test_points_spent_at_the_instant_they_lapse_have_lapsed() -> None:
    ledger = Ledger.of([earned(1, 70, lapses=3), moved(3, -40)])
    assert (ledger.lapsed, ledger.debt, ledger.balance("03")) == ({"03": 70}, 40, -40)


def test_of_one_instant_the_smaller_id_comes_first() -> None:
    first, second = earned(1, 70, name="a", lapses=5), earned(1, 50, name="b", lapses=6)
    assert list(Ledger.of([second, first, moved(2, -60)]).lots) == [Lot("05", 10), Lot("06", 50)]


def test_later_points_pay_a_debt_first() -> None:
    ledger = Ledger.of([moved(1, -100), earned(2, 70, lapses=4), earned(3, 50, lapses=5)])
    assert (list(ledger.lots), ledger.debt) == ([Lot("05", 20)], 0)
    assert [ledger.balance(day) for day in ("03", "04", "05")] == [20, 20, 0]


def test_points_recorded_when_they_had_expired_lapse_at_once() -> None:
    ledger = Ledger.of([earned(4, 70, lapses=2)])
    assert (ledger.lapsed, ledger.balance("05")) == ({"04": 70}, 0)


def test_points_recorded_when_they_had_expired_still_pay_a_debt() -> None:
    ledger = Ledger.of([moved(1, -30), earned(4, 70, lapses=2)])
    assert (ledger.lapsed, ledger.debt, ledger.balance("05")) == ({"04": 40}, 0, 0)


def test_the_source_saying_what_has_lapsed_deducts_it_no_second_time() -> None:
    ledger = Ledger.of([earned(1, 70, lapses=3), moved(4, -70, "expired")])
    assert (ledger.lapsed, ledger.balance("05")) == ({}, 0)


def test_the_latest_lapse_is_settled_first() -> None:
    ledger = Ledger.of([earned(1, 70, lapses=3), earned(2, 50, lapses=4), moved(5, -60, "expired")])
    assert ledger.lapsed == {"03": 60}


def test_what_is_left_of_a_settlement_is_taken_from_the_lots() -> None:
    ledger = Ledger.of([earned(1, 70, lapses=3), earned(2, 50), moved(5, -100, "expired")])
    assert (ledger.lapsed, list(ledger.lots), ledger.debt) == ({}, [Lot(None, 20)], 0)


def test_a_source_ahead_of_the_lapse_takes_the_points_from_their_lot() -> None:
    assert balances(earned(1, 70, lapses=5), moved(4, -70, "expired")) == [0] * 12


def test_a_redemption_settles_no_lapse() -> None:
    ledger = Ledger.of([earned(1, 70, lapses=3), moved(4, -70)])
    assert (ledger.lapsed, ledger.debt) == ({"03": 70}, 70)


def test_a_source_that_takes_an_expiry_back_gives_points() -> None:
    assert Ledger.of([moved(1, 30, "expired")]).balance(AFTER) == 30


def test_neighbouring_lots_that_lapse_together_are_one() -> None:
    apart = [earned(1, 10), earned(2, 20, lapses=4), earned(3, 30)]
    assert list(Ledger.of(apart).lots) == [Lot(None, 10), Lot("04", 20), Lot(None, 30)]
    assert list(Ledger.of([*apart, moved(5, 0)]).lots) == [Lot(None, 40)]


def test_a_year_of_orders_without_expiry_is_one_lot() -> None:
    assert list(Ledger.of(earned(number, 5, name=str(number)) for number in range(10, 99)).lots) == [Lot(None, 445)]


def test_what_lapses_in_a_span_begins_after_its_first_instant() -> None:
    ledger = Ledger.of([earned(1, 10, lapses=3), earned(1, 20, lapses=5, name="b"), earned(1, 40, lapses=7, name="c")])
    assert ledger.lapsing("03", "07") == {"05": 20, "07": 40}


def test_a_transaction_ahead_of_its_time_counts_already_but_what_lapses_until_then_has_not_lapsed() -> None:
    ledger = Ledger.of([earned(1, 70, lapses=5), earned(9, 30)])
    assert [ledger.balance(day) for day in ("02", "04", "05", "09")] == [100, 100, 30, 30]
    assert ledger.lapsing("04") == {"05": 70}


@pytest.mark.parametrize(
    ("points", "changes"),
    [
        ([999], []),
        ([999, 1], [("bronze", "silver")]),
        ([10_000], [("bronze", "platinum")]),
        ([5_000, -1], [("bronze", "gold"), ("gold", "silver")]),
        ([-50, 1_049], []),
    ],
)
def test_points_earned_change_the_tier_at_its_threshold(points: list[int], changes: list[tuple[str, str]]) -> None:
    ledger = Ledger.of(earned(at, amount) for at, amount in enumerate(points))
    assert [(change.before, change.after) for change in ledger.tier_changes] == changes


def test_points_that_are_not_earned_change_no_tier() -> None:
    assert not Ledger.of([moved(1, 5_000, "adjusted")]).tier_changes


# ------------------------------------------------------------------ against the oracle

days = st.sampled_from(DAYS)
kinds = st.sampled_from(["earned", "redeemed", "expired", "adjusted"])
amounts = st.integers(-20, 20) | st.sampled_from([-5_000, -999, 999, 1_000, 5_000])
movements = st.builds(Movement, days, st.sampled_from("abc"), kinds, amounts, st.none() | days)
histories = st.lists(movements, max_size=14, unique_by=lambda movement: movement.place)


def oracle(history: list[Movement]) -> Points:
    return Points(Transaction(*movement) for movement in history)


@given(history=histories)
def test_the_ledger_is_what_the_oracle_says_on_every_day(history: list[Movement]) -> None:
    ledger, expected = Ledger.of(history), oracle(history)
    assert list(ledger.lots) == expected.open
    assert ledger.debt == expected.debt
    assert ledger.tier_changes == expected.tier_changes
    assert ledger.lapsed == (expected.lapses(expected.transactions[-1].at) if history else {})
    for now in [BEFORE, *DAYS, AFTER]:
        assert ledger.balance(now) == expected.balance(now)
        assert ledger.lapsing(now, "07") == expected.lapses("07", after=now)


@given(history=histories, data=st.data())
def test_the_order_of_arrival_does_not_matter(history: list[Movement], data: Any) -> None:
    assert Ledger.of(data.draw(st.permutations(history))) == Ledger.of(history)


@given(history=histories)
def test_going_on_one_by_one_is_beginning_anew(history: list[Movement]) -> None:
    ledger = Ledger()
    for number, movement in enumerate(sorted(history)):
        ledger.record(movement)
        assert ledger == Ledger.of(sorted(history)[: number + 1])


@given(history=histories)
def test_time_alone_never_adds_points_and_what_is_gone_in_the_end_had_a_term(history: list[Movement]) -> None:
    ledger = Ledger.of(history)
    told = [ledger.balance(now) for now in [BEFORE, *DAYS, AFTER]]
    assert told == sorted(told, reverse=True)
    assert told[0] == sum(movement.points for movement in history)
    assert told[0] - told[-1] == sum(ledger.lapsed.values()) + sum(ledger.coming.values())


@given(history=histories)
@example(history=[earned(1, 10, lapses=2), earned(3, 10, lapses=3), moved(4, -15, "expired")])
def test_all_lapses_but_the_latest_may_be_left_out_as_far_as_nothing_settles_them(history: list[Movement]) -> None:
    if not history:
        return
    *earlier, last = sorted(history)
    whole, part = Ledger.of(earlier), Ledger.of(earlier)
    settles = max(0, -last.points) if last.type == "expired" else 0
    left_out = {}
    for instant in list(part.lapsed)[:-1]:
        if sum(part.lapsed.values()) - part.lapsed[instant] < settles:
            break
        left_out[instant] = part.lapsed.pop(instant)
    whole.record(last)
    part.record(last)
    part.lapsed = left_out | part.lapsed
    assert part == whole


@given(history=histories)
def test_neighbours_never_lapse_together_and_there_is_no_debt_beside_a_lot(history: list[Movement]) -> None:
    ledger = Ledger.of(history)
    lapse = [lot.expires_at for lot in ledger.lots]
    assert all(one != other for one, other in pairwise(lapse))
    assert all(lot.points > 0 for lot in ledger.lots)
    assert all(points > 0 for points in ledger.lapsed.values())
    assert not (ledger.debt and ledger.lots)
