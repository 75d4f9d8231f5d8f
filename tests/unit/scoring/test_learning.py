"""What a shop learns from its purchase days: nothing of the future, nothing from too little, and what is true."""

import random
from bisect import bisect_right
from dataclasses import replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from statistics import fmean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from customer360.scoring.churn import churn_risk
from customer360.scoring.fitting import Counts, Estimate, fit
from customer360.scoring.inputs import Engagement, History, Inputs, Purchases
from customer360.scoring.learning import Buyer, known_buyers, learn, risks
from customer360.scoring.parameters import DEFAULT, ModelParameters
from customer360.scoring.signals import NEVER, Tickets, Touch
from support.shops import OPENED, shop

TRUTH = Estimate(r=0.8, alpha=50.0, a=0.6, b=2.0)
NOW = date.fromordinal(OPENED + 400)
SHOP = shop(TRUTH, 800, 500)
KNOWN = known_buyers(SHOP, NOW)


def until(buyer: Buyer, day: int) -> Buyer:
    return Buyer(
        buyer.days[: bisect_right(buyer.days, day)],
        [entry for entry in buyer.spending if entry[0] <= day],
        [touch for touch in buyer.touches if touch.day <= day],
        [
            came._replace(resolved=came.resolved if came.resolved <= day else NEVER)
            for came in buyer.tickets
            if came.day <= day
        ],
    )


def instant(day: int) -> datetime:
    return datetime.combine(date.fromordinal(day), time(12), UTC)


def with_spend(buyer: Buyer, each: int) -> Buyer:
    return replace(buyer, spending=[(day, Decimal(each)) for day in buyer.days])


def with_signals(buyer: Buyer, seed: int) -> Buyer:
    """Visits every other week and two tickets, one of them resolved some months later, whatever the buyer does."""
    random_ = random.Random(seed)
    visits = sorted(random_.sample(range(OPENED, OPENED + 500), 35))
    asked = sorted(random_.sample(range(OPENED, OPENED + 500), 2))
    resolved = asked[0] + random_.randrange(200)
    return replace(
        buyer,
        touches=[Touch(day, 1.0) for day in visits],
        tickets=[Tickets(asked[0], 1.2, resolved), Tickets(asked[1], 0.8, NEVER)],
    )


def test_learns_the_parameters_of_the_fit_and_a_correction() -> None:
    learned, refusal = learn(KNOWN, NOW)
    assert refusal is None
    assert Estimate.of(learned) == fit(Counts.of(buyer.history(NOW.toordinal()) for buyer in KNOWN))
    assert (learned.c0, learned.c1, learned.c2) != (0, 0, 0)
    assert learned.version.startswith(f"mbgnbd-{NOW}-")
    assert learned == learned.named_on(NOW)


@settings(max_examples=5, deadline=None)
@given(st.integers(30, 500))
def test_what_happens_later_changes_nothing(days: int) -> None:
    day = date.fromordinal(OPENED + days)
    whole = [with_signals(with_spend(buyer, 20), seed) for seed, buyer in enumerate(SHOP)]
    past = [until(buyer, day.toordinal()) for buyer in known_buyers(whole, day)]
    learned, refusal = learn(whole, day)
    assert (learned, refusal) == learn(past, day)
    assert risks(known_buyers(whole, day), day, learned) == risks(past, day, learned)


def test_the_order_of_the_customers_changes_nothing() -> None:
    shuffled = random.Random(3).sample(KNOWN, len(KNOWN))
    one, other = learn(KNOWN, NOW).parameters, learn(shuffled, NOW).parameters
    assert Estimate.of(one) == Estimate.of(other)
    assert (one.c0, one.c1, one.c2) == pytest.approx((other.c0, other.c1, other.c2), abs=1e-9)


@pytest.mark.parametrize("customers", [0, 1, 19])
def test_too_few_customers_leave_the_parameters_in_use(customers: int) -> None:
    in_use = replace(DEFAULT, r=2.0, c0=0.5).named_on(NOW)
    found = learn(KNOWN[:customers], NOW, in_use=in_use)
    assert found.parameters is in_use
    assert found.refusal == f"{customers} customers are too few: it takes 20"


def test_under_200_customers_there_is_no_correction() -> None:
    learned = learn(KNOWN[:150], NOW).parameters
    assert (learned.c0, learned.c1, learned.c2, learned.c3) == (0, 0, 0, 0)
    assert learned.r != DEFAULT.r


def test_a_shop_younger_than_the_horizon_has_no_correction() -> None:
    day = date.fromordinal(OPENED + 80)
    young = [Buyer((OPENED + index % 60, OPENED + 70)) for index in range(300)]
    learned, refusal = learn(young, day)
    assert refusal is None
    assert (learned.c0, learned.c1, learned.c2, learned.c3) == (0, 0, 0, 0)


def test_the_horizon_of_the_parameters_in_use_stays() -> None:
    assert learn(KNOWN, NOW, in_use=replace(DEFAULT, horizon_days=30)).parameters.horizon_days == 30


def test_the_correction_undoes_a_habit_the_model_does_not_know() -> None:
    """Half the customers come every 40 days and never leave; half come once. Who came once is gone."""
    days = range(OPENED, OPENED + 400, 40)
    buyers = [Buyer([day + index % 40 for day in days]) for index in range(200)]
    buyers += [Buyer([OPENED + index]) for index in range(200)]
    learned = learn(buyers, NOW).parameters
    faithful, gone = risks([buyers[0], buyers[200]], NOW, learned)
    plain = risks([buyers[0], buyers[200]], NOW, replace(learned, c0=0, c1=0, c2=0, c3=0))
    assert faithful < plain[0] + 0.01
    assert gone > plain[1]
    assert gone > 0.95


def test_who_spends_more_is_less_at_risk_where_that_was_so() -> None:
    """The generous come back every 60 days; the others leave after their second purchase."""
    generous = [with_spend(Buyer(range(OPENED + index % 60, OPENED + 400, 60)), 90) for index in range(250)]
    others = [with_spend(Buyer((OPENED + index, OPENED + index + 60)), 10) for index in range(250)]
    learned = learn([*generous, *others], NOW).parameters
    assert learned.c3 < 0
    twice = Buyer((OPENED + 200, OPENED + 260))
    rich, unknown, poor = risks([with_spend(twice, 5000), twice, with_spend(twice, 1)], NOW, learned)
    assert rich < unknown < poor


def test_signals_that_say_nothing_are_hardly_listened_to() -> None:
    """And neither the fit nor the level of the risks moves for them."""
    noisy = [with_signals(buyer, seed) for seed, buyer in enumerate(shop(TRUTH, 3000, 500))]
    silent = [replace(buyer, touches=(), tickets=()) for buyer in known_buyers(noisy, NOW)]
    learned, without = learn(noisy, NOW).parameters, learn(silent, NOW).parameters
    assert learned.engagement_strength < 0.5
    assert learned.support_strength < 0.5
    assert Estimate.of(learned) == Estimate.of(without)
    said = risks(known_buyers(noisy, NOW), NOW, learned)
    assert fmean(said) == pytest.approx(fmean(risks(silent, NOW, without)), abs=0.01)


def test_signals_that_tell_who_leaves_keep_their_strength() -> None:
    """Each visits every ten days until a month after their last purchase; half of them then ask in vain for help."""
    end, telling = OPENED + 500, []
    for index, buyer in enumerate(shop(TRUTH, 1500, 500)):
        last = buyer.days[-1]
        visits = range(buyer.days[0], min(last + 30, end), 10)
        tickets = [Tickets(last, 1.2, NEVER)] if index % 2 else []
        telling.append(replace(buyer, touches=[Touch(day, 1.0) for day in visits], tickets=tickets))
    learned = learn(telling, NOW).parameters
    assert (learned.engagement_strength, learned.support_strength) == (1, 1)


def test_a_shop_with_too_little_to_learn_from_has_all_of_the_effects() -> None:
    few = [with_signals(buyer, seed) for seed, buyer in enumerate(KNOWN[:150])]
    learned = learn(few, NOW).parameters
    assert (learned.engagement_strength, learned.support_strength, learned.c0) == (1, 1, 0)


def test_a_source_connected_only_now_changes_who_is_at_risk_and_not_how_many() -> None:
    """Everybody has got a newsletter for a month, and half of them open it; a third have asked for help."""
    now = NOW.toordinal()
    connected = [
        replace(
            buyer,
            touches=[Touch(now - ago, 0.5 + index % 2) for ago in (20, 10, 1)],
            tickets=[] if index % 3 else [Tickets(now - 5, 0.8, NEVER)],
        )
        for index, buyer in enumerate(KNOWN)
    ]
    learned, before = learn(connected, NOW).parameters, learn(KNOWN, NOW).parameters
    assert (learned.engagement_strength, learned.support_strength) == (1, 1)
    after = risks(connected, NOW, learned)
    assert fmean(after) == pytest.approx(fmean(risks(KNOWN, NOW, before)), abs=0.01)
    keen = replace(connected[0], touches=[Touch(now, 9.0)], tickets=[])
    assert risks([keen], NOW, learned) < [after[0]]


def test_median_spend_is_of_buyers_of_the_last_year() -> None:
    days = [OPENED + 10, OPENED + 300]
    now = date.fromordinal(OPENED + 380)
    bought_lately = [Buyer(days, [(days[0], Decimal(500)), (days[1], Decimal(amount))]) for amount in range(1, 22)]
    long_ago = [Buyer(days[:1], [(days[0], Decimal(1000))]) for _ in range(50)]
    refunded = Buyer(days, [(days[1], Decimal(30)), (days[1] + 1, Decimal(-20))])
    assert learn([*bought_lately, *long_ago, refunded], now).parameters.median_spend == Decimal("10.5")


@pytest.mark.parametrize("spending", [[], [(OPENED, Decimal(0))]])
def test_a_shop_whose_spend_is_not_known_or_nothing_has_no_median(spending: list[tuple[int, Decimal]]) -> None:
    assert learn([Buyer([OPENED], spending)] * 30, NOW).parameters.median_spend is None


def test_risks_are_those_of_the_score() -> None:
    buyers = [with_signals(with_spend(buyer, 20), seed) for seed, buyer in enumerate(KNOWN)]
    learned = replace(learn(buyers, NOW).parameters, engagement_strength=0.7, support_strength=0.6)
    for buyer in buyers[:40]:
        known = until(buyer, NOW.toordinal())
        first, last, now = (instant(day) for day in (known.days[0], known.days[-1], NOW.toordinal()))
        history = Purchases(len(known.days), first, last).history(now)
        engagement = Engagement(1.0, known.trend(NOW.toordinal()))
        load = known.support_load(NOW.toordinal())
        score = churn_risk(Inputs(history, known.spend_365(NOW.toordinal()), engagement, load), learned)
        assert risks([buyer], NOW, learned) == [score.probability]


def test_a_history_is_as_of_its_day() -> None:
    buyer = Buyer([OPENED, OPENED + 5, OPENED + 40], [(OPENED, Decimal("9.5")), (OPENED + 40, Decimal("0.5"))])
    assert buyer.history(OPENED) == History(0, 0, 0)
    assert buyer.history(OPENED + 39) == History(1, 5, 39)
    assert buyer.history(OPENED + 50) == History(2, 40, 50)
    assert [buyer.buys_within(OPENED + 5, days) for days in (34, 35)] == [False, True]
    spent = [(39, "9.5"), (40, "10"), (365, "0.5"), (500, "0")]
    assert [buyer.spend_365(OPENED + day) for day, _ in spent] == [Decimal(amount) for _, amount in spent]
    assert Buyer([OPENED]).spend_365(OPENED) is None


def test_a_new_shop_starts_at_the_prior_and_its_customers_take_over() -> None:
    few, many = (learn(KNOWN[:size], NOW).parameters for size in (20, len(KNOWN)))

    def distance(learned: ModelParameters) -> float:
        return fmean(abs(a - b) for a, b in zip(risks(KNOWN, NOW, learned), risks(KNOWN, NOW, truth), strict=True))

    truth = ModelParameters(**TRUTH._asdict(), version="")
    assert distance(many) < distance(few) + 0.02
    assert distance(many) < 0.06
