"""POST /api/admin/customers/{customer_id}/actions/send-email"""

from collections.abc import Callable
from typing import Any

import pytest
import requests
from botocore.exceptions import ClientError

from customer360.actions import emails
from customer360.aws import mail
from support.actions import outbox, send_email, told
from support.builders import customer, new_id
from support.collection import collection, version
from support.faults import Calls, cancelled, no_answer, refused, watch
from support.gateway import Answer
from support.repeated import forget_keys
from support.template import resources

pytestmark = pytest.mark.engine

Call = Callable[..., Answer]
TakeIn = Callable[..., list[str]]


@pytest.fixture
def recipient(take_in: TakeIn) -> tuple[str, str]:
    """The id of a customer with an address nobody else has, and the address."""
    customer_id = new_id()
    address = f"{customer_id}@example.com"
    take_in(customer(customer_id, email=address))
    return customer_id, address


@pytest.fixture
def inbox(mail_service: str) -> Callable[[str], list[dict[str, Any]]]:
    """What was sent to an address."""

    def received(address: str) -> list[dict[str, Any]]:
        every = requests.get(mail_service, timeout=10).json()["messages"]
        return [each for account in every.values() for each in account if address in each["To"]]

    return received


def answered_with(status: int, code: str) -> ClientError:
    error: Any = {"Error": {"Code": code, "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(error, "SendEmail")


def faults(monkeypatch: pytest.MonkeyPatch, failure: BaseException, *, late: bool = False) -> Calls:
    calls = watch(monkeypatch)
    calls.fail("SendEmail", failure, late=late)
    return calls


Inbox = Callable[[str], list[dict[str, Any]]]
Recipient = tuple[str, str]


def test_an_e_mail_goes_out_from_the_shop_as_text_and_as_html(call: Call, recipient: Recipient, inbox: Inbox) -> None:
    customer_id, address = recipient
    answer = send_email(call, customer_id, body="Dear Ada,\n\n<b>5 < 6</b> & so on.\nYours")
    assert answer.status == 201
    made = answer.json["email"]
    assert (made["status"], made["subject"], made["to"]) == ("sent", "Your parcel", address)
    (mail,) = inbox(address)
    assert (mail["Source"], mail["Subject"]) == ("The Tea Shop <service@example.com>", "Your parcel")
    assert mail["BodyText"].startswith("Dear Ada,\n\n<b>5 < 6</b> & so on.\nYours\n")
    assert "<p>&lt;b&gt;5 &lt; 6&lt;/b&gt; &amp; so on.<br>" in mail["BodyHtml"]
    assert "The Tea Shop" in mail["BodyHtml"]


def test_the_timeline_says_who_wrote_and_what_to_those_who_may_see_contact_data(
    call: Call, recipient: Recipient, inbox: Inbox
) -> None:
    customer_id, address = recipient
    email_id = send_email(call, customer_id).json["email"]["id"]
    (seen,) = told(call, customer_id, role="support")
    assert seen["title"] == "E-mail sent"
    assert seen["metadata"] == {
        "emailId": email_id,
        "status": "sent",
        "by": {"id": "sub-support", "name": "support@example.com"},
        "contact": {"to": address, "subject": "Your parcel", "body": "Dear Ada,\n\nit is on its way."},
    }
    (masked,) = told(call, customer_id, role="viewer")
    assert masked == seen | {"metadata": {name: seen["metadata"][name] for name in ("emailId", "status", "by")}}


def test_pages_that_watch_are_told(call: Call, recipient: Recipient, inbox: Inbox) -> None:
    customer_id, _ = recipient
    before = version(collection(customer_id))
    send_email(call, customer_id)
    commit = collection(customer_id)["HEAD#COMMIT"]
    assert int(commit["version"]["N"]) == before + 2  # put down, then sent
    assert "marketing" in commit["sections"]["M"]
    assert not outbox(customer_id)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"subject": " "}, "subject"),
        ({"subject": "x" * 201}, "subject"),
        ({"subject": "Hello\r\nBcc: all@example.com"}, "subject"),
        ({"subject": "\u200b"}, "subject"),
        ({"body": ""}, "body"),
        ({"body": "x" * 5001}, "body"),
        ({"body": "Your card 4111 1111 1111 1111 was charged."}, "body"),
        ({"to": "somebody@example.com"}, "to"),
    ],
)
def test_a_request_that_means_nothing_names_the_field(
    call: Call, known_customer: str, body: dict[str, Any], field: str
) -> None:
    answer = send_email(call, known_customer, **body)
    assert (answer.status, answer.json["errors"][0]["field"]) == (400, field)
    assert not told(call, known_customer)


def test_who_does_not_want_e_mails_gets_none(call: Call, take_in: TakeIn, inbox: Inbox) -> None:
    customer_id = new_id()
    address = f"{customer_id}@example.com"
    take_in(customer(customer_id, email=address, optIns={"email": False, "sms": True, "push": True}))
    answer = send_email(call, customer_id)
    assert (answer.status, answer.json["detail"]) == (409, "the customer does not want e-mails")
    assert not inbox(address)
    assert not told(call, customer_id)


@pytest.mark.parametrize(
    ("domain", "sent_to"),
    [
        ("München.example", "xn--mnchen-3ya.example"),
        ("mu\u0308nchen.example", "xn--mnchen-3ya.example"),
        ("xn--mnchen-3ya.example", "xn--mnchen-3ya.example"),
        ("Example.COM", "Example.COM"),
    ],
)
def test_a_domain_of_other_letters_goes_out_in_those_the_mail_service_takes(
    call: Call, take_in: TakeIn, inbox: Inbox, domain: str, sent_to: str
) -> None:
    customer_id = new_id()
    take_in(customer(customer_id, email=f"{customer_id}@{domain}"))
    assert send_email(call, customer_id).json["email"]["to"] == f"{customer_id}@{domain}"
    assert len(inbox(f"{customer_id}@{sent_to}")) == 1


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("jos\u00e9@example.com", "the mail service takes no address with other letters than a to z before the @"),
        *(
            (f"jose@{domain}", "the domain of the address has a letter that cannot stand in one")
            for domain in ("stra\u00dfe.example", "\u00fc..example", "\u00fc\uff0cb\uff20example.com", "xn--\u00fc.de")
        ),
    ],
)
def test_an_address_the_mail_service_takes_in_no_form_is_refused_with_the_reason(
    call: Call, take_in: TakeIn, address: str, reason: str
) -> None:
    customer_id = new_id()
    take_in(customer(customer_id, email=address))
    answer = send_email(call, customer_id)
    assert (answer.status, answer.json["detail"]) == (409, reason)
    assert not told(call, customer_id)


def test_where_sending_is_not_set_up_it_says_so(
    call: Call, known_customer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EMAIL_FROM_ADDRESS", "")
    answer = send_email(call, known_customer)
    assert (answer.status, answer.json["detail"]) == (409, "sending e-mails is not set up for this shop")
    assert not told(call, known_customer)


# ------------------------------------------------------------------ at most once


def test_the_client_of_the_mail_service_never_repeats_a_call_by_itself(mail_service: str) -> None:
    assert mail().meta.config.retries["total_max_attempts"] == 1


def test_a_repeated_request_sends_one(call: Call, recipient: Recipient, inbox: Inbox) -> None:
    customer_id, address = recipient
    first = send_email(call, customer_id, "k1")
    assert send_email(call, customer_id, "k1").text == first.text
    forget_keys()
    assert send_email(call, customer_id, "k1").text == first.text
    assert len(inbox(address)) == 1
    assert len(told(call, customer_id)) == 1


@pytest.mark.parametrize(
    ("failure", "late"),
    [(no_answer(), True), (no_answer(), False), (answered_with(500, "InternalFailure"), True)],
    ids=["sent, not answered", "not sent, not answered", "sent, answered with an error"],
)
def test_an_e_mail_of_which_nobody_knows_whether_it_went_out_is_shown_so_and_not_sent_again(
    call: Call, recipient: Recipient, inbox: Inbox, monkeypatch: pytest.MonkeyPatch, failure: Exception, late: bool
) -> None:
    customer_id, address = recipient
    with monkeypatch.context() as patched:
        calls = faults(patched, failure, late=late)
        answer = send_email(call, customer_id, "k1")
    assert calls.made["SendEmail"] == 1
    assert (answer.status, answer.json["email"]["status"]) == (201, "unknown")
    (entry,) = told(call, customer_id)
    assert (entry["title"], entry["metadata"]["status"]) == ("E-mail not confirmed", "unknown")
    forget_keys()
    assert send_email(call, customer_id, "k1").json == answer.json
    assert len(inbox(address)) == int(late)


def test_whoever_dies_between_putting_down_and_sending_leaves_an_e_mail_unknown(
    call: Call, recipient: Recipient, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer_id, address = recipient
    with monkeypatch.context() as patched:
        faults(patched, RuntimeError("killed"))
        assert send_email(call, customer_id, "k1").status == 500
    answer = send_email(call, customer_id, "k1")
    assert (answer.status, answer.json["email"]["status"]) == (201, "unknown")
    assert not inbox(address)


@pytest.mark.parametrize(
    ("failure", "seconds"),
    [(cancelled("TransactionConflict"), 0), (refused("AccessDeniedException"), 23), (no_answer(), 23)],
    ids=["overtaken too long", "refused", "not answered"],
)
def test_nobody_is_told_to_try_again_once_the_e_mail_is_out(
    call: Call,
    recipient: Recipient,
    inbox: Inbox,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    failure: Exception,
    seconds: float,
) -> None:
    customer_id, address = recipient
    with monkeypatch.context() as patched:
        patched.setattr("customer360.actions.emails.SETTLED_SECONDS", seconds)
        watch(patched).fail("TransactWriteItems", failure, skip=1, times=1000)
        answer = send_email(call, customer_id, "k1")
    assert (answer.status, answer.json["email"]["status"]) == (201, "sent")
    assert [entry["title"] for entry in told(call, customer_id)] == ["E-mail not confirmed"]
    assert "left unconfirmed" in caplog.messages
    forget_keys()
    assert send_email(call, customer_id, "k1").json["email"]["status"] == "unknown"
    assert len(inbox(address)) == 1


def test_sending_ends_before_the_function_and_the_api_do(mail_service: str) -> None:
    waits = mail().meta.config
    assert emails.PUT_DOWN_SECONDS + waits.connect_timeout + waits.read_timeout < emails.SETTLED_SECONDS
    limit = resources("AWS::Serverless::Function")["SendEmailFunction"]["Timeout"]
    assert limit - 5 > emails.SETTLED_SECONDS  # an attempt that has begun, and what is kept of the answer


def test_an_e_mail_the_service_refuses_may_be_sent_again_by_the_same_request(
    call: Call, recipient: Recipient, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer_id, address = recipient
    with monkeypatch.context() as patched:
        faults(patched, answered_with(400, "MessageRejected"))
        refused = send_email(call, customer_id, "k1")
    assert (refused.status, refused.json["detail"]) == (409, "the mail service refused the e-mail; it was not sent")
    assert [entry["title"] for entry in told(call, customer_id)] == ["E-mail not sent"]
    assert send_email(call, customer_id, "k1").json["email"]["status"] == "sent"
    assert [entry["title"] for entry in told(call, customer_id)] == ["E-mail sent"]
    assert len(inbox(address)) == 1


def test_what_an_e_mail_says_and_to_whom_is_in_no_log(
    call: Call, recipient: Recipient, inbox: Inbox, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer_id, address = recipient
    send_email(call, customer_id, body="Words of mine")
    with monkeypatch.context() as patched:
        faults(patched, answered_with(400, "MessageRejected"))
        send_email(call, customer_id, body="Words of mine")
    logged = str([record.__dict__ for record in caplog.records])
    assert logged
    assert "Words of mine" not in logged
    assert "Your parcel" not in logged
    assert address not in logged
