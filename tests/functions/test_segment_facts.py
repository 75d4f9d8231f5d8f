"""The facts that criteria ask about, against what the endpoints of the page answer."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from customer360.instants import answered
from customer360.loyalty.kept import read_balance
from customer360.segments.criteria import FIELDS
from customer360.segments.facts import facts_of
from customer360.segments.rules import Facts, compiled
from customer360.storage.heads import heads_of
from customer360.storage.keys import partition
from support.builders import account, customer, instant, message, new_id, order, points, ticket
from support.gateway import Answer
from support.makers import a_tag, give_tag

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("pause_caches")]

Call = Callable[..., Answer]
TakeIn = Callable[..., list[str]]

HOME = {"id": "a1", "line1": "12 St James's Square", "city": "London", "country": "GB"}
OFFICE = {"id": "a2", "line1": "1 rue de Rivoli", "city": "Paris", "country": "FR", "isPrimary": True}


def facts_now(customer_id: str) -> Facts:
    now = datetime.now(UTC)
    return facts_of(
        heads_of(customer_id),
        health_score=Decimal("61.5"),
        churn_level="medium",
        points_balance=partial(read_balance, partition(customer_id), now),
        now=now,
    )


def shown(call: Call, customer_id: str) -> dict[str, Any]:
    """The same as `facts_now`, gathered from the sections of the page."""
    view, loyalty, marketing, support = (
        call(name, customer_id=customer_id).json
        for name in ("get_customer_360", "get_loyalty", "get_marketing", "list_tickets")
    )
    metrics, profile = view["metrics"], view["profile"]
    primary = [address["country"] for address in profile["addresses"] if address["isPrimary"]]
    return {
        **{
            name: metrics[name]
            for name in ("lifetimeValue", "totalOrders", "completedOrders", "averageOrderValue", "purchaseFrequency")
        },
        "daysSinceLastPurchase": metrics["daysSinceLastPurchase"],
        "tenureDays": metrics["customerTenure"],
        "loyaltyTier": loyalty["tier"],
        "pointsBalance": loyalty["pointsBalance"],
        "healthScore": Decimal("61.5"),
        "churnLevel": "medium",
        "openTickets": support["openTickets"],
        "openRate": marketing["openRate"],
        **{name: marketing[name] for name in ("emailOptIn", "smsOptIn", "pushOptIn")},
        "accountStatus": profile["accountStatus"],
        "country": primary[0] if primary else None,
        "tag": frozenset(tag["id"] for tag in view["tags"]),
        "registeredAt": profile["registrationDate"],
    }


def found(customer_id: str) -> dict[str, Any]:
    facts = facts_now(customer_id)
    everything: dict[str, Any] = {field: facts[field] for field in FIELDS}
    return everything | {"registeredAt": answered(everything["registeredAt"])}


def test_every_fact_is_what_the_page_shows(call: Call, take_in: TakeIn) -> None:
    customer_id, ago = new_id(), datetime.now(UTC) - timedelta(days=400)
    take_in(
        customer(customer_id, registeredAt=ago.isoformat(), status="suspended", addresses=[HOME, OFFICE],
                 optIns={"sms": True}),
        *(order(customer_id, f"o{n}", total=Decimal("33.33"), placedAt=instant(n)) for n in range(4)),
        order(customer_id, "o9", status="cancelled"),
        account(customer_id, tier="gold"),
        points(customer_id, "p1", 700),
        *(message(customer_id, f"m{n}", **({"openedAt": instant(1)} if n else {})) for n in range(3)),
        message(customer_id, "m9", channel="sms"),
        ticket(customer_id, "t1"),
        ticket(customer_id, "t2", status="waiting"),
        ticket(customer_id, "t3", status="closed", resolvedAt=instant(1)),
    )  # fmt: skip
    for _ in range(2):
        give_tag(customer_id, a_tag())
    facts = found(customer_id)
    assert facts == shown(call, customer_id)
    some = ("lifetimeValue", "averageOrderValue", "purchaseFrequency", "openRate", "country", "pointsBalance")
    assert [str(facts[name]) for name in some] == ["133.32", "33.33", "0.30", "66.7", "FR", "700"]
    assert (facts["openTickets"], len(facts["tag"]), facts["tenureDays"]) == (2, 2, 400)


def test_what_a_customer_has_nothing_of_is_absent_or_nothing_as_the_page_shows_it(call: Call, take_in: TakeIn) -> None:
    customer_id = new_id()
    take_in(customer(customer_id, addresses=[HOME]))
    facts = found(customer_id)
    assert facts == shown(call, customer_id)
    assert {name for name, fact in facts.items() if fact is None} == {"daysSinceLastPurchase", "loyaltyTier", "country"}
    assert (facts["pointsBalance"], facts["openRate"], facts["tag"]) == (0, 0, frozenset())


def test_points_that_have_lapsed_by_now_do_not_count(call: Call, known_customer: str, take_in: TakeIn) -> None:
    now = datetime.now(UTC)
    at = (now - timedelta(days=10)).isoformat()
    for name, amount, days in (("p1", 500, -1), ("p2", 30, 1)):
        expires_at = (now + timedelta(days=days)).isoformat()
        take_in(points(known_customer, name, amount, at=at, expiresAt=expires_at))
    assert (found(known_customer)["pointsBalance"], found(known_customer)) == (30, shown(call, known_customer))


def test_the_balance_is_read_once_and_only_if_a_rule_asks(known_customer: str) -> None:
    reads: list[int] = []

    def balance() -> int:
        reads.append(1)
        return 40

    facts = facts_of(
        heads_of(known_customer),
        health_score=Decimal(50),
        churn_level="low",
        points_balance=balance,
        now=datetime.now(UTC),
    )
    points_of = {"field": "pointsBalance", "op": "gte", "value": 40}
    country = {"field": "country", "op": "eq", "value": "gb"}
    assert compiled({"any": [country, points_of]}).matches(facts)
    assert reads == []
    rule = compiled({"all": [country, points_of, {"not": {**points_of, "value": 41}}]})
    assert [rule.matches(facts), rule.matches(facts), len(reads)] == [True, True, 1]
