"""GET /api/admin/customers/{customer_id}/loyalty"""

from collections.abc import Callable
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from customer360.ingestion.intake import take_in as take_in_event
from support.builders import BASE, account, customer, instant, new_id, points
from support.gateway import Answer, handler_of
from support.histories import LOYALTY, deliveries, histories
from support.oracle import Event, Oracle, answered, sortable
from support.rights import recorded

pytestmark = pytest.mark.engine

Call = Callable[..., Answer]
Look = Callable[..., Any]
TakeIn = Callable[..., list[str]]
GET = "get_loyalty"
TICK = timedelta(microseconds=1)


def day(days: float) -> datetime:
    """So many days after the first of 2026."""
    return BASE + timedelta(days=days)


@pytest.fixture
def look(call: Call, monkeypatch: pytest.MonkeyPatch) -> Look:
    """The answer at an instant: `look(customer_id, day(3))`."""

    def looked(customer_id: str, now: datetime) -> Any:
        clock = SimpleNamespace(now=now.astimezone)
        monkeypatch.setattr(handler_of(GET), "datetime", clock)
        answer = call(GET, customer_id=customer_id)
        assert answer.status == 200, answer.text
        return answer.json

    return looked


def rows(answer: Any) -> list[tuple[str, int]]:
    return [(row["type"], row["points"]) for row in answer["recentTransactions"]]


def expiring(answer: Any) -> tuple[int, str | None]:
    return answer["expiringPoints"]["amount"], answer["expiringPoints"]["nextExpiryDate"]


# ---------------------------------------------------------------- who is enrolled


def test_who_is_not_enrolled_is_answered_all_the_same(call: Call, known_customer: str) -> None:
    assert call(GET, customer_id=known_customer).text == (
        '{"enrolled":false,"tier":null,"pointsBalance":0,"lifetimePoints":0,"referralCount":0,'
        '"tierProgress":{"tier":null,"nextTier":null,"pointsToNext":0,"progressPercent":0},'
        '"expiringPoints":{"amount":0,"nextExpiryDate":null},"recentTransactions":[],"updatedAt":null}'
    )


def test_an_account_enrols(call: Call, known_customer: str, take_in: TakeIn) -> None:
    take_in(account(known_customer, tier=None, referralCode=None, referralCount=None))
    answer = call(GET, customer_id=known_customer).json
    assert (answer["enrolled"], answer["tier"], answer["referralCount"]) == (True, "bronze", 0)
    assert "referralCode" not in answer


@pytest.mark.parametrize(("kind", "amount"), [("adjusted", 50), ("adjusted", -50), ("earned", 0), ("redeemed", -1)])
def test_any_points_enrol(call: Call, known_customer: str, take_in: TakeIn, kind: str, amount: int) -> None:
    take_in(points(known_customer, "p1", amount, type=kind))
    answer = call(GET, customer_id=known_customer).json
    assert (answer["enrolled"], answer["tier"], answer["pointsBalance"]) == (True, "bronze", amount)


def test_an_unknown_customer_is_404(call: Call) -> None:
    assert call(GET, customer_id=new_id()).status == 404


def test_the_whole_answer(look: Look, known_customer: str, take_in: TakeIn) -> None:
    take_in(
        account(known_customer, tier=None, updatedAt=instant(3)),
        points(known_customer, "p1", 1200, description="Order 1", expiresAt=instant(20)),
        points(known_customer, "p2", -300, type="redeemed", description="Voucher", at=instant(1)),
        points(known_customer, "p3", 50, type="adjusted", description="Sorry", at="2026-01-03T00:00:00.9Z"),
    )
    assert look(known_customer, day(10)) == {
        "enrolled": True,
        "tier": "silver",
        "pointsBalance": 950,
        "lifetimePoints": 1200,
        "referralCode": "ADA10",
        "referralCount": 2,
        "tierProgress": {"tier": "silver", "nextTier": "gold", "pointsToNext": 3800, "progressPercent": 5},
        "expiringPoints": {"amount": 900, "nextExpiryDate": "2026-01-21T00:00:00Z"},
        "recentTransactions": [
            {"id": "p3", "type": "adjusted", "points": 50, "description": "Sorry", "date": "2026-01-03T00:00:00Z"},
            {"id": "p2", "type": "redeemed", "points": -300, "description": "Voucher", "date": "2026-01-02T00:00:00Z"},
            {"id": "p1", "type": "earned", "points": 1200, "description": "Order 1", "date": "2026-01-01T00:00:00Z"},
        ],
        "updatedAt": "2026-01-04T00:00:00Z",
    }


@pytest.mark.parametrize("role", ["viewer", "support", "manager"])
def test_every_role_sees_the_same(call: Call, known_customer: str, take_in: TakeIn, role: str) -> None:
    take_in(account(known_customer), points(known_customer, "p1", 70, expiresAt=instant(1)))
    assert call(GET, customer_id=known_customer, role=role).text == call(GET, customer_id=known_customer).text


# ---------------------------------------------------------------- tiers


@pytest.mark.parametrize(
    ("named", "earned", "progress"),
    [
        (None, 999, ("bronze", "silver", 1, 99)),
        (None, 1000, ("silver", "gold", 4000, 0)),
        (None, 4999, ("silver", "gold", 1, 99)),
        (None, 5000, ("gold", "platinum", 5000, 0)),
        (None, 10_000, ("platinum", None, 0, 100)),
        ("gold", 0, ("gold", "platinum", 10_000, 0)),
        ("bronze", 12_000, ("bronze", "silver", 0, 100)),
        ("platinum", 0, ("platinum", None, 0, 100)),
    ],
)
def test_the_tier_is_the_sources_or_that_of_the_points_here_and_in_the_360_view(
    call: Call,
    known_customer: str,
    take_in: TakeIn,
    named: str | None,
    earned: int,
    progress: tuple[str, str | None, int, int],
) -> None:
    take_in(account(known_customer, tier=named), points(known_customer, "p1", earned))
    answer = call(GET, customer_id=known_customer).json
    assert tuple(answer["tierProgress"].values()) == progress
    view = call("get_customer_360", customer_id=known_customer).json
    assert answer["tier"] == view["profile"]["loyaltyTier"] == progress[0]


def test_only_what_is_earned_counts_for_life(call: Call, known_customer: str, take_in: TakeIn) -> None:
    take_in(
        points(known_customer, "p1", 900),
        points(known_customer, "p2", 500, type="adjusted"),
        points(known_customer, "p3", -800, type="redeemed", at=instant(1)),
        points(known_customer, "p4", -100, at=instant(2)),
    )
    answer = call(GET, customer_id=known_customer).json
    assert (answer["lifetimePoints"], answer["pointsBalance"], answer["tier"]) == (800, 500, "bronze")


# ---------------------------------------------------------------- points lapse, with nobody writing


def test_points_are_gone_at_the_instant_they_expire(look: Look, known_customer: str, take_in: TakeIn) -> None:
    take_in(points(known_customer, "p1", 70, expiresAt=instant(5)), points(known_customer, "p2", 30))
    assert look(known_customer, day(5) - TICK)["pointsBalance"] == 100
    after = look(known_customer, day(5))
    assert after["pointsBalance"] == 30
    assert after["recentTransactions"][0] == {
        "id": "~lapse~2026-01-06T00:00:00.000000Z",
        "type": "expired",
        "points": -70,
        "description": "Points expired",
        "date": "2026-01-06T00:00:00Z",
    }
    assert look(known_customer, day(4000))["recentTransactions"] == after["recentTransactions"]


def test_what_expires_within_thirty_days_is_announced_and_no_more(
    look: Look, known_customer: str, take_in: TakeIn
) -> None:
    take_in(
        points(known_customer, "p1", 70, expiresAt=instant(40)),
        points(known_customer, "p2", 50, expiresAt=instant(45)),
        points(known_customer, "p3", 30),
        points(known_customer, "p4", -20, type="redeemed", at=instant(1)),
    )
    assert expiring(look(known_customer, day(10) - TICK)) == (0, None)
    assert expiring(look(known_customer, day(10))) == (50, answered(day(40)))
    assert expiring(look(known_customer, day(20))) == (100, answered(day(40)))
    assert expiring(look(known_customer, day(40) - TICK)) == (100, answered(day(40)))
    assert expiring(look(known_customer, day(40))) == (50, answered(day(45)))
    assert expiring(look(known_customer, day(45))) == (0, None)


def test_the_oldest_points_are_spent_first_whatever_they_expire(
    look: Look, known_customer: str, take_in: TakeIn
) -> None:
    take_in(
        points(known_customer, "p1", 70, expiresAt=instant(50)),
        points(known_customer, "p2", 50, at=instant(1), expiresAt=instant(5)),
        points(known_customer, "p3", -60, type="redeemed", at=instant(2)),
    )
    assert look(known_customer, day(6))["pointsBalance"] == 10


def test_a_source_that_says_what_expired_deducts_it_no_second_time(
    look: Look, known_customer: str, take_in: TakeIn
) -> None:
    take_in(points(known_customer, "p1", 70, expiresAt=instant(5)))
    assert rows(look(known_customer, day(8))) == [("expired", -70), ("earned", 70)]
    take_in(points(known_customer, "p2", -70, type="expired", at=instant(7), description="Lapsed"))
    answer = look(known_customer, day(8))
    assert answer["pointsBalance"] == 0
    assert [row["id"] for row in answer["recentTransactions"]] == ["p2", "p1"]


def test_of_a_lapse_that_is_settled_in_part_the_rest_is_shown(look: Look, known_customer: str, take_in: TakeIn) -> None:
    take_in(
        points(known_customer, "p1", 70, expiresAt=instant(5)),
        points(known_customer, "p2", -20, type="expired", at=instant(7)),
    )
    answer = look(known_customer, day(8))
    assert (answer["pointsBalance"], rows(answer)) == (0, [("expired", -20), ("expired", -50), ("earned", 70)])


def test_the_latest_lapse_is_settled_first_in_whatever_year(look: Look, known_customer: str, take_in: TakeIn) -> None:
    take_in(
        points(known_customer, "p1", 70, at=instant(-900), expiresAt=instant(-500)),
        points(known_customer, "p2", 50, at=instant(-900), expiresAt=instant(-400)),
        points(known_customer, "p3", 40, at=instant(-900), expiresAt=instant(-399)),
        points(known_customer, "p4", 5, at=instant(1)),
        points(known_customer, "p5", -60, type="expired", at=instant(2)),
    )
    answer = look(known_customer, day(3))
    assert answer["pointsBalance"] == 5
    assert rows(answer)[:4] == [("expired", -60), ("earned", 5), ("expired", -30), ("expired", -70)]


def test_a_balance_below_zero_is_paid_by_later_points(look: Look, known_customer: str, take_in: TakeIn) -> None:
    take_in(points(known_customer, "p1", -100, type="redeemed"))
    assert look(known_customer, day(1))["pointsBalance"] == -100
    take_in(points(known_customer, "p2", 130, at=instant(1), expiresAt=instant(9)))
    assert (look(known_customer, day(2))["pointsBalance"], expiring(look(known_customer, day(2)))[0]) == (30, 30)
    assert look(known_customer, day(9))["pointsBalance"] == 0


def test_a_transaction_dated_ahead_counts_already_and_lets_nothing_lapse_early(
    look: Look, known_customer: str, take_in: TakeIn
) -> None:
    take_in(
        points(known_customer, "p1", 70, expiresAt=instant(20)),
        points(known_customer, "p2", 30, at=instant(400), expiresAt=instant(900)),
    )
    before = look(known_customer, day(10))
    assert (before["pointsBalance"], expiring(before)) == (100, (70, answered(day(20))))
    assert rows(before) == [("earned", 30), ("earned", 70)]
    after = look(known_customer, day(20))
    assert (after["pointsBalance"], rows(after)) == (30, [("earned", 30), ("expired", -70), ("earned", 70)])


# ---------------------------------------------------------------- in whatever order they come


def test_a_transaction_that_comes_late_changes_what_lapsed_since(
    look: Look, known_customer: str, take_in: TakeIn
) -> None:
    take_in(points(known_customer, "p1", 70, expiresAt=instant(5)), points(known_customer, "p2", 30, at=instant(8)))
    assert look(known_customer, day(9))["pointsBalance"] == 30
    take_in(points(known_customer, "p3", -50, type="redeemed", at=instant(2)))
    answer = look(known_customer, day(9))
    assert answer["pointsBalance"] == 30
    assert rows(answer) == [("earned", 30), ("expired", -20), ("redeemed", -50), ("earned", 70)]


@pytest.mark.parametrize(
    ("correction", "balance", "lapsed"),
    [
        ({"points": 100}, 30, [-100]),
        ({"points": -100}, -70, []),
        ({"expiresAt": instant(7)}, 30, [-70]),
        ({"expiresAt": instant(400)}, 100, []),
        ({"expiresAt": None}, 100, []),
        ({"at": instant(20)}, 30, [-70]),
        ({"description": "Otherwise"}, 30, [-70]),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_a_correction_is_as_if_it_had_always_been_so(
    look: Look, known_customer: str, take_in: TakeIn, correction: dict[str, Any], balance: int, lapsed: list[int]
) -> None:
    first: dict[str, Any] = {"points": 70, "at": instant(0), "expiresAt": instant(5)}
    take_in(points(known_customer, "p1", 0, **first), points(known_customer, "p2", 30, at=instant(8)))
    corrected = points(known_customer, "p1", 0, **(first | correction)) | {"occurredAt": instant(9)}
    assert take_in(corrected, corrected, points(known_customer, "p1", 5)) == ["applied", "unchanged", "applied"]
    answer = look(known_customer, day(30))
    assert answer["pointsBalance"] == balance
    assert [row["points"] for row in answer["recentTransactions"] if row["id"].startswith("~")] == lapsed


def test_what_comes_before_its_customer_counts_once_the_customer_comes(look: Look, take_in: TakeIn) -> None:
    customer_id = new_id()
    early = points(customer_id, "p1", 70, expiresAt=instant(5))
    assert take_in(early, early, customer(customer_id)) == ["held", "unchanged", "applied"]
    assert [look(customer_id, day(at))["pointsBalance"] for at in (4, 5)] == [70, 0]


@settings(max_examples=80)
@given(data=st.data(), events=histories(most=14, among=LOYALTY), now=st.floats(-2, 70).map(day))
def test_any_history_is_answered_as_the_oracle_says_at_any_time(
    engine: str, data: Any, events: list[Event], now: datetime
) -> None:
    from customer360.loyalty import service

    customer_id = new_id()
    for event in data.draw(deliveries(events, most_duplicates=1)):
        take_in_event(event["type"], event | {"customerId": customer_id})
    expected = Oracle(events).ledger
    answer = service.get(customer_id, now)
    assert answer.points_balance == expected.balance(now)
    soon = expected.lapses(now + timedelta(days=30), after=now)
    assert (answer.expiring_points.amount, answer.expiring_points.next_expiry_date) == (
        sum(soon.values()),
        min(soon, default=None),
    )
    recorded_rows = [(each.at, each.identifier, each.points) for each in expected.transactions]
    lapses = [(at, f"~lapse~{sortable(at)}", -left) for at, left in expected.lapses(now).items()]
    assert [(row.date, row.id, row.points) for row in answer.recent_transactions] == sorted(
        [*recorded_rows, *lapses], reverse=True
    )[:10]


# ---------------------------------------------------------------- the list, and what it costs


def test_the_ten_newest_are_shown_lapses_among_them(look: Look, known_customer: str, take_in: TakeIn) -> None:
    take_in(*(points(known_customer, f"p{n}", n + 1, at=instant(n), expiresAt=instant(n + 3.5)) for n in range(12)))
    answer = look(known_customer, day(11))
    assert rows(answer) == [
        ("earned", 12), ("expired", -8), ("earned", 11), ("expired", -7), ("earned", 10), ("expired", -6),
        ("earned", 9), ("expired", -5), ("earned", 8), ("expired", -4),
    ]  # fmt: skip
    assert answer["pointsBalance"] == 9 + 10 + 11 + 12


def test_a_long_history_costs_no_more_to_read(call: Call, known_customer: str, take_in: TakeIn) -> None:
    """Two hundred months of points, each lapsing after half a year."""
    take_in(
        *(
            points(known_customer, f"p{n:03}", 10, at=instant(30 * (n - 200)), expiresAt=instant(30 * (n - 194)))
            for n in range(200)
        )
    )
    with recorded() as calls:
        answer = call(GET, customer_id=known_customer).json
    reads = [operation for operation, _ in calls if "PutItem" not in operation]
    assert sorted(reads) == ["dynamodb:BatchGetItem", "dynamodb:Query", "dynamodb:Query"]
    assert (answer["pointsBalance"], answer["lifetimePoints"]) == (0, 2000)
    assert rows(answer)[:2] == [("expired", -10)] * 2


# ---------------------------------------------------------------- freshness


def test_the_section_is_as_fresh_as_its_latest_source_event(call: Call, known_customer: str, take_in: TakeIn) -> None:
    take_in(account(known_customer, updatedAt=instant(2)))
    take_in(points(known_customer, "p1", 5) | {"occurredAt": instant(4)}, points(known_customer, "p2", 5))
    assert call(GET, customer_id=known_customer).json["updatedAt"] == answered(day(4))


def test_an_unchanged_answer_is_not_sent_again_but_one_that_lapsed_is(
    call: Call, known_customer: str, take_in: TakeIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_in(points(known_customer, "p1", 70, expiresAt=instant(50)))
    etag, statuses = "", []
    for at in (1, 2, 49, 50, 51):
        monkeypatch.setattr(handler_of(GET), "datetime", SimpleNamespace(now=day(at).astimezone))
        answer = call(GET, customer_id=known_customer, headers={"if-none-match": etag})
        etag = answer.headers["ETag"]
        statuses.append(answer.status)
    assert statuses == [200, 304, 200, 200, 304]
