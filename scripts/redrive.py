"""`make redrive`: what is in a dead-letter queue of a stack, and moving it back to where it came from.

    python -m redrive --queue IngestDeadLetterQueue [--move | --discard] [--bodies] [--stack customer360-local]

Without an option it only tells: when each message was sent, how often it was tried, and why it is here if AWS says so;
with `--bodies` also its content, which may be about a person. `--move` sends each message to the queue that this one is
the dead-letter queue of, and then deletes it here: killed in between, it is in both, and everything that reads a queue
of ours does a thing once. Messages that are no work for that queue stay (records of a stream, a schedule's call); the
runbook says what to do about those. `--discard` deletes what is there. Both leave alone what arrives after they began.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import boto3

from stack.aws import environment
from stack.testing import stack_of_up
from verify import LOCAL_STACK

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef

QUEUE = "AWS::SQS::Queue"
HIDDEN_SECONDS = 120


def main() -> int:
    options = _options()
    if options.stack == LOCAL_STACK:
        os.environ.update(environment(stack_of_up().endpoint))
    sqs = boto3.client("sqs")
    queues = queues_of(options.stack)
    if options.queue not in queues:
        print(f"the stack has no queue {options.queue}; it has {', '.join(sorted(queues))}", file=sys.stderr)
        return 1
    url = queues[options.queue]
    source = source_of(sqs, url, list(queues.values()))
    if options.move and source is None:
        print(f"{options.queue} is no queue's dead-letter queue; see docs/runbook.md", file=sys.stderr)
        return 1
    found = left = 0
    for message in messages(sqs, url):
        found += 1
        print(told(message, bodies=options.bodies))
        if options.move and source and is_work_for(message, arn_of(sqs, source)):
            sqs.send_message(QueueUrl=source, MessageBody=message["Body"])
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        elif options.discard:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        else:
            left += 1
    print(f"{found} messages, {found - left} {'discarded' if options.discard else 'moved'}, {left} left")
    return 0


def queues_of(stack: str) -> dict[str, str]:
    """The URL of every queue of the stack by its logical id."""
    pages = boto3.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=stack)
    every = [resource for page in pages for resource in page["StackResourceSummaries"]]
    return {each["LogicalResourceId"]: each["PhysicalResourceId"] for each in every if each["ResourceType"] == QUEUE}


def arn_of(sqs: "SQSClient", url: str) -> str:
    return sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]


def source_of(sqs: "SQSClient", url: str, queues: list[str]) -> str | None:
    """The queue whose failures end up in this one."""
    arn = arn_of(sqs, url)
    for candidate in queues:
        attributes = sqs.get_queue_attributes(QueueUrl=candidate, AttributeNames=["RedrivePolicy"])
        policy = json.loads(attributes.get("Attributes", {}).get("RedrivePolicy", "{}"))
        if policy.get("deadLetterTargetArn") == arn:
            return candidate
    return None


def messages(sqs: "SQSClient", url: str) -> "Iterator[MessageTypeDef]":
    """What was there at the beginning, each once; who does not delete one finds it there again afterwards."""
    began, seen, handles = datetime.now(UTC), set[str](), []
    while True:
        answer = sqs.receive_message(
            QueueUrl=url,
            MaxNumberOfMessages=10,
            VisibilityTimeout=HIDDEN_SECONDS,
            WaitTimeSeconds=1,
            MessageSystemAttributeNames=["All"],
            MessageAttributeNames=["All"],
        )
        fresh = [message for message in answer.get("Messages", []) if message["MessageId"] not in seen]
        if not fresh:
            break
        for message in fresh:
            seen.add(message["MessageId"])
            handles.append(message["ReceiptHandle"])
            if _arrived(message) <= began:
                yield message
    for handle in handles:
        try:
            sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=handle, VisibilityTimeout=0)
        except sqs.exceptions.ClientError:
            continue  # deleted, or to be seen again already


def is_work_for(message: "MessageTypeDef", arn: str) -> bool:
    """Whether the message is one that the queue had, or was to get: what Lambda keeps of a failed call or of a stream
    has another shape, and what EventBridge could not deliver says to whom."""
    target = _attribute(message, "TARGET_ARN")
    if target is not None:
        return target == arn
    try:
        body = json.loads(message["Body"])
    except ValueError:
        return True
    return not (isinstance(body, dict) and {"requestContext", "DDBStreamBatchInfo"} & body.keys())


def told(message: "MessageTypeDef", *, bodies: bool) -> str:
    why = _attribute(message, "ERROR_CODE")
    tried = message["Attributes"]["ApproximateReceiveCount"]
    line = f"{_arrived(message):%Y-%m-%dT%H:%M:%SZ} {message['MessageId']} received {tried} times"
    return line + (f", {why}" if why else "") + (f"\n  {message['Body']}" if bodies else "")


def _attribute(message: "MessageTypeDef", name: str) -> str | None:
    """What EventBridge says of a message that it could not deliver."""
    attribute = message.get("MessageAttributes", {}).get(name)
    return attribute.get("StringValue") if attribute else None


def _arrived(message: "MessageTypeDef") -> datetime:
    return datetime.fromtimestamp(int(message["Attributes"]["SentTimestamp"]) / 1000, UTC)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--queue", required=True, help="its name in the template")
    parser.add_argument("--stack", default=LOCAL_STACK, help="on AWS: its name, with credentials as usual")
    parser.add_argument("--bodies", action="store_true", help="also print the content")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--move", action="store_true", help="to the queue they came from")
    what.add_argument("--discard", action="store_true", help="delete them")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
