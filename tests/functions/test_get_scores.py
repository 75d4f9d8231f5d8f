"""GET /api/admin/customers/{customer_id}/scores"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from customer360.scoring.assessment import Assessment, assess
from customer360.scoring.inputs import Engagement, History, Inputs
from customer360.scoring.parameters import DEFAULT, ModelParameters
from support.builders import new_id
from support.gateway import Answer
from support.makers import keep_scores
from support.rights import recorded

pytestmark = pytest.mark.engine

Call = Callable[..., Answer]
GET = "get_scores"
ROLES = ["viewer", "support", "manager", "admin"]
BUYER = Inputs(History(2, 100, 112), Decimal("80.00"), Engagement(2.0, 0.25), 0.0)
MARCH = {"from": "2026-03-01", "to": "2026-03-31"}


def keep(
    customer_id: str, day: str | date, inputs: Inputs = BUYER, model: ModelParameters = DEFAULT, hour: int = 12
) -> Assessment:
    """Puts down the scores of a day, and gives them."""
    at = datetime.combine(date.fromisoformat(str(day)), datetime.min.time(), UTC) + timedelta(hours=hour)
    assessment = assess(inputs, at, model)
    keep_scores(customer_id, day, assessment)
    return assessment


def keep_current(customer_id: str, assessment: Assessment) -> None:
    from customer360.storage.items import ScoresItem
    from customer360.storage.keys import SCORES, partition

    text = assessment.to_json()
    ScoresItem(partition(customer_id), SCORES, assessment=text, based_on=1, told=text).save()


def silent(days: int) -> Inputs:
    return replace(BUYER, history=History(2, 100, 100 + days))


def dates(answer: Answer) -> list[str]:
    return [scores["date"] for scores in answer.json["scores"]]


def days_of_change(answer: Answer) -> tuple[str, str] | None:
    change = answer.json["change"]
    return change and (change["from"], change["to"])


@pytest.fixture
def model() -> Iterator[ModelParameters]:
    """Parameters that the shop once had."""
    from customer360.scores import models
    from customer360.scores.table import MODELS, ModelItem

    fitted = replace(DEFAULT, r=0.7, alpha=55.0, version=new_id("mbgnbd"), median_spend=Decimal(100), c3=-1.0)
    ModelItem(MODELS, fitted.version, parameters=fitted.to_json(), fitted_on=date(2026, 1, 1), customers=1000).save()
    yield fitted
    models._versions.pop(fitted.version, None)


# ---------------------------------------------------------------- The days


def test_a_customer_who_has_just_come_has_none_yet(call: Call, known_customer: str) -> None:
    assert call(GET, customer_id=known_customer).text == '{"scores":[],"change":null,"updatedAt":null}'


def test_an_unknown_customer_is_not_found(call: Call) -> None:
    customer_id = new_id("unknown")
    keep(customer_id, "2026-03-01")
    assert call(GET, customer_id=customer_id, query=MARCH).status == 404


def test_one_day_whole(call: Call, known_customer: str) -> None:
    kept = keep(known_customer, "2026-03-05", hour=7)
    keep_current(known_customer, kept)
    answer = call(GET, customer_id=known_customer, query=MARCH)
    assert answer.json == {
        "scores": [
            {
                "date": "2026-03-05",
                "calculatedAt": "2026-03-05T07:00:00Z",
                "modelVersion": "mbgnbd-default-1",
                "healthScore": {"score": kept.health.score, "level": kept.health.level},
                "churnRisk": {
                    "score": kept.churn.score,
                    "level": kept.churn.level,
                    "probability": round(Decimal(kept.churn.probability), 4),
                    "basis": "history",
                },
            }
        ],
        "change": None,
        "updatedAt": "2026-03-05T07:00:00Z",
    }


def test_days_come_newest_first_and_only_those_asked_for(call: Call, known_customer: str) -> None:
    for day in ("2026-02-28", "2026-03-01", "2026-03-17", "2026-03-31", "2026-04-01"):
        keep(known_customer, day)
    assert dates(call(GET, customer_id=known_customer, query=MARCH)) == ["2026-03-31", "2026-03-17", "2026-03-01"]
    one_day = {"from": "2026-03-17", "to": "2026-03-17"}
    assert dates(call(GET, customer_id=known_customer, query=one_day)) == ["2026-03-17"]


def test_without_dates_it_is_the_last_90_days(call: Call, known_customer: str) -> None:
    today = datetime.now(UTC).date()
    days = [today - timedelta(days=days) for days in (0, 1, 90, 91)]
    for day in days:
        keep(known_customer, day)
    expected = [day.isoformat() for day in days[:3]]
    answer = call(GET, customer_id=known_customer)
    assert dates(answer) == expected
    assert days_of_change(answer) == (expected[-1], expected[0])
    from_only = call(GET, customer_id=known_customer, query={"from": (today - timedelta(days=1)).isoformat()})
    assert dates(from_only) == expected[:2]


def test_without_a_beginning_it_is_90_days_up_to_the_end(call: Call, known_customer: str) -> None:
    for day in ("2026-01-30", "2026-01-31", "2026-05-01"):
        keep(known_customer, day)
    answer = call(GET, customer_id=known_customer, query={"to": "2026-05-01"})
    assert dates(answer) == ["2026-05-01", "2026-01-31"]


def test_an_instant_stands_for_its_day_in_the_shops_time_zone(
    call: Call, known_customer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from customer360 import shop_time
    from customer360.settings import settings

    monkeypatch.setattr(shop_time, "settings", lambda: replace(settings(), shop_time_zone="Pacific/Auckland"))
    for day in ("2026-03-01", "2026-03-02", "2026-03-03"):
        keep(known_customer, day)
    second = datetime(2026, 3, 2, 23, 30, tzinfo=ZoneInfo("Pacific/Auckland")).astimezone(UTC).isoformat()
    assert dates(call(GET, customer_id=known_customer, query={"from": second, "to": second})) == ["2026-03-02"]


def test_as_many_days_as_may_be_asked_for_cost_three_reads(call: Call, known_customer: str) -> None:
    from customer360.storage.items import CustomerItem, ScoreItem
    from customer360.storage.keys import SCORE, partition

    text = assess(BUYER, datetime(2026, 1, 1, tzinfo=UTC), DEFAULT).to_json()
    with CustomerItem.batch_write() as batch:
        for number in range(500):
            day = date(2024, 12, 1) + timedelta(days=number)
            batch.save(ScoreItem(partition(known_customer), f"{SCORE}{day}", assessment=text))
    with recorded() as calls:
        answer = call(GET, customer_id=known_customer, query={"from": "2025-01-01", "to": "2026-01-02"})
    assert len(dates(answer)) == 367
    assert days_of_change(answer) == ("2025-01-01", "2026-01-02")
    operations = sorted(operation for operation, arguments in calls if "AuditTable" not in str(arguments))
    assert operations == ["dynamodb:BatchGetItem", "dynamodb:Query", "dynamodb:Query"]
    assert sorted(arguments["Limit"] for operation, arguments in calls if operation == "dynamodb:Query") == [1, 367]
    assert all(arguments["ConsistentRead"] for operation, arguments in calls if operation == "dynamodb:Query")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"from": "2026-03-02", "to": "2026-03-01"}, "from"),
        ({"from": "2026-03-01T12:00:00Z", "to": "2026-03-01T11:00:00Z"}, "from"),
        ({"from": "2025-01-01", "to": "2026-01-03"}, "from"),
        ({"from": "2020-01-01"}, "from"),
        ({"from": "9999-01-01"}, "from"),
        ({"from": "yesterday"}, "from"),
        ({"from": "2026-03-01T12:00:00"}, "from"),
        ({"to": "2026-02-30"}, "to"),
        ({"from": "0001-01-01T00:00:00+10:00"}, "from"),
    ],
)
def test_a_range_that_makes_no_sense_is_refused(
    call: Call, known_customer: str, query: dict[str, str], field: str
) -> None:
    answer = call(GET, customer_id=known_customer, query=query)
    assert (answer.status, answer.json["errors"][0]["field"]) == (400, field)


@pytest.mark.parametrize(("time_zone", "status"), [("UTC", 200), ("Pacific/Auckland", 400)])
def test_the_ends_of_the_calendar_are_no_crash(
    call: Call, known_customer: str, monkeypatch: pytest.MonkeyPatch, time_zone: str, status: int
) -> None:
    from customer360 import shop_time
    from customer360.settings import settings

    monkeypatch.setattr(shop_time, "settings", lambda: replace(settings(), shop_time_zone=time_zone))
    assert call(GET, customer_id=known_customer, query={"to": "0001-01-15"}).status == 200
    assert call(GET, customer_id=known_customer, query={"to": "9999-12-31T23:59:59Z"}).status == status


# ---------------------------------------------------------------- Why they changed


def test_the_change_is_explained_whole(call: Call, known_customer: str) -> None:
    earlier = keep(known_customer, "2026-03-01")
    later = keep(known_customer, "2026-03-29", replace(silent(40), support_load=1.2))
    change = call(GET, customer_id=known_customer, query=MARCH).json["change"]
    assert (change["from"], change["to"]) == ("2026-03-01", "2026-03-29")
    for name, before, after in (
        ("healthScore", earlier.health, later.health),
        ("churnRisk", earlier.churn, later.churn),
    ):
        told = change[name]
        assert (told["before"], told["after"]) == (before.score, after.score)
        assert told["difference"] == after.score - before.score
        assert told["modelPoints"] == 0
        assert sum(part["points"] for part in told["contributions"]) == told["difference"]
        assert [part["factor"] for part in told["contributions"]] == [part.factor for part in before.contributions]
    sections = {part["factor"]: part["sections"] for part in change["churnRisk"]["contributions"]}
    assert sections == {
        "reference_new_customer": [],
        "purchase_history": ["orders"],
        "silence": ["orders"],
        "engagement": ["marketing", "analytics"],
        "support": ["support"],
    }
    assert change["inputs"] == [
        {"name": "daysSinceLastPurchase", "factors": ["recency", "silence"], "before": 12, "after": 40},
        {"name": "supportLoad", "factors": ["support"], "before": 0, "after": Decimal("1.2")},
    ]
    assert "spend" not in change


def test_it_leads_from_what_was_in_force_when_the_range_begins(call: Call, known_customer: str) -> None:
    keep(known_customer, "2025-06-01", silent(0))
    keep(known_customer, "2025-09-01")
    keep(known_customer, "2026-03-20", silent(40))
    keep(known_customer, "2026-04-02", silent(60))
    answer = call(GET, customer_id=known_customer, query=MARCH)
    assert dates(answer) == ["2026-03-20"]
    assert days_of_change(answer) == ("2025-09-01", "2026-03-20")
    from_the_day = {"from": "2026-03-20", "to": "2026-04-30"}
    assert days_of_change(call(GET, customer_id=known_customer, query=from_the_day)) == ("2026-03-20", "2026-04-02")


def test_where_nothing_was_in_force_yet_it_leads_from_the_first_of_the_range(call: Call, known_customer: str) -> None:
    keep(known_customer, "2026-03-10")
    keep(known_customer, "2026-03-12", silent(14))
    assert days_of_change(call(GET, customer_id=known_customer, query=MARCH)) == ("2026-03-10", "2026-03-12")


@pytest.mark.parametrize("day", ["2026-02-01", "2026-03-01", "2026-03-15"])
def test_one_score_alone_is_no_change(call: Call, known_customer: str, day: str) -> None:
    keep(known_customer, day)
    keep(known_customer, "2026-04-01", silent(40))
    assert days_of_change(call(GET, customer_id=known_customer, query=MARCH)) is None


def test_what_the_model_did_stands_by_itself(call: Call, known_customer: str, model: ModelParameters) -> None:
    earlier = keep(known_customer, "2026-03-01", model=model)
    later = keep(known_customer, "2026-03-29", silent(40), DEFAULT)
    change = call(GET, customer_id=known_customer, query=MARCH).json["change"]
    under_the_same = assess(silent(40), later.at, model)
    for name, before, same, after in (
        ("healthScore", earlier.health, under_the_same.health, later.health),
        ("churnRisk", earlier.churn, under_the_same.churn, later.churn),
    ):
        assert change[name]["modelPoints"] == after.score - same.score != 0
        assert sum(part["points"] for part in change[name]["contributions"]) == same.score - before.score
    assert change["churnRisk"]["contributions"][0]["points"] == 0


def test_where_the_model_is_not_known_any_more_the_factors_hold_it_all(call: Call, known_customer: str) -> None:
    keep(known_customer, "2026-03-01", model=replace(DEFAULT, r=0.5, version="lost"))
    keep(known_customer, "2026-03-29", silent(40))
    change = call(GET, customer_id=known_customer, query=MARCH).json["change"]
    for told in (change["healthScore"], change["churnRisk"]):
        assert told["modelPoints"] is None
        assert sum(part["points"] for part in told["contributions"]) == told["difference"]


# ---------------------------------------------------------------- Who sees what


@pytest.fixture
def spender(known_customer: str, model: ModelParameters) -> str:
    keep(known_customer, "2026-03-01", model=model)
    keep(known_customer, "2026-03-29", replace(BUYER, spend_365=Decimal("7421.5")), model)
    return known_customer


@pytest.mark.parametrize("role", ROLES)
def test_the_spend_is_for_those_who_may_see_sums(call: Call, spender: str, role: str) -> None:
    answer = call(GET, customer_id=spender, query=MARCH, role=role)
    assert answer.json["change"]["healthScore"]["difference"] > 0
    if role in {"manager", "admin"}:
        assert answer.json["change"]["spend"] == {
            "factors": ["purchase", "purchase_history", "silence"],
            "currency": "EUR",
            "before": Decimal("80.00"),
            "after": Decimal("7421.50"),
        }
        assert '"after":7421.50' in answer.text
    else:
        assert "spend" not in answer.json["change"]
        assert "7421.5" not in answer.text


@pytest.mark.parametrize("role", ROLES)
def test_nobody_is_sent_to_a_section_that_is_not_theirs(call: Call, spender: str, role: str) -> None:
    expected = ["analytics"] if role == "viewer" else ["marketing", "analytics"]
    change = call(GET, customer_id=spender, query=MARCH, role=role).json["change"]
    view = call("get_customer_360", customer_id=spender, role=role).json
    for score in (change, view):
        for name in ("healthScore", "churnRisk"):
            parts: dict[str, Any] = {part["factor"]: part["sections"] for part in score[name]["contributions"]}
            assert parts["engagement"] == expected
            assert parts["support"] == ["support"]


def test_it_is_not_sent_again_until_it_changes(call: Call, known_customer: str) -> None:
    keep(known_customer, "2026-03-01")
    etag = call(GET, customer_id=known_customer, query=MARCH).headers["ETag"]
    known = {"If-None-Match": etag}
    assert call(GET, customer_id=known_customer, query=MARCH, headers=known).status == 304
    keep(known_customer, "2026-03-02", silent(13))
    assert call(GET, customer_id=known_customer, query=MARCH, headers=known).status == 200
