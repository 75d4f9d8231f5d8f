"""POST /api/admin/customers/{customer_id}/actions/adjust-points"""

from collections.abc import Callable
from typing import Any

import pytest

from customer360.actions import points as service
from customer360.actions.schemas import PointsAdjustment
from customer360.exact_json import dumps
from customer360.storage.items import OutboxItem
from customer360.storage.keys import partition
from support.actions import adjust, balance, echo, outbox, recounted, told, told_later
from support.builders import account, instant, new_id, points
from support.collection import collection, version
from support.faults import cancelled, no_answer, refused, watch
from support.gateway import Answer
from support.makers import MAKER
from support.repeated import forget_keys
from support.rights import recorded
from support.scores import FOLLOWER, messages, record_of, sent

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("event_bus", "recompute_queue")]

Call = Callable[..., Answer]
Invoke = Callable[..., Any]
TakeIn = Callable[..., list[str]]


def test_an_adjustment_is_at_once_in_the_account_and_in_the_timeline(
    call: Call, known_customer: str, take_in: TakeIn
) -> None:
    take_in(points(known_customer, "p1", 100))
    answer = adjust(call, known_customer, -40)
    assert (answer.status, answer.json["pointsBalance"]) == (201, 60)
    made = answer.json["transaction"]
    assert (made["type"], made["points"], made["description"]) == ("adjusted", -40, "For the late parcel.")
    loyalty = call("get_loyalty", customer_id=known_customer).json
    assert loyalty["recentTransactions"][0] == made
    assert (loyalty["pointsBalance"], loyalty["lifetimePoints"]) == (60, 100)
    (fact, _) = told(call, known_customer, "loyalty")
    assert (fact["title"], fact["description"]) == ("Points adjusted", "-40 points")
    assert not recounted(known_customer)


def test_the_activity_feed_says_who_did_it_and_why(call: Call, known_customer: str) -> None:
    made = adjust(call, known_customer, 5).json["transaction"]
    (action,) = told(call, known_customer)
    assert action["title"] == "Points adjusted"
    assert action["metadata"] == {
        "transactionId": made["id"],
        "points": 5,
        "reason": "For the late parcel.",
        "balance": 5,
        "by": {"id": "sub-manager", "name": "manager@example.com"},
    }


def test_an_adjustment_enrols(call: Call, known_customer: str) -> None:
    before = version(collection(known_customer))
    adjust(call, known_customer, 5)
    loyalty = call("get_loyalty", customer_id=known_customer).json
    assert (loyalty["enrolled"], loyalty["tier"], loyalty["lifetimePoints"]) == (True, "bronze", 0)
    commit = collection(known_customer)["HEAD#COMMIT"]
    assert int(commit["version"]["N"]) == before + 1
    assert {"loyalty", "profile"} <= commit["sections"]["M"].keys()


@pytest.mark.parametrize("taken", [-1, -100_000])
def test_nobody_takes_more_than_there_is(call: Call, known_customer: str, taken: int) -> None:
    before = collection(known_customer)
    answer = adjust(call, known_customer, taken)
    assert (answer.status, answer.json["code"]) == (409, "conflict")
    assert collection(known_customer) == before


def test_points_that_have_lapsed_cannot_be_taken(call: Call, known_customer: str, take_in: TakeIn) -> None:
    take_in(
        points(known_customer, "p1", 70, expiresAt=instant(1)),
        points(known_customer, "p2", 30, expiresAt="2999-01-01T00:00:00Z"),
    )
    assert adjust(call, known_customer, -31).status == 409
    assert adjust(call, known_customer, -30).status == 201
    assert balance(call, known_customer) == 0
    assert not recounted(known_customer)


def test_a_debt_that_the_source_made_may_be_lessened_but_not_grow(
    call: Call, known_customer: str, take_in: TakeIn
) -> None:
    take_in(points(known_customer, "p1", -50, type="redeemed"))
    assert adjust(call, known_customer, -1).status == 409
    assert adjust(call, known_customer, 20).json["pointsBalance"] == -30


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"points": 0, "reason": "x"}, "points"),
        ({"points": 100_001, "reason": "x"}, "points"),
        ({"points": -100_001, "reason": "x"}, "points"),
        ({"points": 1.5, "reason": "x"}, "points"),
        ({"points": "5", "reason": "x"}, "points"),
        ({"points": True, "reason": "x"}, "points"),
        ({"points": 5, "reason": " "}, "reason"),
        ({"points": 5, "reason": "x" * 501}, "reason"),
        ({"points": 5, "reason": "card 4111 1111 1111 1111"}, "reason"),
        ({"points": 5}, "reason"),
        ({"points": 5, "reason": "x", "at": instant()}, "at"),
    ],
)
def test_a_request_that_means_nothing_names_the_field(
    call: Call, known_customer: str, body: dict[str, Any], field: str
) -> None:
    answer = adjust(call, known_customer, 1, body=body)
    assert (answer.status, answer.json["errors"][0]["field"]) == (400, field)
    assert "4111" not in dumps(answer.json | {"requestId": ""})
    assert version(collection(known_customer)) == 1


# ------------------------------------------------------------------ repeated, and interrupted


def test_a_repeated_request_counts_once(call: Call, known_customer: str) -> None:
    first, again = adjust(call, known_customer, 5, "k1"), adjust(call, known_customer, 5, "k1")
    assert (first.status, first.text) == (again.status, again.text)
    assert balance(call, known_customer) == 5
    assert adjust(call, known_customer, 6, "k1").status == 409


def test_a_request_whose_answer_nobody_remembers_counts_once_and_is_answered_as_it_was(
    call: Call, known_customer: str
) -> None:
    first = adjust(call, known_customer, 5, "k1")
    adjust(call, known_customer, 7)
    forget_keys()
    again = adjust(call, known_customer, 5, "k1")
    assert (first.status, first.text) == (again.status, again.text)
    assert balance(call, known_customer) == 12
    assert len(told(call, known_customer)) == 2


def test_what_is_written_but_not_answered_counts_once(
    call: Call, known_customer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        watch(patched).fail("TransactWriteItems", no_answer(), late=True)
        assert adjust(call, known_customer, 5, "k1").status == 500
    assert adjust(call, known_customer, 5, "k1").status == 201
    assert balance(call, known_customer) == 5
    assert not recounted(known_customer)


def test_who_always_loses_the_race_is_told_to_come_again_and_nothing_is_written(
    call: Call, known_customer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = collection(known_customer)
    monkeypatch.setattr("customer360.actions.asking.WAITING_SECONDS", 0.1)
    with monkeypatch.context() as patched:
        watch(patched).fail("TransactWriteItems", cancelled("TransactionConflict"), times=1000)
        answer = adjust(call, known_customer, 5)
    assert (answer.status, answer.headers["Retry-After"]) == (409, "1")
    after = collection(known_customer)
    assert {key: after[key] for key in after if key != "HEAD#COMMIT"} == {
        key: before[key] for key in before if key != "HEAD#COMMIT"
    }
    assert version(after) == version(before)


# ------------------------------------------------------------------ told to the source


def test_the_source_is_asked_for_it(call: Call, known_customer: str) -> None:
    with recorded() as calls:
        made = adjust(call, known_customer, 5).json["transaction"]
    (event,) = messages(calls)
    at = event["occurredAt"]
    assert event == {
        "type": "loyalty.adjustment.requested",
        "eventId": made["id"],
        "customerId": known_customer,
        "occurredAt": at,
        "requestedBy": "sub-manager",
        "data": {
            "transactionId": made["id"],
            "type": "adjusted",
            "points": 5,
            "description": "For the late parcel.",
            "at": at,
        },
    }
    assert not outbox(known_customer)


@pytest.mark.parametrize(
    "failure", [refused("ThrottlingException", "PutEvents"), no_answer()], ids=["refused", "not answered"]
)
def test_what_the_bus_does_not_take_is_told_by_the_follower(
    call: Call, invoke: Invoke, known_customer: str, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    with monkeypatch.context() as patched:
        watch(patched).fail("PutEvents", failure, times=9)
        made = adjust(call, known_customer, 5)
    assert made.status == 201
    assert len(outbox(known_customer)) == 1
    assert [event["eventId"] for event in told_later(invoke, known_customer)] == [made.json["transaction"]["id"]]
    assert not outbox(known_customer)


def test_an_event_that_may_be_out_is_told_again_under_the_same_id(
    call: Call, invoke: Invoke, known_customer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched, recorded() as calls:
        watch(patched).fail("DeleteItem", refused("InternalServerError", "DeleteItem"), about="OUTBOX")
        assert adjust(call, known_customer, 5).status == 201
    (first,), (again,) = messages(calls), told_later(invoke, known_customer)
    assert first == again


def test_the_follower_asks_for_nothing_where_all_was_told(call: Call, invoke: Invoke, known_customer: str) -> None:
    item = OutboxItem(partition(known_customer), "OUTBOX#x", kind="loyalty.adjustment.requested", detail="{}")
    item.save()
    record = record_of(known_customer, "OUTBOX#x")
    item.delete()
    with recorded() as calls:
        invoke(FOLLOWER, {"Records": [record]})
    assert not sent(calls)
    assert not messages(calls)


# ------------------------------------------------------------------ the source's own record replaces ours


def asked_for(call: Call, customer_id: str, amount: int, key: str | None = None) -> dict[str, Any]:
    """What the source is asked for by an adjustment."""
    with recorded() as calls:
        assert adjust(call, customer_id, amount, key).status == 201
    (event,) = messages(calls)
    return event


@pytest.mark.parametrize("days", [-3000, 0, 3000], ids=["long before", "in between", "long after"])
def test_the_sources_record_of_it_replaces_ours_whenever_it_says_that_it_was(
    call: Call, known_customer: str, take_in: TakeIn, days: int
) -> None:
    event = asked_for(call, known_customer, 50)
    before = told(call, known_customer, "loyalty,action")
    own = echo(event, new_id("e"), points=45, description="Goodwill", occurredAt=instant(days))
    assert take_in(own, own) == ["applied", "unchanged"]
    loyalty = call("get_loyalty", customer_id=known_customer).json
    assert loyalty["pointsBalance"] == 45
    assert [each["description"] for each in loyalty["recentTransactions"]] == ["Goodwill"]
    (corrected, *rest) = sorted(told(call, known_customer, "loyalty,action"), key=lambda each: each["id"][0] == "~")
    assert corrected["description"] == "Corrected from +50 to +45 points"
    assert sorted(each["id"] for each in rest) == sorted(each["id"] for each in before)
    assert not recounted(known_customer)


def test_an_echo_that_says_the_same_changes_nothing_to_see(call: Call, known_customer: str, take_in: TakeIn) -> None:
    event = asked_for(call, known_customer, 50)
    before = told(call, known_customer, "loyalty,action")
    take_in(echo(event, new_id("e")))
    assert told(call, known_customer, "loyalty,action") == before
    assert balance(call, known_customer) == 50
    assert not recounted(known_customer)


@pytest.mark.parametrize("days", [-3000, 3000], ids=["long before", "long after"])
def test_our_record_never_wins_over_the_sources_even_if_it_comes_later(
    call: Call, known_customer: str, take_in: TakeIn, days: int
) -> None:
    take_in(points(known_customer, "adjustment-late", 45, type="adjusted", occurredAt=instant(days)))
    adjustment = PointsAdjustment(points=50, reason="Late")
    assert service.adjust(known_customer, adjustment, MAKER, "late").transaction.points == 50
    assert balance(call, known_customer) == 45
    assert not recounted(known_customer)


def test_a_tier_that_the_source_names_stays(call: Call, known_customer: str, take_in: TakeIn) -> None:
    take_in(account(known_customer, tier="gold"))
    adjust(call, known_customer, 20_000)
    loyalty = call("get_loyalty", customer_id=known_customer).json
    assert (loyalty["tier"], loyalty["lifetimePoints"]) == ("gold", 0)


def test_an_adjustment_is_no_proof_that_the_source_is_connected(call: Call, known_customer: str) -> None:
    with recorded() as calls:
        adjust(call, known_customer, 5)
    assert not [name for name, arguments in calls if "CatalogTable" in str(arguments)]
