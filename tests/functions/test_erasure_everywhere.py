"""A word that is nowhere else is planted in every place that something of a customer can get to; after the erasure it
is in none, and neither is the customer's id: not in a table, not in a bucket, not in a log.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from customer360.exact_json import dumps
from customer360.search.projecting import project, search_item
from customer360.search.row import name_term
from support import builders
from support.builders import instant, new_id
from support.erasing import erased, finish, found_again, message, where
from support.exports import build
from support.gateway import Answer, bus_event, sqs_event
from support.makers import a_segment, a_tag

pytestmark = [
    pytest.mark.engine,
    pytest.mark.usefixtures("erasure_queue", "export_bucket", "live_gateway", "event_bus", "recompute_queue"),
]

Call = Callable[..., Answer]
Invoke = Callable[..., Any]


class Canary:
    """A customer of whom every text is the same made-up word."""

    def __init__(self) -> None:
        self.word = f"canary{new_id('').removeprefix('-')}"
        self.id = f"c-{self.word}"

    def text(self, about: str) -> str:
        return f"{about} of {self.word}"

    def events(self) -> Iterator[dict[str, Any]]:
        address = {name: self.text(name) for name in ("line1", "line2", "city", "region", "country")}
        own = {"name": f"Maiden {self.word}", "email": f"former-{self.word}@example.com", "phone": "+44 20 7946 1111"}
        yield builders.customer(self.id, **own, addresses=[{"id": f"a-{self.word}", "isPrimary": True, **address}])
        own = {"name": f"Married {self.word}", "email": f"{self.word}@example.com", "phone": "+44 20 7946 2222"}
        yield builders.customer(self.id, **own, avatarUrl=f"https://example.com/{self.word}.png", updatedAt=instant(-9))
        line = {"name": self.text("tea"), "category": self.word, "sku": self.word, "quantity": 1, "unitPrice": 25}
        yield builders.order(self.id, f"o-{self.word}", lines=[line], number=f"N-{self.word}")
        yield builders.order(self.id, f"o-{self.word}", status="cancelled", updatedAt=instant(1))
        yield builders.points(self.id, f"p-{self.word}", 500, description=self.text("points"))
        yield builders.account(self.id, referralCode=self.word)
        yield builders.message(self.id, f"m-{self.word}", campaignName=self.text("campaign"))
        said = {"id": f"s-{self.word}", "content": self.text("message"), "at": instant(), "fromCustomer": True}
        told = {"subject": self.text("subject"), "description": self.text("description"), "category": self.word}
        yield builders.ticket(self.id, f"t-{self.word}", **told, assignee=self.word, messages=[said])
        yield builders.session(self.id, f"s-{self.word}", categoriesViewed=[{"category": self.word, "count": 1}])
        yield builders.payment(self.id, f"y-{self.word}", orderId=f"o-{self.word}", methodId=f"pm-{self.word}")
        yield builders.method(self.id, f"pm-{self.word}", brand=self.word)


# Every place by what its name begins with; each is where something was planted, or the test proves nothing.
PLANTED = [
    "CustomersTable/CUSTOMER#{id}/HEAD#COMMIT",
    "CustomersTable/CUSTOMER#{id}/HEAD#PROFILE",
    "CustomersTable/CUSTOMER#{id}/HEAD#METRICS",
    "CustomersTable/CUSTOMER#{id}/HEAD#SCORES",
    "CustomersTable/CUSTOMER#{id}/HEAD#TAG#",
    "CustomersTable/CUSTOMER#{id}/HEAD#SEGMENT#",
    "CustomersTable/CUSTOMER#{id}/ORDER#",
    "CustomersTable/CUSTOMER#{id}/POINTS#",
    "CustomersTable/CUSTOMER#{id}/LEDGER",
    "CustomersTable/CUSTOMER#{id}/HEAD#LOYALTY",
    "CustomersTable/CUSTOMER#{id}/MESSAGE#",
    "CustomersTable/CUSTOMER#{id}/TICKET#",
    "CustomersTable/CUSTOMER#{id}/SESSION#",
    "CustomersTable/CUSTOMER#{id}/CATEGORIES#",
    "CustomersTable/CUSTOMER#{id}/PAYMENT#",
    "CustomersTable/CUSTOMER#{id}/METHOD#",
    "CustomersTable/CUSTOMER#{id}/SIGNALS#",
    "CustomersTable/CUSTOMER#{id}/SCORE#",
    "CustomersTable/CUSTOMER#{id}/EVENT#",
    "CustomersTable/CUSTOMER#{id}/NOTE#",
    "CustomersTable/CUSTOMER#{id}/HELD#",
    "CustomersTable/CUSTOMER#{id}/NOTICE#",
    "CustomersTable/CUSTOMER#{id}/OUTBOX#",
    "CatalogTable/MEMBERS#TAGS#",
    "CatalogTable/MEMBERS#SEGMENTS#",
    "CatalogTable/VIEWS/",
    "CatalogTable/VIEWS#",
    "DirectoryTable/",
    "SearchTable/NAME#c/{word}",
    "SearchTable/NAME#m/maiden#",
    "SearchTable/EMAIL#f/former",
    "SearchTable/EMAIL#c/{word}",
    "SearchTable/PHONE#11/1111",
    "SearchTable/PHONE#22/2222",
    "SearchTable/TYPO#{word}",
    "ConnectionsTable/CONNECTIONS#",
    "ConnectionsTable/WATCHERS#{id}",
    "AuditTable/DAY#",
    "JobsTable/REJECTED#",
    "JobsTable/IDEMPOTENCY#{id}",
    "JobsTable/EXPORT#",
    "JobsTable/JOB#bulk",
    "customer360-exports/customers/",
]


@pytest.fixture
def ingest(invoke: Invoke, ingest_queue: str) -> Callable[..., None]:
    """Brings source events by the bus."""

    def ingest(*events: dict[str, Any]) -> None:
        messages = [dumps(bus_event(event)) for event in events]
        assert invoke("ingest_events", sqs_event(*messages)) == {"batchItemFailures": []}

    return ingest


@pytest.fixture
def planted(call: Call, invoke: Invoke, ingest: Callable[..., None], opened: Any, admin: Any, keep: Any) -> Canary:
    """A customer with the word in every field that can hold a text, and of whom everything has happened."""
    from customer360.jobs.table import CHANGED, JOB, JobChangeItem
    from customer360.scores.rescoring import rescore
    from customer360.storage.items import HeldItem, NoticeItem, OutboxItem
    from customer360.storage.keys import HELD, NOTICE, OUTBOX, partition

    canary, now = Canary(), datetime.now(UTC)
    ingest(*canary.events())
    keep(builders.order(canary.id, status=canary.word))
    keep(f"{{ not JSON, about {canary.word}@example.com")
    keep(f"nor this;{canary.id};{canary.word}")
    rescore(canary.id, now, [])

    key = {"Idempotency-Key": new_id()}
    note = call("add_note", customer_id=canary.id, body={"content": canary.text("note")}, headers=key).json["note"]
    call("update_note", customer_id=canary.id, note_id=note["id"], body={"content": canary.text("another note")})
    call("add_tag", customer_id=canary.id, body={"tagId": a_tag()})
    call("add_to_segment", customer_id=canary.id, body={"segmentId": a_segment()})
    for is_shared in (True, False):
        view = {"name": new_id("view"), "search": {"q": f"{canary.word}@example.com"}, "isShared": is_shared}
        assert call("create_view", claims=admin("admin").claims, body=view).status == 201
    for read, path in (("get_customer_360", {}), ("get_order", {"order_id": f"o-{canary.word}"})):
        assert call(read, customer_id=canary.id, **path).status == 200
    opened("viewer").watch(canary.id)

    project(canary.id, now)
    search_item(name_term("maiden"), canary.id).save()  # as a crash leaves it behind: the row does not know of it
    pk = partition(canary.id)
    HeldItem(pk, f"{HELD}e", event_type="order.upserted", event=canary.text("held"), held_at=now).save()
    NoticeItem(pk, f"{NOTICE}000", kind="health-changed", notice={"title": canary.word}).save()
    OutboxItem(pk, f"{OUTBOX}e", kind="support.ticket.requested", detail=canary.text("asked")).save()
    JobChangeItem(JOB + new_id("bulk"), CHANGED + canary.id, customer_id=canary.id, assigned_at=now, page=1).save()

    for name, body in (("create_customer_export", {"format": "json"}), ("create_privacy_export", None)):
        answer = call(name, customer_id=canary.id, body=body)
        assert answer.status == 202, answer.text
        build(invoke, answer.json["exportId"])
        assert call("get_export", export_id=answer.json["exportId"]).json["status"] == "ready"
    return canary


def test_after_an_erasure_nothing_of_the_customer_is_anywhere(
    call: Call,
    invoke: Invoke,
    ingest: Callable[..., None],
    planted: Canary,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    found = where(planted.word)
    for place in PLANTED:
        begins = place.format(id=planted.id, word=planted.word)
        assert any(each.startswith(begins) for each in found), f"nothing was planted in {begins}"

    job_id = call("erase_customer", customer_id=planted.id).json["jobId"]
    receipt = finish(job_id, lambda job: invoke("erase_from_stores", message(job)))
    ingest(*(event | {"eventId": new_id("late")} for event in planted.events()))
    ingest(*(event | {"data": {"name": planted.word}} for event in planted.events()))

    assert where(planted.word) == []
    captured = capfd.readouterr()
    assert planted.word not in captured.out + captured.err + caplog.text
    counts = erased(receipt)
    assert [place for place, count in counts.items() if not count] == []
    assert found_again(receipt) == {}
    # Not only the word is gone.
    for place in ("SearchTable/PHONE#11", "SearchTable/PHONE#22", "SearchTable/NAME#m/maiden"):
        assert not [each for each in where(planted.id) if each.startswith(place)]
