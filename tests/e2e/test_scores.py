"""Scores and segments on a deployed stack: kept, told of once, brought up to date by the nightly job."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from e2e.shop import Shop, eventually
from support.builders import customer, new_id, order, ticket

pytestmark = pytest.mark.e2e

CUSTOMERS, SEGMENTS = "/api/admin/customers", "/api/admin/segments"


def now() -> str:
    return datetime.now(UTC).isoformat()


def entries(shop: Shop, customer_id: str, kind: str) -> list[str]:
    found = shop.get(f"{CUSTOMERS}/{customer_id}/timeline?type={kind}&limit=100").json()
    return [event["title"] for event in found["events"]]


@pytest.fixture
def inbox(shop: Shop) -> str:
    """A queue that gets what the topic sends, as a subscriber's mailbox would."""
    sqs, sns = shop.stack.client("sqs"), shop.stack.client("sns")
    queue = sqs.create_queue(QueueName=new_id("inbox"))["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    statement = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage"}
    policy = {"Version": "2012-10-17", "Statement": [statement | {"Resource": arn}]}
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": json.dumps(policy)})
    sns.subscribe(
        TopicArn=shop.resource("ScoreTopic"), Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"}
    )
    return str(queue)


def mail(shop: Shop, inbox: str, about: str) -> list[str]:
    """The messages about a customer that are in the inbox now; taken out of it."""
    sqs = shop.stack.client("sqs")
    found = []
    while received := sqs.receive_message(QueueUrl=inbox, MaxNumberOfMessages=10).get("Messages"):
        for message in received:
            found.append(message["Body"])
            sqs.delete_message(QueueUrl=inbox, ReceiptHandle=message["ReceiptHandle"])
    return [body for body in found if about in body]


def test_a_change_of_score_reaches_the_timeline_the_history_and_who_wants_to_know_once(shop: Shop, inbox: str) -> None:
    customer_id, other = new_id(), new_id()
    shop.send(customer(other), ticket(other), customer(customer_id), order(customer_id, placedAt=now()))
    shop.view(customer_id, orders=1)
    eventually(lambda: shop.get(f"{CUSTOMERS}/{customer_id}/scores").json()["scores"])
    known = len(entries(shop, customer_id, "score"))
    before = shop.view(customer_id, orders=1)["healthScore"]["score"]
    shop.send(*(ticket(customer_id, f"t{at}", priority="urgent", createdAt=now(), updatedAt=now()) for at in range(4)))
    told = eventually(lambda: entries(shop, customer_id, "score")[known:])
    view = shop.view(customer_id, orders=1)
    assert view["healthScore"]["score"] < before
    assert len(view["churnRisk"]["contributions"]) == 5
    received: list[str] = []

    def has_come() -> bool:
        received.extend(mail(shop, inbox, customer_id))
        return len(received) >= len(entries(shop, customer_id, "score"))

    eventually(has_come)
    assert told
    assert len(received) == len(entries(shop, customer_id, "score"))
    assert "Ada" not in str(received)
    history = shop.get(f"{CUSTOMERS}/{customer_id}/scores").json()
    assert [row["healthScore"]["score"] for row in history["scores"]] == [float(view["healthScore"]["score"])]


def test_a_segment_fills_by_itself_and_follows_its_criteria(shop: Shop) -> None:
    country, customer_id = new_id("country"), new_id()
    addresses = [{"id": "a1", "line1": "1 Main Street", "city": "Home", "country": country, "isPrimary": True}]
    shop.send(customer(customer_id, addresses=addresses), order(customer_id))
    shop.view(customer_id, orders=1)
    criteria: dict[str, Any] = {"field": "country", "op": "eq", "value": country}
    body = {"name": country, "isAutomatic": True, "criteria": criteria}
    made = shop.post(SEGMENTS, "manager", body)
    assert made.status_code == 201, made.text

    def row() -> Any:
        rows = shop.get(SEGMENTS, "manager").json()["segments"]
        return next(each for each in rows if each["id"] == made.json()["id"])

    job = shop.get(f"/api/admin/jobs/{made.json()['jobId']}", "manager")
    assert job.json()["kind"] == "apply-criteria"
    eventually(lambda: "jobId" not in row())
    assert row()["customerCount"] == 1
    assert entries(shop, customer_id, "segment") == [] or entries(shop, customer_id, "segment")[0].startswith("Entered")
    eventually(lambda: entries(shop, customer_id, "segment"))
    elsewhere = [addresses[0] | {"country": "Elsewhere"}]
    shop.send(customer(customer_id, addresses=elsewhere, updatedAt=now()))
    eventually(lambda: row()["customerCount"] == 0)
    assert entries(shop, customer_id, "segment") == [f"Left segment {country}", f"Entered segment {country}"]


def test_the_nightly_job_goes_through_everybody(shop: Shop) -> None:
    customer_id = new_id()
    shop.send(customer(customer_id))
    eventually(lambda: shop.get(f"{CUSTOMERS}/{customer_id}/360").status_code == 200)
    due = datetime.now(UTC).replace(second=0, microsecond=0)
    answer = shop.stack.client("lambda").invoke(
        FunctionName=shop.resource("StartRecomputeFunction"),
        Payload=json.dumps({"time": due.isoformat().replace("+00:00", "Z")}),
    )
    assert "FunctionError" not in answer, answer["Payload"].read()

    def completed() -> Any:
        job = shop.get(f"/api/admin/jobs/recompute-{due:%Y%m%dT%H%M}", "manager").json()
        return job if job["status"] == "completed" else None

    job = eventually(completed)
    assert job["done"] == job["total"] >= 1
