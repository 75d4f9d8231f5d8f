"""`python -m evaluation`: a table for any file, 'not enough data' where that is so, and never a crash."""

import random
import re
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from customer360.scoring.fitting import Counts, Estimate
from customer360.scoring.inputs import History
from customer360.scoring.learning import Buyer
from evaluation import bg_nbd
from evaluation.__main__ import main
from evaluation.comparison import compare, halves, rolling_cuts
from evaluation.contenders import (
    NOISE,
    OF_GENERATED_SHOPS,
    OURS,
    PROBABILITIES,
    RANKS_ONLY,
    UNRELATED,
    Task,
    recency_over_own_gap,
    step_rule,
)
from support.shops import OPENED, shop

EVERY_MODEL = {*PROBABILITIES, *RANKS_ONLY}
NOT_ENOUGH = "Not enough data: it takes a day with 30 days before it"
ROW = re.compile(r"^\| ([^|]+) \| (0\.\d{4}) \| (0\.\d{4}) \| (\S+) \| (\S+) \| (\S+) \|$", re.MULTILINE)


def file_of(buyers: list[Buyer], path: Path, *, amount: str = "10.00") -> Path:
    rows = (f"{index},{date.fromordinal(day)},{amount}\n" for index, buyer in enumerate(buyers) for day in buyer.days)
    path.write_text("customer_id,date,amount\n" + "".join(rows))
    return path


def output(capsys: pytest.CaptureFixture[str], *arguments: Path | str) -> str:
    assert main([*(str(argument) for argument in arguments), "--generated=0"]) == 0
    return capsys.readouterr().out


def test_measures_every_model_on_rolling_cuts_and_on_two_halves(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    small = shop(Estimate(0.8, 40.0, 0.6, 2.0), 250, 330)
    text = output(capsys, file_of(small, tmp_path / "small.csv"), "--step", "45")
    assert text.startswith("## small.csv\n\n250 customers, ")
    rolling, two_halves = text.split("### ")[1:]
    assert "2 cuts, " in rolling
    assert "horizon 90 days" in rolling
    for part in (rolling, two_halves):
        measured = {row[0]: row[1:] for row in ROW.findall(part)}
        assert measured.keys() == EVERY_MODEL
        assert all(("–" in row) == (name in RANKS_ONLY) for name, row in measured.items())
        assert float(measured[OURS][0]) > 0.6
    customers = re.findall(r"^\| \d+% to \d+% \| ([\d,]+) \|", rolling, re.MULTILINE)
    predictions = re.search(r"([\d,]+) predictions", rolling)
    assert predictions
    assert sum(int(count.replace(",", "")) for count in customers) == int(predictions[1].replace(",", ""))
    assert "| BG/NBD in weeks | r | alpha | a | b | log-likelihood |" in two_halves


def test_several_files_end_with_their_mean(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = [
        file_of(shop(Estimate(0.8, 40.0, 0.6, 2.0), 60, 200, seed=seed), tmp_path / f"{seed}.csv") for seed in (1, 2)
    ]
    text = output(capsys, *files)
    mean = text.split("## Rolling cut days, mean of 2 files")[1]
    aucs = [float(row[1]) for row in ROW.findall(text) if row[0] == OURS]
    assert len(aucs) == 5
    assert float(ROW.findall(mean)[0][1]) == pytest.approx((aucs[0] + aucs[2]) / 2, abs=1e-4)


@pytest.mark.parametrize(
    "buyers",
    [
        [Buyer([OPENED])],
        [Buyer(range(OPENED, OPENED + 500, 9))],
        [Buyer([OPENED + index]) for index in range(300)],
        [Buyer(range(OPENED, OPENED + 400, 10))] * 30,
        [Buyer([OPENED + index % 20, OPENED + 30]) for index in range(60)],
    ],
    ids=["one purchase", "one customer", "all bought once", "all keep buying", "a month"],
)
def test_says_where_there_is_not_enough_data(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], buyers: list[Buyer]
) -> None:
    text = output(capsys, file_of(buyers, tmp_path / "few.csv"))
    assert text.count(NOT_ENOUGH) == 2
    assert "nan" not in text


def test_signals_are_worth_more_where_they_say_something(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = file_of([Buyer([OPENED])], tmp_path / "one.csv")
    assert main([str(path), "--generated=600", "--step=90"]) == 0
    section = capsys.readouterr().out.split("## A generated shop")[1]
    aucs = {name: float(auc) for name, auc, *_ in ROW.findall(section)}
    assert aucs.keys() == OF_GENERATED_SHOPS.keys()
    telling = aucs["ours, with visits and tickets that tell who leaves"]
    assert telling > max(aucs[OURS], aucs[NOISE], aucs[UNRELATED])
    assert min(aucs[NOISE], aucs[UNRELATED]) > aucs[OURS] - 0.01


def test_a_generated_shop_too_small_to_measure_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = file_of([Buyer([OPENED])], tmp_path / "one.csv")
    assert main([str(path), "--generated=1"]) == 0
    assert NOT_ENOUGH in capsys.readouterr().out.split("## A generated shop")[1]


def test_a_bad_file_ends_with_its_complaint(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "bad.csv"
    path.write_text("a,2024-01-01,1\na,yesterday,1\n")
    assert main([str(path)]) == 1
    assert capsys.readouterr().err == f"{path}, line 2: 'yesterday' is not a date like 1997-01-31\n"


@pytest.mark.parametrize("days", ["0", "-5", "x", "99999"])
def test_a_horizon_must_be_a_number_of_days(tmp_path: Path, capsys: pytest.CaptureFixture[str], days: str) -> None:
    with pytest.raises(SystemExit):
        main([str(tmp_path), f"--horizon={days}"])
    assert "must be a number of days from 1 to 3650" in capsys.readouterr().err


@settings(max_examples=12, deadline=None)
@given(
    st.lists(st.sets(st.integers(0, 400), min_size=1, max_size=6), min_size=1, max_size=30),
    st.sampled_from([date.min, date(2000, 2, 29), date.max - timedelta(days=400)]),
)
def test_any_shop_at_any_time_is_measured_or_found_too_small(purchases: list[set[int]], opened: date) -> None:
    buyers = [Buyer([opened.toordinal() + day for day in sorted(days)]) for days in purchases]
    first = date.fromordinal(min(buyer.days[0] for buyer in buyers))
    last = date.fromordinal(max(buyer.days[-1] for buyer in buyers))
    for cuts in (rolling_cuts(first, last, step_days=120), halves(first, last)):
        for marks in compare(buyers, cuts).marks.values():
            auc, area, *errors = marks.row()
            assert auc is not None
            assert area is not None
            assert 0 <= auc <= 1
            assert 0 <= area <= 1 + 1e-9
            assert all(error is None or 0 <= error <= 1 for error in errors)


@given(st.integers(0, 5000), st.integers(1, 400), st.integers(1, 200))
def test_rolling_cuts_leave_a_past_and_a_whole_horizon(days: int, horizon: int, step: int) -> None:
    first = date(2010, 1, 1)
    last = first + timedelta(days=days)
    cuts = rolling_cuts(first, last, horizon, step)
    assert len(cuts) <= 12
    assert bool(cuts) == (days - horizon >= 30)
    assert [cut.day for cut in cuts] == sorted({cut.day for cut in cuts})
    if cuts:
        assert cuts[-1].day == last - timedelta(days=horizon)
        assert len(cuts) == 1 or cuts[0].day >= first + timedelta(days=2 * horizon)
        assert all((b.day - a.day).days >= step for a, b in pairwise(cuts))


def test_two_halves_of_cdnow_are_39_weeks_each() -> None:
    (cut,) = halves(date(1997, 1, 1), date(1998, 6, 30))
    assert (cut.day, cut.horizon_days) == (date(1997, 9, 30), 39 * 7)


def test_no_model_looks_beyond_the_cut() -> None:
    buyers = shop(Estimate(0.8, 40.0, 0.6, 2.0), 120, 300)
    cut = date.fromordinal(OPENED + 200)
    known = [buyer for buyer in buyers if buyer.days[0] <= OPENED + 200]
    past = [Buyer([day for day in buyer.days if day <= OPENED + 200]) for buyer in known]
    for name, contender in (PROBABILITIES | RANKS_ONLY).items():
        assert contender(Task(known, cut, 90, 90)) == contender(Task(past, cut, 90, 90)), name


def test_the_simple_rules_say_what_they_are_named_after() -> None:
    now = date.fromordinal(OPENED + 200)
    monthly, once = Buyer([OPENED, OPENED + 30, OPENED + 60]), Buyer([OPENED + 185])
    task = Task([monthly, once], now, 90, 90)
    assert recency_over_own_gap(task) == [140 / 30, 15 / 30]
    assert step_rule(task) == [0.6, 0.2]


def test_bg_nbd_recovers_what_its_customers_were_made_from() -> None:
    """Who leaves does so after a repeat purchase."""
    random_, customers = random.Random(8), []
    for _ in range(3000):
        rate, leaves, at, days = random_.gammavariate(0.8, 1 / 40), random_.betavariate(0.8, 2.5), 0.0, [0]
        while (at := at + random_.expovariate(rate)) < 500:
            days.append(int(at))
            if random_.random() < leaves:
                break
        customers.append(Buyer(sorted(set(days))))
    counts = Counts.of(buyer.history(500) for buyer in customers)
    found = bg_nbd.fit(counts)
    assert (found.r, found.alpha) == pytest.approx((0.8, 40), rel=0.15)
    assert found.a / (found.a + found.b) == pytest.approx(0.8 / 3.3, rel=0.2)


def test_weeks_change_the_unit_only() -> None:
    estimate = Estimate(0.3, 35.0, 0.8, 2.4)
    in_weeks = [History(0, 0, 39), History(2, 30, 38), History(7, 36, 36)]
    in_days = [History(x, 7 * tx, 7 * age) for x, tx, age in in_weeks]
    weekly, log_likelihood = bg_nbd.in_weeks(Counts.of(in_days), estimate)
    assert weekly == Estimate(0.3, 5.0, 0.8, 2.4)
    assert log_likelihood == pytest.approx(bg_nbd.log_likelihood(Counts.of(in_weeks), weekly))
