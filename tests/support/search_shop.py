"""The shoppers of `support.searching` as real customers: taken in as events, given tags and segments, and findable."""

import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from support.builders import account, customer, new_id, order
from support.gateway import call_function
from support.makers import a_segment, a_tag, give_segment, give_tag
from support.searching import Shopper, a_shopper
from support.tables import empty_table


def open_shop(customers: int, seed: int = 1) -> tuple[list[Shopper], list[str], list[str]]:
    """Nobody else can be found. Gives the customers, and the ids of the tags and segments they have."""
    from customer360.search.projecting import project

    for table in ("DirectoryTable", "SearchTable"):
        empty_table(table)
    random_ = random.Random(seed)
    tags, segments = [a_tag() for _ in range(3)], [a_segment() for _ in range(3)]
    shop = [a_shopper(random_, new_id(), tags, segments) for _ in range(customers)]
    for shopper in shop:
        settle(shopper, random_)
        project(shopper.id, datetime.now(UTC))
    return shop, tags, segments


def settle(shopper: Shopper, random_: random.Random) -> None:
    """Makes the customer what the shopper is, in any order of events; scores become the customer's own."""
    from customer360.ingestion.intake import take_in

    events = [*_versions(shopper), *_orders(shopper)]
    if shopper.tier:
        events.append(account(shopper.id, tier=shopper.tier))
    random_.shuffle(events)
    for event in events:
        take_in(event["type"], event)
    for tag in shopper.tags:
        give_tag(shopper.id, tag)
    for segment in shopper.segments:
        give_segment(shopper.id, segment)
    shown = call_function("get_customer_360", customer_id=shopper.id).json
    shopper.health_score, shopper.health_level = shown["healthScore"]["score"], shown["healthScore"]["level"]
    shopper.churn_score, shopper.churn_level = shown["churnRisk"]["score"], shown["churnRisk"]["level"]


def _versions(shopper: Shopper) -> list[dict[str, Any]]:
    """Every e-mail and phone there ever was, the current ones last."""
    count = max(len(shopper.former_emails), len(shopper.former_phones))
    begun = datetime(2026, 1, 1, tzinfo=UTC)
    emails, phones = shopper.former_emails, shopper.former_phones
    versions = [
        customer(
            shopper.id,
            name=shopper.name,
            email=emails[number] if number < len(emails) else shopper.email,
            phone=phones[number] if number < len(phones) else shopper.phone,
            registeredAt=shopper.registered_at.isoformat(),
            status=shopper.status,
            optIns={"email": shopper.email_opt_in, "sms": False, "push": False},
            updatedAt=(begun + timedelta(days=number)).isoformat(),
        )
        for number in range(count)
    ]
    last = customer(
        shopper.id,
        name=shopper.name,
        email=shopper.email,
        phone=shopper.phone,
        registeredAt=shopper.registered_at.isoformat(),
        status=shopper.status,
        optIns={"email": shopper.email_opt_in, "sms": False, "push": False},
        updatedAt=(begun + timedelta(days=count)).isoformat(),
    )
    return [*versions, last]


def _orders(shopper: Shopper) -> list[dict[str, Any]]:
    """The first is worth all of the lifetime value, and is the latest."""
    return [
        order(
            shopper.id,
            f"o{at}",
            number=number,
            placedAt=(shopper.last_purchase_at - timedelta(days=at)).isoformat(),
            total=shopper.lifetime_value if at == 0 else Decimal(0),
        )
        for at, number in enumerate(shopper.numbers)
        if shopper.last_purchase_at
    ]
