"""What is in a dead-letter queue can be looked at, moved back to where it came from, and thrown away."""

import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest

import redrive
from support.builders import customer, new_id
from support.gateway import bus_event

pytestmark = pytest.mark.engine


class Queues:
    """A queue and its dead-letter queue, as a stack has them, and one that is nobody's."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.sqs = boto3.client("sqs")
        self.dead = self.sqs.create_queue(QueueName=new_id("dead"))["QueueUrl"]
        policy = {"deadLetterTargetArn": redrive.arn_of(self.sqs, self.dead), "maxReceiveCount": 5}
        attributes: Any = {"RedrivePolicy": json.dumps(policy)}
        self.work = self.sqs.create_queue(QueueName=new_id("work"), Attributes=attributes)["QueueUrl"]
        self.nobodys = self.sqs.create_queue(QueueName=new_id("nobodys"))["QueueUrl"]
        self.monkeypatch, self.capsys = monkeypatch, capsys
        named = {"IngestQueue": self.work, "IngestDeadLetterQueue": self.dead, "BroadcastFailureQueue": self.nobodys}
        monkeypatch.setattr(redrive, "queues_of", lambda stack: named)

    def redrive(self, *options: str) -> tuple[int, str]:
        """The exit code, and what was printed."""
        self.monkeypatch.setattr("sys.argv", ["redrive", "--stack", "of-the-test", *options])
        code = redrive.main()
        printed = self.capsys.readouterr()
        return code, printed.out + printed.err

    def send(self, url: str, body: Any, **attributes: str) -> None:
        said: Any = {name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()}
        self.sqs.send_message(QueueUrl=url, MessageBody=json.dumps(body, default=str), MessageAttributes=said)

    def bodies(self, url: str) -> list[Any]:
        """What is in a queue; it is taken out."""
        found: list[Any] = []
        while messages := self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            found += [json.loads(message["Body"]) for message in messages]
        return found


@pytest.fixture
def queues(engine: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Queues:
    return Queues(monkeypatch, capsys)


def test_all_messages_go_back_to_where_they_came_from_and_can_be_worked_on(
    queues: Queues, invoke: Callable[..., Any], ingest_queue: str
) -> None:
    from support.gateway import sqs_event

    events = [json.loads(json.dumps(bus_event(customer(new_id())), default=str)) for _ in range(13)]
    for event in events:
        queues.send(queues.dead, event)
    code, text = queues.redrive("--queue", "IngestDeadLetterQueue", "--move")
    assert (code, text.splitlines()[-1]) == (0, "13 messages, 13 moved, 0 left")
    back = queues.bodies(queues.work)
    assert sorted(each["id"] for each in back) == sorted(each["id"] for each in events)
    assert invoke("ingest_events", sqs_event(*back)) == {"batchItemFailures": []}


def test_looking_changes_nothing_and_tells_no_content_unless_asked(queues: Queues) -> None:
    queues.send(queues.dead, {"detail": {"data": {"name": "Ada Lovelace"}}}, ERROR_CODE="NO_PERMISSIONS")
    _, text = queues.redrive("--queue", "IngestDeadLetterQueue")
    assert "NO_PERMISSIONS" in text
    assert "Ada" not in text
    _, text = queues.redrive("--queue", "IngestDeadLetterQueue", "--bodies")
    assert "Ada Lovelace" in text
    assert "1 messages, 0 moved, 1 left" in text


def test_what_eventbridge_could_not_deliver_goes_to_the_queue_it_was_for(queues: Queues) -> None:
    ours = redrive.arn_of(queues.sqs, queues.work)
    queues.send(queues.dead, {"id": "ours"}, TARGET_ARN=ours, RULE_ARN="arn:rule")
    queues.send(queues.dead, {"id": "a schedule's"}, TARGET_ARN="arn:aws:lambda:eu-west-1:0:function:start")
    _, text = queues.redrive("--queue", "IngestDeadLetterQueue", "--move")
    assert "2 messages, 1 moved, 1 left" in text
    assert queues.bodies(queues.work) == [{"id": "ours"}]
    assert queues.bodies(queues.dead) == [{"id": "a schedule's"}]


@pytest.mark.parametrize("kept", [{"requestContext": {}, "requestPayload": {}}, {"DDBStreamBatchInfo": {}}])
def test_what_lambda_keeps_of_a_failure_is_no_work_for_the_queue(queues: Queues, kept: Any) -> None:
    queues.send(queues.dead, kept)
    assert "1 messages, 0 moved, 1 left" in queues.redrive("--queue", "IngestDeadLetterQueue", "--move")[1]
    assert queues.bodies(queues.work) == []


def test_a_queue_that_is_nobodys_can_be_emptied_but_not_moved(queues: Queues) -> None:
    queues.send(queues.nobodys, {"records": []})
    code, text = queues.redrive("--queue", "BroadcastFailureQueue", "--move")
    assert code == 1
    assert "runbook" in text
    assert "1 messages, 1 discarded, 0 left" in queues.redrive("--queue", "BroadcastFailureQueue", "--discard")[1]
    assert queues.bodies(queues.nobodys) == []


def test_a_queue_that_is_not_there_is_told_with_those_that_are(queues: Queues) -> None:
    code, text = queues.redrive("--queue", "Ingest")
    assert code == 1
    assert "IngestDeadLetterQueue" in text
