"""The back-test judges what could have been known, says so exactly, and refuses a model that has become worse."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from customer360.scoring.back_testing import BackTest, back_test
from customer360.scoring.fitting import Estimate
from customer360.scoring.learning import Buyer, known_buyers, learn, risks
from customer360.scoring.parameters import DEFAULT
from customer360.scoring.quality import auc, brier
from customer360.scoring.signals import NEVER, Tickets
from support.shops import OPENED, shop

TRUTH = Estimate(r=0.8, alpha=50.0, a=0.6, b=2.0)
NOW = date.fromordinal(OPENED + 400)
THEN = date.fromordinal(OPENED + 310)
SHOP = shop(TRUTH, 800, 500)


def judged(buyers: list[Buyer], day: date, **how: object) -> BackTest:
    found = back_test(buyers, day, **how)  # type: ignore[arg-type]
    assert found
    return found


def outcomes(buyers: list[Buyer]) -> list[bool]:
    return [not buyer.buys_within(THEN.toordinal(), 90) for buyer in buyers]


def test_of_a_shop_that_is_as_the_model_says_it_is_calibrated_and_better_than_anything_simpler() -> None:
    found = judged(shop(TRUTH, 2500, 600, seed=4), date.fromordinal(OPENED + 600))
    assert found.day == date.fromordinal(OPENED + 510)
    assert found.model.calibration_error < 0.03
    assert found.model.auc > found.recency.auc > 0.75
    assert found.model.precision_recall_auc > found.recency.precision_recall_auc
    assert found.constant
    assert found.model.brier < found.in_use.brier < found.constant.brier
    assert found.constant.auc == 0.5
    assert found.lift[0] > 1 > found.lift[-1]
    assert sum(part.cases for part in found.reliability) == found.customers == 2500
    assert found.refusal is None


def test_it_judges_what_was_known_a_horizon_ago() -> None:
    found = judged(SHOP, NOW)
    known = known_buyers(SHOP, THEN)
    silent = outcomes(known)
    assert (found.day, found.horizon_days, found.customers, found.silent) == (THEN, 90, len(known), sum(silent))
    assert found.model.auc == auc(silent, risks(known, THEN, learn(known, THEN).parameters))
    assert found.in_use.brier == brier(silent, risks(known, THEN, DEFAULT))


def test_what_happened_in_the_window_teaches_the_model_that_is_judged_nothing() -> None:
    """Had the window gone the other way, the same would have been said."""
    otherwise = [
        replace(buyer, days=[*(day for day in buyer.days if day <= THEN.toordinal()), THEN.toordinal() + 1])
        for buyer in known_buyers(SHOP, THEN)[::2]
    ]
    usual = known_buyers(SHOP, THEN)[1::2]
    said, said_otherwise = (
        [part.cases * part.predicted for part in judged(buyers, NOW).reliability]
        for buyers in ([*known_buyers(SHOP, THEN)[::2], *usual], [*otherwise, *usual])
    )
    assert said == pytest.approx(said_otherwise)


def test_it_judges_the_score_as_it_was_given_with_engagement_and_support() -> None:
    """Tickets that tell who leaves make it better, and what became of them since makes no difference."""
    then = THEN.toordinal()

    def asked(resolved: int) -> list[Buyer]:
        return [
            replace(buyer, tickets=[Tickets(day, 1.2, day) for day in buyer.days[:-1]] + [last])
            for buyer in SHOP
            for last in [Tickets(buyer.days[-1], 1.2, resolved)]
        ]

    without, found = judged(SHOP, NOW), judged(asked(NEVER), NOW)
    assert found.model.auc > without.model.auc + 0.01
    assert found.in_use.auc > without.in_use.auc
    known = known_buyers(asked(NEVER), THEN)
    assert found.model.auc == auc(outcomes(known), risks(known, THEN, learn(known, THEN).parameters))
    assert judged(asked(then + 1), NOW) == found


@pytest.mark.parametrize("buyers", [[], SHOP[:150], [Buyer([OPENED + index]) for index in range(300)]])
def test_too_little_to_judge_by(buyers: list[Buyer]) -> None:
    """Too few customers, or nobody who bought again."""
    assert back_test(buyers, NOW) is None


def test_a_shop_that_had_nobody_a_horizon_before_has_no_constant_to_compare_with() -> None:
    buyers = [Buyer([OPENED + 5, *([OPENED + 150] if index % 3 else [])]) for index in range(300)]
    found = judged(buyers, date.fromordinal(OPENED + 160))
    assert found.constant is None
    assert BackTest.from_json(found.to_json()) == found


def test_what_is_kept_is_read_back_exactly() -> None:
    found = judged([replace(buyer, spending=[(buyer.days[0], Decimal(9))]) for buyer in SHOP], NOW)
    assert BackTest.from_json(found.to_json()) == found


# A shop in which everybody came every ten days, until most of them stopped.
STOPPED = [Buyer(range(OPENED + index % 10, OPENED + 310 + (90 if index % 5 == 0 else 0), 10)) for index in range(400)]


def test_a_model_clearly_worse_than_what_was_in_use_is_refused() -> None:
    foresaw = replace(DEFAULT, c0=4.0).named_on(THEN)
    found = judged(STOPPED, NOW, in_use_then=foresaw)
    gap = found.model.brier - found.in_use.brier
    assert gap > 0.1
    assert found.refusal == f"its back-test has a Brier score {gap:.4f} above that of the parameters in use"


def test_a_model_as_good_as_what_was_in_use_is_not_refused() -> None:
    in_use = learn(STOPPED, THEN).parameters
    found = judged(STOPPED, NOW, in_use_then=in_use)
    assert found.in_use == found.model
    assert found.refusal is None


@pytest.mark.parametrize(("said", "customers", "refused"), [(0.74, 400, False), (0.70, 400, True), (0.70, 200, False)])
def test_a_model_is_refused_only_if_it_is_worse_by_more_than_a_little_and_more_than_chance(
    monkeypatch: pytest.MonkeyPatch, said: float, customers: int, refused: bool
) -> None:
    """Four of five stop: who says 0.8 of everybody is right, and who says 0.8 + d has a Brier score d squared above
    that: 0.0036, or 0.01 with a standard error of 0.004 among 400 customers and of 0.0057 among 200."""
    from customer360.scoring import back_testing

    def risks_of(buyers: list[Buyer], _: date, parameters: object) -> list[float]:
        return [0.8 if parameters is DEFAULT else said] * len(buyers)

    monkeypatch.setattr(back_testing, "risks", risks_of)
    assert (judged(STOPPED[:customers], NOW).refusal is not None) == refused
