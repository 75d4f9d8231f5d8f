"""What becomes of e-mails: what the mail service tells, repeated and in any order."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest

from customer360.actions import delivery
from customer360.actions.mail import hand_over
from customer360.errors import Contended
from support.actions import send_email, told
from support.builders import customer, new_id
from support.collection import collection, dynamodb
from support.faults import cancelled, no_answer, watch
from support.gateway import Answer, sqs_event
from support.tables import everything_kept

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("mail_service")]

Call = Callable[..., Answer]
Invoke = Callable[..., Any]
TakeIn = Callable[..., list[str]]
NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)


class Sent:
    """An e-mail that was sent to somebody with an address of their own."""

    def __init__(self, call: Call, take_in: TakeIn) -> None:
        self.customer_id = new_id()
        self.address = f"{self.customer_id}@Example.com"
        take_in(customer(self.customer_id, email=self.address))
        self.id = send_email(call, self.customer_id).json["email"]["id"]

    def told(self, kind: str, minutes: int = 0, **more: Any) -> dict[str, Any]:
        """What the service tells of it."""
        part = {"Delivery": "delivery", "Bounce": "bounce", "Complaint": "complaint", "Reject": "reject"}.get(kind, "x")
        recipients = {"Bounce": "bouncedRecipients", "Complaint": "complainedRecipients"}.get(kind, "recipients")
        at = (NOW + timedelta(minutes=minutes)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        tags = {"customer": [self.customer_id.encode().hex()], "email": [self.id], "ses:source-ip": ["203.0.113.7"]}
        detail = {"timestamp": at, recipients: [{"emailAddress": self.address.lower()}]} | more
        mail = {"messageId": "m", "timestamp": at, "destination": [self.address], "tags": tags}
        return {"eventType": kind, "mail": mail, part: detail}

    @property
    def bounce(self) -> dict[str, Any]:
        return self.told("Bounce", 2, bounceType="Permanent", bounceSubType="General")


@pytest.fixture
def sent(call: Call, take_in: TakeIn) -> Sent:
    return Sent(call, take_in)


def tell(invoke: Invoke, *events: dict[str, Any]) -> None:
    for event in events:
        assert invoke("record_email_delivery", sqs_event(event)) == {"batchItemFailures": []}


def status(call: Call, sent: Sent) -> str:
    entries = told(call, sent.customer_id)
    return str(next(entry["metadata"]["status"] for entry in entries if entry["id"] == f"~{sent.id}"))


def outcomes(call: Call, sent: Sent) -> list[dict[str, Any]]:
    """What the timeline tells of it beside the e-mail itself."""
    return [entry for entry in told(call, sent.customer_id) if entry["id"] != f"~{sent.id}"]


def test_a_delivery_is_an_entry_of_its_own_and_the_status_of_the_e_mail(call: Call, invoke: Invoke, sent: Sent) -> None:
    tell(invoke, sent.told("Delivery", 1))
    assert status(call, sent) == "delivered"
    (entry,) = outcomes(call, sent)
    assert entry["title"] == "E-mail delivered"
    assert (entry["timestamp"], entry["metadata"]) == (
        "2026-12-01T09:01:00Z",
        {"emailId": sent.id, "status": "delivered"},
    )


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
def test_the_same_comes_of_it_in_any_order_and_however_often(
    call: Call, invoke: Invoke, sent: Sent, order: tuple[int, ...]
) -> None:
    events = [sent.told("Delivery", 1), sent.bounce, sent.told("Complaint", 3)]
    tell(invoke, *(events[place] for place in order), *events)
    assert status(call, sent) == "complained"
    assert sorted(entry["title"] for entry in outcomes(call, sent)) == [
        "E-mail bounced",
        "E-mail complained of",
        "E-mail delivered",
    ]


@pytest.mark.parametrize(
    ("kind", "words"),
    [("Bounce", "could not be delivered"), ("Complaint", "complained")],
    ids=["bounced", "complained"],
)
def test_an_address_that_bounced_or_complained_is_not_written_to_again_by_whomever(
    call: Call, invoke: Invoke, take_in: TakeIn, sent: Sent, kind: str, words: str
) -> None:
    tell(invoke, sent.told(kind, 1, bounceType="Permanent"))
    for customer_id in (sent.customer_id, new_id()):
        take_in(customer(customer_id, email=sent.address.upper()))
        answer = send_email(call, customer_id)
        assert answer.status == 409
        assert words in answer.json["detail"]
    take_in(customer(sent.customer_id, email=f"new.{sent.address}", updatedAt="2026-12-02T00:00:00Z"))
    assert send_email(call, sent.customer_id).status == 201


@pytest.mark.parametrize(("kind", "list_"), [("Bounce", "bouncedRecipients"), ("Complaint", "complainedRecipients")])
def test_who_has_their_e_mails_forwarded_is_not_written_to_again_either(
    call: Call, invoke: Invoke, take_in: TakeIn, sent: Sent, kind: str, list_: str
) -> None:
    elsewhere = f"{new_id()}@example.com"
    recipients: dict[str, Any] = {list_: [{"emailAddress": elsewhere}]}
    tell(invoke, sent.told(kind, bounceType="Permanent", **recipients))
    assert send_email(call, sent.customer_id).status == 409
    take_in(customer(sent.customer_id, email=elsewhere, updatedAt="2026-12-02T00:00:00Z"))
    assert send_email(call, sent.customer_id).status == 409


def test_a_bounce_that_is_told_with_the_domain_in_ascii_is_of_the_address_the_customer_has(
    call: Call, invoke: Invoke, take_in: TakeIn, sent: Sent
) -> None:
    event = sent.bounce
    event["bounce"]["bouncedRecipients"] = [{"emailAddress": f"{sent.customer_id}@xn--mnchen-3ya.example"}]
    tell(invoke, event)
    customer_id = new_id()
    take_in(customer(customer_id, email=f"{sent.customer_id}@München.example"))
    assert send_email(call, customer_id).status == 409


def test_a_mailbox_that_is_full_for_now_is_written_to_again(call: Call, invoke: Invoke, sent: Sent) -> None:
    tell(invoke, sent.told("Bounce", 1, bounceType="Transient", bounceSubType="MailboxFull"))
    assert status(call, sent) == "returned"
    assert send_email(call, sent.customer_id).status == 201


@pytest.mark.parametrize("order", list(permutations(range(2))), ids=str)
def test_an_automatic_reply_does_not_unmake_a_delivery(
    call: Call, invoke: Invoke, sent: Sent, order: tuple[int, ...]
) -> None:
    """Who is out of the office answers what has arrived; the service calls that a bounce."""
    events = [sent.told("Delivery", 1), sent.told("Bounce", 2, bounceType="Transient", bounceSubType="General")]
    tell(invoke, *(events[place] for place in order))
    assert status(call, sent) == "delivered"


def test_who_took_an_e_mail_out_of_their_spam_is_written_to_again(call: Call, invoke: Invoke, sent: Sent) -> None:
    tell(invoke, sent.told("Complaint", 1, complaintFeedbackType="not-spam"))
    assert (status(call, sent), outcomes(call, sent)) == ("sent", [])
    assert send_email(call, sent.customer_id).status == 201


def test_a_suppressed_address_is_kept_as_a_hash_only(invoke: Invoke, sent: Sent) -> None:
    tell(invoke, sent.bounce)
    kept = dynamodb().query(
        TableName="CatalogTable",
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": "SUPPRESSED"}},
    )["Items"]
    assert kept
    assert sent.address.lower() not in str(kept).lower()


def test_a_delivery_shows_that_an_unconfirmed_e_mail_went_out(
    call: Call, invoke: Invoke, take_in: TakeIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        watch(patched).fail("SendEmail", no_answer(), late=True)
        sent = Sent(call, take_in)
    assert status(call, sent) == "unknown"
    tell(invoke, sent.told("Delivery", 1))
    assert status(call, sent) == "delivered"


def test_what_is_told_before_the_sender_has_said_so_is_not_forgotten(
    call: Call, invoke: Invoke, take_in: TakeIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is delivered between the sending and the sender's own word of it."""

    def delivered_at_once(letter: Any, sender: str, to: str, customer_id: str, email_id: str) -> Any:
        taken = hand_over(letter, sender, to, customer_id, email_id)
        told = Sent.__new__(Sent)
        told.customer_id, told.address, told.id = customer_id, to, email_id
        assert delivery.record(told.told("Delivery"), time.monotonic() + 20)
        return taken

    monkeypatch.setattr("customer360.actions.emails.hand_over", delivered_at_once)
    assert status(call, Sent(call, take_in)) == "delivered"


def test_of_an_erased_or_foreign_customer_only_the_address_is_suppressed(
    call: Call, invoke: Invoke, take_in: TakeIn, sent: Sent
) -> None:
    event = sent.bounce
    event["mail"]["tags"]["customer"] = [new_id().encode().hex()]
    before = collection(sent.customer_id)
    tell(invoke, event)
    assert collection(sent.customer_id) == before
    assert send_email(call, sent.customer_id).status == 409


def test_what_is_not_about_an_e_mail_of_ours_is_dropped(invoke: Invoke, sent: Sent) -> None:
    before = everything_kept()
    foreign = sent.bounce
    del foreign["mail"]["tags"]["email"]
    tell(invoke, foreign, sent.told("Open"), {"mail": {"tags": {}}, "eventType": "Bounce"})
    assert everything_kept() == before


def test_who_loses_the_race_is_told_again(invoke: Invoke, sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        watch(patched).fail("TransactWriteItems", cancelled("TransactionConflict"), times=1000)
        answer = invoke("record_email_delivery", sqs_event(sent.told("Delivery")), milliseconds=1_000)
    assert len(answer["batchItemFailures"]) == 1


@pytest.mark.parametrize(("seconds_left", "most"), [(60, 20), (25, 10), (3, 1)])
def test_a_busy_customer_is_waited_for_as_long_as_the_batch_can_wait(
    invoke: Invoke, sent: Sent, monkeypatch: pytest.MonkeyPatch, seconds_left: int, most: int
) -> None:
    waits = []

    def lose(_: Any, *, deadline: float) -> None:
        waits.append(deadline - time.monotonic())
        raise Contended("busy")

    monkeypatch.setattr(delivery, "until_won", lose)
    invoke("record_email_delivery", sqs_event(sent.told("Delivery")), milliseconds=1_000 * seconds_left)
    (wait,) = waits
    assert 0 < wait <= most


@pytest.mark.parametrize(
    "words", ["Successfully validated SNS topic for Amazon SES event publishing.", '"words of mine"', "[]", "", "{"]
)
def test_what_the_service_says_that_is_no_event_is_dropped_with_a_line_that_does_not_repeat_it(
    invoke: Invoke, caplog: pytest.LogCaptureFixture, words: str
) -> None:
    event = sqs_event({})
    event["Records"][0]["body"] = words
    assert invoke("record_email_delivery", event) == {"batchItemFailures": []}
    assert caplog.messages == ["not an event"]
    assert not words[2:] or words not in str([record.__dict__ for record in caplog.records])
