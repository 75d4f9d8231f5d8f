"""Actions over HTTP on a deployed stack: seen at once, asked of the source, reconciled with its echo; e-mails sent."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from e2e.shop import Shop, eventually
from support.actions import echo
from support.builders import customer, new_id

pytestmark = pytest.mark.e2e

CUSTOMERS = "/api/admin/customers"
Event = dict[str, Any]


@pytest.fixture
def somebody(shop: Shop) -> str:
    """The id of a customer with an address nobody else has."""
    customer_id = new_id()
    shop.send(customer(customer_id, email=f"{customer_id}@example.com"))
    shop.view(customer_id, orders=0)
    return customer_id


@pytest.fixture
def source(shop: Shop) -> str:
    """A queue that gets what is asked of the source systems, by a rule of theirs."""
    sqs, bus = shop.stack.client("sqs"), shop.stack.client("events")
    queue, name = sqs.create_queue(QueueName=new_id("source"))["QueueUrl"], new_id("source")
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    pattern = {"detail-type": ["loyalty.adjustment.requested", "support.ticket.requested"]}
    where = {"EventBusName": shop.stack.outputs["EventBusName"]}
    bus.put_rule(Name=name, EventPattern=json.dumps(pattern), **where)
    bus.put_targets(Rule=name, Targets=[{"Id": "source", "Arn": arn}], **where)
    return str(queue)


def asked(shop: Shop, queue: str, count: int) -> list[Event]:
    """So many requests, as the source gets them."""
    sqs, found = shop.stack.client("sqs"), []

    def received() -> bool:
        for message in sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", []):
            body = json.loads(message["Body"])
            found.append({"type": body["detail-type"], **body["detail"]})
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        return len(found) >= count

    eventually(received)
    return found


def act(shop: Shop, customer_id: str, action: str, body: Event, **headers: str) -> Any:
    return shop.post(f"{CUSTOMERS}/{customer_id}/actions/{action}", "manager", body, **headers)


def entries(shop: Shop, customer_id: str) -> list[str]:
    kinds = "action,loyalty,support"
    return [e["title"] for e in shop.get(f"{CUSTOMERS}/{customer_id}/timeline?type={kinds}&limit=100").json()["events"]]


def test_points_and_tickets_are_ours_at_once_and_the_sources_when_it_echoes_them(
    shop: Shop, somebody: str, source: str
) -> None:
    points = act(shop, somebody, "adjust-points", {"points": 50, "reason": "Sorry"})
    ticket = act(shop, somebody, "create-ticket", {"subject": "Parcel", "description": "It has not come."})
    assert (points.status_code, ticket.status_code) == (201, 201), (points.text, ticket.text)
    loyalty, support = f"{CUSTOMERS}/{somebody}/loyalty", f"{CUSTOMERS}/{somebody}/support"
    assert shop.get(loyalty).json()["pointsBalance"] == 50
    assert shop.get(support).json()["openTickets"] == 1
    shown = entries(shop, somebody)
    requests = {each["type"]: each for each in asked(shop, source, 2)}
    long_ago = "2020-01-01T00:00:00Z"
    points_echo = echo(
        requests["loyalty.adjustment.requested"], new_id("e"), description="Goodwill", occurredAt=long_ago
    )
    ticket_echo = echo(requests["support.ticket.requested"], new_id("e"), number="T-9", updatedAt=long_ago)
    shop.send(points_echo, ticket_echo)
    eventually(lambda: shop.get(support).json()["tickets"][0]["ticketNumber"] == "T-9")
    eventually(lambda: shop.get(loyalty).json()["recentTransactions"][0]["description"] == "Goodwill")
    assert shop.get(loyalty).json()["pointsBalance"] == 50
    assert shop.get(support).json()["totalTickets"] == 1
    assert len(entries(shop, somebody)) == len(shown)


def test_adjustments_at_once_are_exact_and_never_below_zero(shop: Shop, somebody: str) -> None:
    assert act(shop, somebody, "adjust-points", {"points": 35, "reason": "To begin with"}).status_code == 201

    def take(_: int) -> int:
        return int(act(shop, somebody, "adjust-points", {"points": -10, "reason": "At once"}).status_code)

    with ThreadPoolExecutor(8) as threads:
        statuses = sorted(threads.map(take, range(8)))
    assert statuses == [201] * 3 + [409] * 5
    assert shop.get(f"{CUSTOMERS}/{somebody}/loyalty").json()["pointsBalance"] == 5


def test_an_e_mail_goes_out_once(shop: Shop, somebody: str) -> None:
    body = {"subject": "Your parcel", "body": "It is on its way."}
    first, again = (act(shop, somebody, "send-email", body, **{"Idempotency-Key": "k1"}) for _ in range(2))
    assert (first.status_code, first.json()["email"]["status"]) == (201, "sent"), first.text
    assert again.text == first.text
    every = shop.http.get(f"{shop.stack.endpoint}/_ministack/ses/messages").json()["messages"]
    assert [
        mail["Subject"] for account in every.values() for mail in account if f"{somebody}@example.com" in mail["To"]
    ] == ["Your parcel"]
