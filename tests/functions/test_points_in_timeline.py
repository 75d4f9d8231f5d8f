"""GET /api/admin/customers/{customer_id}/timeline: points that lapse, and tiers that points reach."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest

from support.builders import account, instant, points
from support.gateway import Answer
from support.pages import pages
from support.rights import recorded

pytestmark = pytest.mark.engine

Call = Callable[..., Answer]
TakeIn = Callable[..., list[str]]
LIST = "list_timeline_events"


def told(call: Call, customer_id: str, **query: str) -> list[tuple[str, str, str]]:
    """Title, description and day of what there is to tell of loyalty, newest first."""
    answer = call(LIST, customer_id=customer_id, query={"type": "loyalty"} | query)
    assert answer.status == 200, answer.text
    return [(event["title"], event["description"], event["timestamp"][:10]) for event in answer.json["events"]]


# ---------------------------------------------------------------- lapses


def test_points_that_expire_are_told_with_nobody_writing(call: Call, known_customer: str, take_in: TakeIn) -> None:
    take_in(points(known_customer, "p1", 70, at=instant(1), expiresAt=instant(5)))
    answer = call(LIST, customer_id=known_customer)
    assert [event["title"] for event in answer.json["events"]] == ["Points expired", "Points earned", "Registered"]
    assert answer.json["events"][0] == {
        "id": "~lapse~2026-01-06T00:00:00.000000Z",
        "type": "loyalty",
        "title": "Points expired",
        "description": "-70 points",
        "timestamp": "2026-01-06T00:00:00Z",
        "metadata": {"pointsType": "expired", "points": -70},
    }


def test_points_that_will_expire_are_not_told_yet(call: Call, known_customer: str, take_in: TakeIn) -> None:
    soon = datetime.now(UTC) + timedelta(minutes=5)
    take_in(points(known_customer, "p1", 70, expiresAt=soon.isoformat()))
    assert [title for title, _, _ in told(call, known_customer)] == ["Points earned"]


def test_lapses_are_told_the_same_whether_somebody_wrote_since_or_not(
    call: Call, known_customer: str, take_in: TakeIn
) -> None:
    take_in(*(points(known_customer, f"p{n}", n, at=instant(n), expiresAt=instant(10 + n)) for n in (1, 2, 3)))
    before = call(LIST, customer_id=known_customer).json["events"]
    take_in(points(known_customer, "p4", 1, at=instant(12)), points(known_customer, "p5", 1, at=instant(60)))
    after = call(LIST, customer_id=known_customer).json["events"]
    assert [event for event in after if event.get("metadata", {}).get("transactionId") not in {"p4", "p5"}] == before


def test_a_lapse_the_source_tells_is_not_told_twice(call: Call, known_customer: str, take_in: TakeIn) -> None:
    take_in(
        points(known_customer, "p1", 70, expiresAt=instant(5)),
        points(known_customer, "p2", -50, type="expired", at=instant(7)),
    )
    assert told(call, known_customer) == [
        ("Points expired", "-50 points", "2026-01-08"),
        ("Points expired", "-20 points", "2026-01-06"),
        ("Points earned", "+70 points", "2026-01-01"),
    ]
    take_in(points(known_customer, "p3", -20, type="expired", at=instant(8)))
    assert [day for title, _, day in told(call, known_customer) if title == "Points expired"] == [
        "2026-01-09",
        "2026-01-08",
    ]


def test_lapses_are_of_loyalty_and_within_the_dates(call: Call, known_customer: str, take_in: TakeIn) -> None:
    take_in(points(known_customer, "p1", 70, expiresAt=instant(5)))
    lapse = [("Points expired", "-70 points", "2026-01-06")]
    assert told(call, known_customer, **{"from": "2026-01-06", "to": "2026-01-06"}) == lapse
    assert told(call, known_customer, **{"from": "2026-01-07"}) == []
    assert told(call, known_customer, **{"from": "2999-01-01"}) == []
    assert told(call, known_customer, to="2026-01-05") == [("Points earned", "+70 points", "2026-01-01")]
    assert told(call, known_customer, type="order,account") == [("Registered", "", "2025-09-23")]


def test_lapses_are_found_years_after_the_last_transaction(call: Call, known_customer: str, take_in: TakeIn) -> None:
    take_in(points(known_customer, "p1", 70, at=instant(-800), expiresAt=instant(-10)))
    take_in(points(known_customer, "p2", 30, at=instant(-790), expiresAt=instant(5)))
    assert told(call, known_customer, **{"from": "2026-01-01"}) == [("Points expired", "-30 points", "2026-01-06")]
    assert told(call, known_customer, **{"from": "2026-02-01"}) == []
    assert len(told(call, known_customer, to="2025-12-31")) == 3


def test_pages_neither_skip_nor_repeat_lapses(call: Call, known_customer: str, take_in: TakeIn) -> None:
    """Over several years, some of one instant, some of an instant of a transaction."""
    take_in(
        *(
            points(known_customer, f"p{n}", n + 1, at=instant(100 * n - 2000), expiresAt=instant(100 * (n // 2) - 1000))
            for n in range(20)
        )
    )
    whole = call(LIST, customer_id=known_customer, query={"limit": "100"}).json["events"]
    assert len([event for event in whole if event["title"] == "Points expired"]) == 10
    for limit in ("1", "3", "7"):
        assert [
            event
            for page in pages(call, LIST, {"limit": limit}, customer_id=known_customer)
            for event in page["events"]
        ] == whole


def test_a_page_deep_in_a_long_history_reads_little(call: Call, known_customer: str, take_in: TakeIn) -> None:
    take_in(
        *(
            points(known_customer, f"p{n:03}", 10, at=instant(60 * (n - 120)), expiresAt=instant(60 * (n - 117)))
            for n in range(120)
        )
    )
    first = call(LIST, customer_id=known_customer, query={"limit": "10"}).json
    with recorded() as calls:
        call(LIST, customer_id=known_customer, query={"limit": "10", "cursor": first["nextCursor"]})
    reads = sorted(operation for operation, _ in calls if "PutItem" not in operation)
    assert len(reads) <= 10, reads  # the streams of a page, the customer, the ledger and its latest years


# ---------------------------------------------------------------- tiers that points reach


def tiers(call: Call, customer_id: str) -> list[dict[str, Any]]:
    events = call(LIST, customer_id=customer_id, query={"type": "loyalty", "limit": "100"}).json["events"]
    return [event for event in events if event["title"] == "Tier changed"]


def test_points_that_reach_a_tier_are_told_when_they_did(call: Call, known_customer: str, take_in: TakeIn) -> None:
    take_in(points(known_customer, "p1", 900, at=instant(1)), points(known_customer, "p2", 100, at=instant(2)))
    assert tiers(call, known_customer) == [
        {
            "id": "~tier-p2",
            "type": "loyalty",
            "title": "Tier changed",
            "description": "Tier changed from bronze to silver",
            "timestamp": "2026-01-03T00:00:00Z",
            "metadata": {"field": "tier", "before": "bronze", "after": "silver"},
        }
    ]


def test_a_tier_is_lost_with_the_points(call: Call, known_customer: str, take_in: TakeIn) -> None:
    take_in(points(known_customer, "p1", 5000, at=instant(1)), points(known_customer, "p2", -1, at=instant(2)))
    assert [(event["metadata"]["before"], event["metadata"]["after"]) for event in tiers(call, known_customer)] == [
        ("gold", "silver"),
        ("bronze", "gold"),
    ]


def test_a_correction_moves_the_change_to_where_it_was(call: Call, known_customer: str, take_in: TakeIn) -> None:
    take_in(points(known_customer, "p1", 900, at=instant(1)), points(known_customer, "p2", 100, at=instant(2)))
    take_in(points(known_customer, "p1", 1000, at=instant(1)) | {"occurredAt": instant(3)})
    assert [event["id"] for event in tiers(call, known_customer)] == ["~tier-p1"]
    take_in(points(known_customer, "p1", 10, at=instant(1)) | {"occurredAt": instant(4)})
    assert tiers(call, known_customer) == []


def test_a_tier_the_source_names_is_not_changed_by_points(call: Call, known_customer: str, take_in: TakeIn) -> None:
    """From the day it names one until the day it no longer does, in whatever order the events come."""
    events = [
        account(known_customer, event_id="a1", tier="silver", updatedAt=instant(2)),
        account(known_customer, event_id="a2", tier=None, updatedAt=instant(4)),
        points(known_customer, "p1", 1000, at=instant(1)),
        points(known_customer, "p2", 4000, at=instant(3)),
        points(known_customer, "p3", 5000, at=instant(5)),
    ]
    take_in(*events)
    assert [event["id"] for event in tiers(call, known_customer) if event["id"][0] == "~"] == ["~tier-p3", "~tier-p1"]


def test_what_is_told_of_tiers_does_not_depend_on_the_order(call: Call, take_in: TakeIn) -> None:
    from support.builders import customer, new_id

    stories = set()
    for order in permutations(range(4)):
        customer_id = new_id()
        events = [
            account(customer_id, event_id="a1", tier="gold", updatedAt=instant(2)),
            account(customer_id, event_id="a2", tier=None, updatedAt=instant(2)),  # the later one of the two
            points(customer_id, "p1", 1000, event_id="e1", at=instant(2)),
            points(customer_id, "p0", 4500, event_id="e0", at=instant(1)),
        ]
        take_in(customer(customer_id), *(events[position] for position in order))
        stories.add(str(tiers(call, customer_id)))
    (story,) = stories
    assert story.count("~tier-") == 2


# ---------------------------------------------------------------- whoever may see the timeline


@pytest.mark.parametrize("role", ["viewer", "support"])
def test_every_role_sees_lapses_and_tiers(call: Call, known_customer: str, take_in: TakeIn, role: str) -> None:
    take_in(points(known_customer, "p1", 1000, expiresAt=instant(5)))
    events = call(LIST, customer_id=known_customer, role=role).json["events"]
    assert [event["title"] for event in events] == ["Points expired", "Tier changed", "Points earned", "Registered"]
