"""What a test needs to have scores followed: records of the stream, messages of the workers, and what was told."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import boto3

from support.builders import customer, new_id, order, ticket
from support.collection import Item, collection, dynamodb
from support.gateway import Answer, sqs_event
from support.rights import recorded

Call = Callable[..., Answer]
Invoke = Callable[..., Any]
TakeIn = Callable[..., list[str]]
Part = dict[str, Any]
FOLLOWER, WORKER = "on_customer_changed", "recompute_scores"


def record_of(customer_id: str, sort_key: str = "HEAD#COMMIT", old: Item | None = None) -> dict[str, Any]:
    """The stream's record of an item as it is now."""
    keys = {"pk": {"S": f"CUSTOMER#{customer_id}"}, "sk": {"S": sort_key}}
    item = dynamodb().get_item(TableName="CustomersTable", Key=keys, ConsistentRead=True)["Item"]
    told = {"Keys": keys, "NewImage": item, "SequenceNumber": "1", "ApproximateCreationDateTime": 1767225600}
    return {
        "eventID": new_id("record"),
        "eventName": "MODIFY" if old else "INSERT",
        "eventSourceARN": "arn:aws:dynamodb:eu-west-1:123456789012:table/CustomersTable/stream/2026",
        "dynamodb": told | ({"OldImage": old} if old else {}),
    }


def follow(invoke: Invoke, *customer_ids: str) -> None:
    """Lets the follower of the stream see the latest commit of each."""
    invoke(FOLLOWER, {"Records": [record_of(each) for each in customer_ids]})


def notices_of(customer_id: str) -> list[str]:
    """The sort keys of what is still to be told."""
    return [key for key in collection(customer_id) if key.startswith("NOTICE#")]


def tell(invoke: Invoke, customer_id: str) -> list[dict[str, Any]]:
    """Lets the follower see the notices of a customer; gives the messages it put on the bus."""
    with recorded() as calls:
        invoke(FOLLOWER, {"Records": [record_of(customer_id, key) for key in notices_of(customer_id)]})
    return messages(calls)


def messages(calls: list[tuple[str, dict[str, Any]]]) -> list[dict[str, Any]]:
    """The messages that were put on the bus: type and detail."""
    entries = [entry for name, arguments in calls if name == "events:PutEvents" for entry in arguments["Entries"]]
    return [{"type": entry["DetailType"], **json.loads(entry["Detail"])} for entry in entries]


def a_buyer(take_in: TakeIn, invoke: Invoke) -> str:
    """Somebody with one completed order, scored, in a shop where others have had tickets."""
    customer_id, other = new_id(), new_id()
    take_in(customer(other), ticket(other), customer(customer_id), order(customer_id))
    follow(invoke, customer_id)
    return customer_id


def trouble(customer_id: str, count: int = 3, **data: Any) -> list[dict[str, Any]]:
    """So many urgent tickets, of this moment unless said otherwise."""
    now = datetime.now(UTC).isoformat()
    data = {"priority": "urgent", "createdAt": now, "updatedAt": now} | data
    return [ticket(customer_id, f"t{number}", **data) for number in range(count)]


def waiting(queue: str) -> list[Part]:
    """The messages in a queue, taken out of it."""
    sqs = boto3.client("sqs")
    found = []
    while received := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
        for message in received:
            found.append(json.loads(message["Body"]))
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    return found


def sent(calls: list[tuple[str, dict[str, Any]]]) -> list[Part]:
    return [json.loads(arguments["MessageBody"]) for name, arguments in calls if name == "sqs:SendMessage"]


def work(invoke: Invoke, *parts: Part, milliseconds: int = 600_000) -> list[Part]:
    """Has these messages worked on, and gives those that were sent meanwhile."""
    with recorded() as calls:
        assert invoke(WORKER, sqs_event(*parts), milliseconds) == {"batchItemFailures": []}
    return sent(calls)


def work_off(invoke: Invoke, *parts: Part) -> None:
    """Has these messages worked on, those that follow from them, and so on."""
    left = list(parts)
    while left:
        left += work(invoke, left.pop(0))
