"""Every night the churn model is learned from what the customers bought: one model a day, and only a good one."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from botocore.exceptions import ClientError

import customer360.settings
from customer360 import shop_time
from customer360.scores import models, refitting
from customer360.scores.refitting import Refit, refit
from customer360.scores.table import MODELS, ModelItem, RefitItem
from customer360.scoring.back_testing import back_test
from customer360.scoring.fitting import Estimate
from customer360.scoring.learning import Buyer, Learned, learn
from customer360.scoring.parameters import DEFAULT, ModelParameters
from support.faults import Calls, no_answer, refused, watch
from support.fitted import ending_on, forget_in_memory, forget_models, open_shop
from support.parallel import all_at_once
from support.shops import shop
from support.tables import empty_table

pytestmark = pytest.mark.engine

Invoke = Callable[..., Any]
NOW = datetime.now(UTC)
DAY = NOW.date() - timedelta(days=1)
TOMORROW = NOW + timedelta(days=1)
SHOP = ending_on(shop(Estimate(r=0.8, alpha=50.0, a=0.6, b=2.0), 240, 400, seed=5), 400, DAY)
LEARNED = learn(SHOP, DAY).parameters


def named(buyers: list[Buyer]) -> dict[str, Buyer | None]:
    return {f"buyer-{index}": buyer for index, buyer in enumerate(buyers)}


@pytest.fixture(autouse=True)
def no_models(engine: str) -> Iterator[None]:
    forget_models()
    yield
    forget_models()
    empty_table("CustomersTable")  # what is planted here has no profile, and is in nobody else's way


@pytest.fixture
def the_shop(engine: str) -> None:
    open_shop(named(SHOP) | {f"visitor-{index}": None for index in range(20)})


def refitted(now: datetime = NOW, has_time: Callable[[], bool] = lambda: True) -> Refit:
    done = refit(now, has_time)
    assert done
    return done


def versions() -> list[str]:
    return [item.sk for item in ModelItem.query(MODELS, consistent_read=True)]


def refit_kept() -> dict[str, Any]:
    item = RefitItem.find()
    assert item
    return item.to_simple_dict()


def in_use() -> str:
    """What a process that has just begun scores with."""
    forget_in_memory()
    return models.current().version


# ---------------------------------------------------------------- What is learned


def test_the_model_of_the_last_whole_day_is_learned_from_all_customers(the_shop: None, invoke: Invoke) -> None:
    told = invoke("refit_model", {})
    assert told.pop("seconds") < 600
    assert told == {
        "day": DAY.isoformat(),
        "customers": 260,
        "buyers": 240,
        "complete": True,
        "version": LEARNED.version,
        "refusal": None,
        "stored": True,
    }
    forget_in_memory()
    assert models.current() == LEARNED
    assert models.of_version(LEARNED.version) == LEARNED
    assert refit_kept()["backTest"] == back_test(SHOP, DAY).to_json()  # type: ignore[union-attr]


def test_the_day_is_that_of_the_shops_time_zone(the_shop: None, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = replace(customer360.settings.settings(), shop_time_zone="America/New_York")
    monkeypatch.setattr(shop_time, "settings", lambda: settings)
    assert refitted(datetime(2026, 3, 2, 4, 59, tzinfo=UTC)).day == date(2026, 2, 28)
    assert refitted(datetime(2026, 3, 2, 5, 0, tzinfo=UTC)).day == date(2026, 3, 1)


def test_a_large_shop_is_known_by_a_sample_that_is_the_same_every_night(
    the_shop: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refitting, "MOST_BUYERS", 120)
    first, second = (refitting.read_sample(lambda: True) for _ in range(2))
    assert first == second
    assert first.is_complete
    assert 120 <= len(first.buyers) < 240
    monkeypatch.setattr(refitting, "MOST_BUYERS", 10_000)
    monkeypatch.setattr(refitting, "MOST_DAYS", 200)
    assert 200 <= refitting.read_sample(lambda: True).days < sum(len(buyer.days) for buyer in SHOP)


def test_the_customers_of_a_shard_come_in_pages(the_shop: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refitting, "IDS_A_PAGE", 2)
    assert refitting.read_sample(lambda: True).customers == 260


# ---------------------------------------------------------------- One model a day


def test_a_day_that_has_its_model_is_not_looked_at_again(the_shop: None, monkeypatch: pytest.MonkeyPatch) -> None:
    refitted()
    kept, calls = refit_kept(), watch(monkeypatch)
    assert refit(NOW, lambda: True) is None
    assert calls.made == {"GetItem": 1}
    assert (refit_kept(), versions()) == (kept, [LEARNED.version])


def test_the_refit_of_a_day_that_has_its_model_says_so(the_shop: None, invoke: Invoke) -> None:
    invoke("refit_model", {})
    assert invoke("refit_model", {})["stored"] is False


def test_two_refits_at_once_come_to_one_model(the_shop: None) -> None:
    done = all_at_once([partial(refit, NOW, lambda: True)] * 2)
    assert [one.learned.parameters for one in done if isinstance(one, Refit)] == [LEARNED] * 2
    assert sorted(one.is_stored for one in done if isinstance(one, Refit)) == [False, True]
    assert (in_use(), versions()) == (LEARNED.version, [LEARNED.version])


def test_an_older_day_never_takes_the_place_of_a_newer_one(the_shop: None) -> None:
    refitted()
    assert refit(NOW - timedelta(days=1), lambda: True) is None
    slow = replace(LEARNED, r=2.0).named_on(DAY - timedelta(days=1))
    assert not models.store(DAY - timedelta(days=1), Learned(slow, None), 300, None)
    assert in_use() == LEARNED.version


def test_each_night_has_a_version_and_all_of_them_stay(the_shop: None) -> None:
    first, second = refitted(), refitted(TOMORROW)
    assert second.learned.parameters.version > first.learned.parameters.version
    assert in_use() == second.learned.parameters.version
    assert models.of_version(first.learned.parameters.version) == LEARNED


def test_a_version_is_never_changed(engine: str) -> None:
    models.store(DAY, Learned(LEARNED, None), 300, None)
    forged = replace(LEARNED, r=9.0)
    models.store(DAY + timedelta(days=1), Learned(forged, None), 1, None)
    forget_in_memory()
    assert models.of_version(LEARNED.version) == LEARNED
    assert (models.find(LEARNED.version).fitted_on, models.find(LEARNED.version).customers) == (DAY, 300)


def test_what_was_known_by_a_day_is_the_newest_version_fitted_until_then(engine: str) -> None:
    days = [DAY - timedelta(days=ago) for ago in (120, 91, 90, 89)]
    fits = [replace(LEARNED, r=1.0 + index).named_on(day) for index, day in enumerate(days)]
    assert models.newest_by(DAY) == DEFAULT
    for day, fitted in zip(days, fits, strict=True):
        models.store(day, Learned(fitted, None), 300, None)
    assert models.newest_by(DAY - timedelta(days=90)) == fits[2]
    assert models.newest_by(DAY - timedelta(days=100)) == fits[0]
    assert models.newest_by(DAY - timedelta(days=121)) == DEFAULT


def test_a_version_nobody_knows_is_none_and_the_default_one_needs_no_read(
    engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert models.of_version("mbgnbd-2020-01-01-00000000") is None
    calls = watch(monkeypatch)
    assert models.of_version(DEFAULT.version) == DEFAULT
    assert not calls.made


def test_the_parameters_in_use_are_looked_up_every_30_seconds(engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = 1000.0
    monkeypatch.setattr("customer360.scores.models.time.monotonic", lambda: clock)
    assert models.current() == DEFAULT
    models.store(DAY, Learned(LEARNED, None), 300, None)
    clock += 30
    assert models.current() == DEFAULT
    clock += 1
    assert models.current() == LEARNED
    calls = watch(monkeypatch)
    clock += 31
    assert models.current() == LEARNED
    assert calls.made == {"GetItem": 1}  # which version is in use; its parameters cannot have changed


# ---------------------------------------------------------------- What is refused


def test_an_empty_shop_keeps_the_default_parameters(engine: str) -> None:
    open_shop({})
    done = refitted()
    assert done.learned == Learned(DEFAULT, "0 customers are too few: it takes 20")
    assert done.back_test is None
    assert (in_use(), versions()) == (DEFAULT.version, [])


def test_a_refusal_leaves_the_last_good_model_and_its_back_test(the_shop: None) -> None:
    refitted()
    before = refit_kept()
    open_shop(named(SHOP[:19]))
    done = refitted(TOMORROW)
    assert done.learned == Learned(LEARNED, "19 customers are too few: it takes 20")
    assert refit_kept() == before | {
        "refitOn": (DAY + timedelta(days=1)).isoformat(),
        "refusal": done.learned.refusal,
    }
    assert in_use() == LEARNED.version


@pytest.fixture
def a_shop_left(engine: str) -> Callable[[date], ModelParameters]:
    """Everybody came every ten days until 90 days ago; then four of five stopped. A model of the day named says so."""
    end = DAY.toordinal()
    buyers = [Buyer(range(end - 400 + index % 10, end - (91 if index % 5 else 0), 10)) for index in range(250)]
    open_shop(named(buyers))

    def foresaw(day: date) -> ModelParameters:
        parameters = replace(DEFAULT, c0=4.0).named_on(day)
        models.store(day, Learned(parameters, None), 250, None)
        return parameters

    return foresaw


def test_a_model_clearly_worse_than_the_one_in_use_a_horizon_ago_is_refused(
    a_shop_left: Callable[[date], ModelParameters],
) -> None:
    foresaw = a_shop_left(DAY - timedelta(days=90))
    done = refitted()
    assert done.back_test
    assert done.learned == Learned(foresaw, done.back_test.refusal)
    assert "above that of the parameters in use" in str(refit_kept()["refusal"])
    assert in_use() == foresaw.version
    assert versions() == [foresaw.version]


def test_it_is_not_held_against_a_model_that_knew_what_happened(
    a_shop_left: Callable[[date], ModelParameters],
) -> None:
    before = refitted().back_test
    forget_models()
    a_shop_left(DAY - timedelta(days=89))
    assert refitted().back_test == before


def test_a_refusal_gives_way_to_a_good_model_of_the_same_day_and_not_the_other_way_round(the_shop: None) -> None:
    assert refitted(has_time=lambda: False).learned.refusal
    good = refitted()
    assert (good.is_stored, good.learned.refusal) == (True, None)
    assert not models.store(DAY, Learned(DEFAULT, "too late"), 0, None)
    assert (in_use(), refit_kept().get("refusal")) == (LEARNED.version, None)


# ---------------------------------------------------------------- Faults


def test_when_the_time_runs_out_what_was_read_is_judged(the_shop: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refitting, "CUSTOMERS_A_BATCH", 1)
    left = iter([True] * 100)
    done = refitted(has_time=lambda: next(left, False))
    assert not done.sample.is_complete
    assert done.sample.customers == 100
    assert done.learned.refusal is None
    assert models.find(in_use()).customers == len(done.sample.buyers)


def test_a_function_short_of_time_says_that_it_read_too_few(the_shop: None, invoke: Invoke) -> None:
    told = invoke("refit_model", {}, milliseconds=180_000)
    assert (told["complete"], told["refusal"]) == (False, "0 customers are too few: it takes 20")


def test_what_cannot_be_read_fails_the_refit_and_nothing_is_kept(
    the_shop: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch(monkeypatch).fail("Query", refused("InternalServerError", "Query"), about="SIGNALS#", skip=50)
    with pytest.raises(Exception, match="InternalServerError"):
        refit(NOW, lambda: True)
    assert RefitItem.find() is None
    assert versions() == []


@pytest.mark.parametrize("late", [False, True], ids=["before it was carried out", "after it"])
@pytest.mark.parametrize("operation", ["PutItem", "UpdateItem"])
def test_a_refit_that_dies_while_it_stores_leaves_a_model_that_can_be_read(
    the_shop: None, monkeypatch: pytest.MonkeyPatch, operation: str, late: bool
) -> None:
    calls: Calls = watch(monkeypatch)
    calls.fail(operation, no_answer(), about="MODEL", late=late)
    with pytest.raises(Exception, match="Read timeout"):
        refit(NOW, lambda: True)
    assert in_use() == (LEARNED.version if late and operation == "UpdateItem" else DEFAULT.version)
    refit(NOW, lambda: True)
    assert (in_use(), versions()) == (LEARNED.version, [LEARNED.version])


def test_a_failure_of_the_store_is_not_taken_for_a_lost_race(the_shop: None, monkeypatch: pytest.MonkeyPatch) -> None:
    watch(monkeypatch).fail("PutItem", refused("AccessDeniedException", "PutItem"), about="MODELS")
    with pytest.raises(Exception, match="AccessDenied") as failure:
        refit(NOW, lambda: True)
    assert isinstance(failure.value.__cause__, ClientError | None)
    assert in_use() == DEFAULT.version
