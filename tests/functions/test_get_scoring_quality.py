"""How good the churn model is: what was measured last night, for everybody who is shown a score."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from customer360.scores import models
from customer360.scoring.back_testing import BackTest, back_test
from customer360.scoring.fitting import Estimate
from customer360.scoring.learning import Learned, learn
from customer360.scoring.parameters import DEFAULT
from support.fitted import ending_on, forget_models
from support.gateway import Answer
from support.shops import shop
from support.tables import empty_table

pytestmark = pytest.mark.engine

Call = Callable[..., Answer]
DAY = datetime.now(UTC).date() - timedelta(days=1)
SHOP = ending_on(shop(Estimate(r=0.8, alpha=50.0, a=0.6, b=2.0), 300, 400, seed=5), 400, DAY)
LEARNED = learn(SHOP, DAY)


def the_back_test() -> BackTest:
    found = back_test(SHOP, DAY)
    assert found
    return found


MEASURED = the_back_test()


@pytest.fixture(autouse=True)
def no_models(engine: str) -> Iterator[None]:
    forget_models()
    yield
    forget_models()
    empty_table("CustomersTable")  # what is planted here has no profile, and is in nobody else's way


@pytest.fixture
def measured(engine: str) -> None:
    assert models.store(DAY, LEARNED, 300, MEASURED)


def rounded(value: float, digits: int = 4) -> Decimal:
    return round(Decimal(value), digits)


@pytest.mark.parametrize("role", ["viewer", "support", "manager", "admin"])
def test_every_role_sees_how_good_the_scores_are(call: Call, measured: None, role: str) -> None:
    quality = call("get_scoring_quality", role=role).json
    assert quality["status"] == "measured"
    assert quality["model"] == {
        "version": LEARNED.parameters.version,
        "fittedOn": DAY.isoformat(),
        "customers": 300,
        "refitOn": DAY.isoformat(),
    }
    assert quality["enough"] == {"customers": 200, "ofEachOutcome": 20, "horizonDays": 90}


def test_the_back_test_says_what_was_foretold_and_what_happened(call: Call, measured: None) -> None:
    told: dict[str, Any] = call("get_scoring_quality").json["backTest"]
    assert (told["day"], told["horizonDays"]) == ((DAY - timedelta(days=90)).isoformat(), 90)
    assert (told["customers"], told["silent"]) == (MEASURED.customers, MEASURED.silent)
    marks = MEASURED.model
    assert [told[name] for name in ("auc", "prAuc", "brier", "calibrationError")] == [rounded(mark) for mark in marks]
    assert told["lift"] == [rounded(lift, 2) for lift in MEASURED.lift]
    assert [(part["from"], part["to"]) for part in told["reliability"]] == [
        (Decimal(tenth) / 10, Decimal(tenth + 1) / 10) for tenth in range(10)
    ]
    assert sum(part["customers"] for part in told["reliability"]) == MEASURED.customers
    for part, measured_part in zip(told["reliability"], MEASURED.reliability, strict=True):
        if measured_part.cases:
            assert part["predicted"] == rounded(measured_part.predicted)
            assert part["observed"] == rounded(measured_part.happened)
        else:
            assert part["predicted"] is part["observed"] is None


def test_the_model_is_shown_beside_what_is_simpler(call: Call, measured: None) -> None:
    told = call("get_scoring_quality").json["backTest"]
    others = told["comparison"]
    assert others["inUseThen"]["brier"] == rounded(MEASURED.in_use.brier)
    assert told["auc"] > others["recency"]["auc"] > others["constant"]["auc"] == Decimal("0.5")
    assert told["brier"] < others["constant"]["brier"]
    assert others["recency"].keys() == {"auc", "prAuc"}


def test_a_shop_that_nobody_could_measure_says_what_would_be_enough(call: Call) -> None:
    assert call("get_scoring_quality").json == {
        "status": "not_enough_data",
        "model": {"version": DEFAULT.version, "fittedOn": None, "customers": None, "refitOn": None},
        "enough": {"customers": 200, "ofEachOutcome": 20, "horizonDays": 90},
        "backTest": None,
    }


def test_a_young_shop_has_a_model_before_it_can_be_measured(call: Call) -> None:
    models.store(DAY, LEARNED, 25, None)
    quality = call("get_scoring_quality").json
    assert (quality["status"], quality["backTest"]) == ("not_enough_data", None)
    assert (quality["model"]["version"], quality["model"]["customers"]) == (LEARNED.parameters.version, 25)


def test_a_refused_fit_is_said_beside_the_model_that_stays(call: Call, measured: None) -> None:
    today = DAY + timedelta(days=1)
    models.store(today, Learned(LEARNED.parameters, "the search did not settle"), 301, None)
    quality = call("get_scoring_quality").json
    assert quality["status"] == "measured"
    assert quality["model"] == {
        "version": LEARNED.parameters.version,
        "fittedOn": DAY.isoformat(),
        "customers": 300,
        "refitOn": today.isoformat(),
        "refusal": "the search did not settle",
    }
    assert quality["backTest"]["day"] == MEASURED.day.isoformat()


def test_a_window_with_nobody_before_it_has_no_constant_to_compare_with(call: Call) -> None:
    models.store(DAY, LEARNED, 300, MEASURED._replace(constant=None))
    assert call("get_scoring_quality").json["backTest"]["comparison"]["constant"] is None


def test_the_answer_changes_when_there_was_a_refit_and_else_is_not_sent_again(call: Call, measured: None) -> None:
    etag = call("get_scoring_quality").headers["ETag"]
    assert call("get_scoring_quality", headers={"If-None-Match": etag}).status == 304
    today = DAY + timedelta(days=1)
    models.store(today, Learned(replace(LEARNED.parameters, r=1.5).named_on(today), None), 310, None)
    again = call("get_scoring_quality", headers={"If-None-Match": etag})
    assert (again.status, again.json["model"]["fittedOn"]) == (200, today.isoformat())


def test_nobody_without_a_role_sees_it(call: Call) -> None:
    assert call("get_scoring_quality", role=None).status == 403
