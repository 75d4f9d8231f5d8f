"""SQS, fed by the import bucket: files of source events, plain or gzip, JSON Lines or CSV, counted exactly once."""

import gzip
import json
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import uuid4

import boto3
import pytest

from customer360.exact_json import dumps, loads
from support.builders import customer, new_id, order, ticket
from support.faults import lose_answers
from support.gateway import Answer, sqs_event
from support.pages import rejections

pytestmark = pytest.mark.engine

Call = Callable[..., Answer]
Invoke = Callable[..., Any]
IMPORT = "import_file"
DONE: dict[str, Any] = {"batchItemFailures": []}
PAYMENTS = "customerId,transactionId,amount,currency,status,at,updatedAt"
AT = "2026-01-01T00:00:00Z"


class Bucket:
    """The import bucket, and the queue of its notifications."""

    def __init__(self, name: str, invoke: Invoke) -> None:
        self.name, self.invoke = name, invoke
        self.s3: Any = boto3.client("s3")
        self.sqs: Any = boto3.client("sqs")
        self.queue = self.sqs.get_queue_url(QueueName="imports")["QueueUrl"]

    def put(self, key: str, content: bytes) -> str:
        """Uploads the file and gives the body of its notification."""
        etag = self.s3.put_object(Bucket=self.name, Key=key, Body=content)["ETag"].strip('"')
        uploaded = {"key": key.replace(" ", "+"), "size": len(content), "eTag": etag, "sequencer": uuid4().hex[:16]}
        return json.dumps({"Records": [{"s3": {"bucket": {"name": self.name}, "object": uploaded}}]})

    def run(self, notification: str, milliseconds: int = 600_000) -> None:
        assert self.invoke(IMPORT, sqs_event(notification), milliseconds) == DONE

    def waiting(self) -> list[str]:
        """The messages by which imports go on; taken out."""
        found = self.sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10).get("Messages", [])
        for message in found:
            self.sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])
        return [message["Body"] for message in found]

    def report(self, key: str) -> dict[str, Any]:
        report: dict[str, Any] = loads(self.s3.get_object(Bucket=self.name, Key=f"{key}.report.json")["Body"].read())
        return report


@pytest.fixture
def bucket(import_bucket: str, invoke: Invoke) -> Bucket:
    return Bucket(import_bucket, invoke)


class Measured:
    """What was logged as a metric."""

    def __init__(self, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level("INFO", logger="customer360")
        self.caplog = caplog

    def all(self) -> Counter[str]:
        total: Counter[str] = Counter()
        for line in (record.__dict__ for record in self.caplog.records if "_aws" in record.__dict__):
            (directive,) = line["_aws"]["CloudWatchMetrics"]
            assert (directive["Namespace"], directive["Dimensions"]) == ("Customer360", [["service"]])
            total.update({metric["Name"]: int(line[metric["Name"]]) for metric in directive["Metrics"]})
        return total

    def said(self, message: str) -> bool:
        return message in self.caplog.messages


@pytest.fixture
def measured(caplog: pytest.LogCaptureFixture) -> Measured:
    return Measured(caplog)


def lines_of(*events: Any) -> bytes:
    return "".join((event if isinstance(event, str) else dumps(event)) + "\n" for event in events).encode()


def a_key(suffix: str = ".jsonl", folder: str = "events") -> str:
    return f"{folder}/{new_id('file')}{suffix}"


def counts(report: dict[str, Any]) -> dict[str, int]:
    return {name: report[name] for name in ("read", "applied", "unchanged", "rejected", "held")}


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_a_file_of_events_is_applied_and_reported(call: Call, bucket: Bucket, pack: Callable[[bytes], bytes]) -> None:
    customer_id, key = new_id(), a_key()
    events = [customer(customer_id), *(order(customer_id, f"o{n}", total=Decimal("0.10")) for n in range(3))]
    bucket.run(bucket.put(key, pack(b"\xef\xbb\xbf" + lines_of(*events, "", "  ") + lines_of(events[1]).rstrip())))
    assert call("list_orders", customer_id=customer_id).json["totalRevenue"] == Decimal("0.30")
    report = bucket.report(key)
    assert counts(report) == {"read": 5, "applied": 4, "unchanged": 1, "rejected": 0, "held": 0}
    assert (report["file"], report["status"], report["line"], report["rejectedLines"]) == (key, "completed", 7, [])
    assert report.keys() >= {"startedAt", "updatedAt", "eventsPerSecond"}


def test_a_csv_file_is_applied(call: Call, bucket: Bucket) -> None:
    customer_id, key = new_id(), a_key(".csv", "csv/customer.upserted")
    header = "customerId,name,email,registeredAt,status,updatedAt,optIns.email"
    row = f'{customer_id},"Ada ""the first"",\r\nCountess",ada@example.com,{AT},active,{AT},true'
    bucket.run(bucket.put(key, f"\ufeff{header}\r\n{row}\r\n\r\n".encode()))
    profile = call("get_customer_360", customer_id=customer_id).json["profile"]
    assert profile["name"] == 'Ada "the first",\r\nCountess'
    assert profile["optIns"] == {"email": True, "sms": False, "push": False}
    assert counts(bucket.report(key)) == {"read": 1, "applied": 1, "unchanged": 0, "rejected": 0, "held": 0}


def test_the_same_file_again_changes_nothing(call: Call, bucket: Bucket) -> None:
    customer_id, key = new_id(), a_key()
    content = lines_of(customer(customer_id), order(customer_id))
    first = bucket.put(key, content)
    bucket.run(first)
    version = call("get_customer_360", customer_id=customer_id).json["version"]
    bucket.run(first)  # the same notification: the import it began is done
    assert counts(bucket.report(key))["applied"] == 2
    bucket.run(bucket.put(key, content))  # another upload: every event is known
    assert counts(bucket.report(key)) == {"read": 2, "applied": 0, "unchanged": 2, "rejected": 0, "held": 0}
    assert call("get_customer_360", customer_id=customer_id).json["version"] == version


def test_a_bad_line_is_reported_kept_and_holds_nobody_up(call: Call, bucket: Bucket) -> None:
    customer_id, key = new_id(), a_key()
    lines = [
        customer(customer_id),
        "not JSON",
        order(customer_id, "o2", currency="USD"),
        '{"type":"order.upserted"}',
        "[]",
        '{"eventId":"e"}',
        '"\\ud800"',
        '{"type":"\\ud800"}',
        '{"type":"order.upserted","data":{"total":1e99999999999999999999}}',
        '{"type":"analytics.session.recorded","data":{"pageViews":1e999999999}}',
        "x" * 1_100_000,
        ticket(customer_id, description="4111 1111 1111 1111"),
        order(customer_id),
    ]
    bucket.run(bucket.put(key, lines_of(*lines) + b'{"name": "\xff"}\n'))
    report = bucket.report(key)
    assert counts(report) == {"read": 14, "applied": 2, "unchanged": 0, "rejected": 12, "held": 0}
    assert [bad["line"] for bad in report["rejectedLines"]] == [2, *range(3, 13), 14]
    reasons = {bad["line"]: bad["reason"] for bad in report["rejectedLines"]}
    assert (reasons[2], reasons[3], reasons[8], reasons[11], reasons[12]) == (
        "invalid", "invalid", "unknown_type", "too_large", "card_number",
    )  # fmt: skip
    assert "4111 1111" not in json.dumps(report, default=str)
    mine = {item["line"]: item for item in rejections(call) if item.get("file") == key}
    assert mine.keys() == reasons.keys()
    assert {line: item["replayable"] for line, item in mine.items() if line in {2, 3, 11, 12}} == {
        2: False, 3: True, 11: False, 12: False,
    }  # fmt: skip
    assert {bad["id"] for bad in report["rejectedLines"]} == {item["id"] for item in mine.values()}


def test_an_event_ahead_of_its_customer_is_held_and_counted(call: Call, bucket: Bucket) -> None:
    customer_id, key = new_id(), a_key()
    bucket.run(bucket.put(key, lines_of(order(customer_id), customer(customer_id))))
    assert counts(bucket.report(key)) == {"read": 2, "applied": 2, "unchanged": 0, "rejected": 0, "held": 1}
    assert call("list_orders", customer_id=customer_id).json["totalOrders"] == 1


def test_the_lines_of_a_file_are_measured_once_by_what_became_of_them(
    bucket: Bucket, measured: Measured, monkeypatch: pytest.MonkeyPatch
) -> None:
    from customer360.ingestion import imports

    monkeypatch.setattr(imports, "CHUNK_LINES", 2)
    customer_id, one = new_id(), order(new_id(), "o1")
    events = [order(customer_id), customer(customer_id), customer(customer_id), one, one, "not JSON", "", "[]"]
    notification = bucket.put(a_key(), lines_of(*events))
    bucket.run(notification)
    bucket.run(notification)
    assert measured.all() == {"EventsApplied": 2, "EventsHeld": 2, "EventsUnchanged": 1, "EventsRejected": 2}
    assert measured.said("imported")


def test_an_import_without_time_goes_on_in_another_invocation(
    call: Call, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    from customer360.ingestion import imports

    monkeypatch.setattr(imports, "CHUNK_LINES", 2)
    customer_id, key = new_id(), a_key()
    events = [customer(customer_id), *(order(customer_id, f"o{n}") for n in range(4)), "not JSON"]
    notification = bucket.put(key, gzip.compress(lines_of(*events)))
    bucket.waiting()
    bucket.run(notification, milliseconds=1000)
    assert bucket.report(key)["status"] == "running"
    assert bucket.waiting() == [notification]
    bucket.run(notification)
    assert bucket.waiting() == []
    assert counts(bucket.report(key)) == {"read": 6, "applied": 5, "unchanged": 0, "rejected": 1, "held": 0}
    assert call("list_orders", customer_id=customer_id).json["totalOrders"] == 4


def test_an_import_goes_on_after_writes_that_are_sent_twice_for_want_of_an_answer(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    from customer360.ingestion import imports

    monkeypatch.setattr(imports, "CHUNK_LINES", 2)
    customer_id, key = new_id(), a_key()
    notification = bucket.put(key, lines_of(customer(customer_id), *(order(customer_id, f"o{n}") for n in range(4))))
    with monkeypatch.context() as patched:
        lost = lose_answers(patched, "UpdateItem", "PutItem")
        bucket.run(notification)
    assert lost
    assert bucket.report(key)["status"] == "completed"
    assert counts(bucket.report(key)) == {"read": 5, "applied": 5, "unchanged": 0, "rejected": 0, "held": 0}


def test_an_import_that_died_counts_every_line_once(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    from customer360.ingestion import imports

    monkeypatch.setattr(imports, "CHUNK_LINES", 2)
    customer_id, key = new_id(), a_key()
    events = [customer(customer_id), *(order(customer_id, f"o{n}") for n in range(4))]
    notification = bucket.put(key, lines_of(*events))
    saved = imports._save

    def die(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(imports, "_save", die)
    with pytest.raises(KeyboardInterrupt):  # after the first chunk was applied, before that was written down
        bucket.run(notification)
    monkeypatch.setattr(imports, "_save", saved)
    bucket.run(notification)
    assert counts(bucket.report(key)) == {"read": 5, "applied": 5, "unchanged": 0, "rejected": 0, "held": 0}


@pytest.mark.parametrize(
    ("content", "failure"),
    [
        (gzip.compress(lines_of(*(customer("of-a-damaged-file") for _ in range(50))))[:-9], "gzip is damaged"),
        (b"\x1f\x8bnot a gzip", "gzip is damaged"),
    ],
)
def test_a_file_that_cannot_be_read_is_reported(
    bucket: Bucket, measured: Measured, content: bytes, failure: str
) -> None:
    key = a_key(".gz")
    bucket.run(bucket.put(key, content))
    assert bucket.report(key)["status"] == "failed"
    assert failure in bucket.report(key)["failure"]
    assert measured.all()["ImportsFailed"] == 1
    assert measured.said("import failed")
    assert not measured.said("imported")


@pytest.mark.parametrize(
    ("folder", "content", "failure"),
    [
        ("csv/order.shipped", "customerId\n", "order.shipped"),
        ("csv", "customerId\n", "no event type"),
        ("csv/customer.upserted", "customerId,name\n", "lacks email"),
        ("csv/customer.upserted", "", "no header"),
        ("csv/customer.upserted", '"customerId\n', "header"),
    ],
)
def test_a_csv_file_without_a_usable_header_is_reported(
    bucket: Bucket, measured: Measured, folder: str, content: str, failure: str
) -> None:
    key = a_key(".csv", folder)
    bucket.run(bucket.put(key, content.encode()))
    assert bucket.report(key)["status"] == "failed"
    assert failure in bucket.report(key)["failure"]
    assert measured.all() == {"ImportsFailed": 1}


def test_a_stray_quote_spoils_no_more_than_its_own_rows(bucket: Bucket) -> None:
    key = a_key(".csv", "csv/payment.transaction.upserted")
    row = f"nobody-{key},p1,1.00,EUR,succeeded,{AT},{AT}\n"
    bucket.run(bucket.put(key, (PAYMENTS + "\n" + '"' + row * 50).encode()))
    assert bucket.report(key)["status"] == "completed"
    assert counts(bucket.report(key))["rejected"] >= 1


def test_a_file_deleted_meanwhile_is_reported(bucket: Bucket, measured: Measured) -> None:
    key = a_key()
    notification = bucket.put(key, lines_of(customer(new_id())))
    bucket.s3.delete_object(Bucket=bucket.name, Key=key)
    bucket.run(notification)
    assert bucket.report(key)["status"] == "failed"
    assert "deleted" in bucket.report(key)["failure"]
    assert measured.all() == {"ImportsFailed": 1}


def test_only_the_latest_upload_of_a_key_is_reported(call: Call, bucket: Bucket, measured: Measured) -> None:
    first, second, key = new_id(), new_id(), a_key()
    older = bucket.put(key, lines_of(customer(first)))
    newer = bucket.put(key, lines_of(customer(second)))
    bucket.run(newer)
    bucket.run(older)
    bucket.run(older)  # the notification comes twice
    assert bucket.report(key)["status"] == "completed"
    assert call("get_customer_360", customer_id=second).status == 200
    assert call("get_customer_360", customer_id=first).status == 404
    assert (measured.all()["EventsApplied"], measured.all()["ImportsFailed"]) == (1, 2)


def test_an_empty_file_is_done(bucket: Bucket) -> None:
    key = a_key()
    bucket.run(bucket.put(key, b""))
    assert bucket.report(key)["status"] == "completed"
    assert counts(bucket.report(key))["read"] == 0


def test_a_name_with_spaces_and_signs_is_found(bucket: Bucket) -> None:
    key = f"events/{new_id()} a file.jsonl"
    bucket.run(bucket.put(key, lines_of(customer(new_id()))))
    assert counts(bucket.report(key))["applied"] == 1


@pytest.mark.parametrize("key", ["events/a.jsonl.report.json", "events/folder/"])
def test_our_own_reports_and_folders_are_not_imported(bucket: Bucket, key: str) -> None:
    bucket.run(bucket.put(key, b"not JSON\n"))
    listed = bucket.s3.list_objects_v2(Bucket=bucket.name, Prefix=f"{key}.report")
    assert "Contents" not in listed


def test_the_buckets_test_notification_is_ignored(bucket: Bucket) -> None:
    bucket.run('{"Service":"Amazon S3","Event":"s3:TestEvent","Bucket":"customer360-imports"}')


def test_another_workers_import_is_left_to_it(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    from customer360.ingestion import imports
    from customer360.ingestion.table import TakenOver

    def taken(*_: Any) -> bool:
        raise TakenOver

    monkeypatch.setattr(imports, "run", taken)
    bucket.run(bucket.put(a_key(), lines_of(customer(new_id()))))


def test_a_failure_brings_the_notification_again(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    from customer360.ingestion import imports

    def fail(*_: Any) -> bool:
        raise TimeoutError

    monkeypatch.setattr(imports, "run", fail)
    batch = sqs_event(bucket.put(a_key(), b""))
    assert bucket.invoke(IMPORT, batch) == {"batchItemFailures": [{"itemIdentifier": batch["Records"][0]["messageId"]}]}
