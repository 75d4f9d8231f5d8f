"""Whatever happens, nothing of a person and no secret is logged: canaries are put everywhere and looked for."""

import gzip
import json
import logging
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from io import StringIO
from pathlib import Path
from typing import Any
from unittest.mock import patch

import boto3
import pytest
from botocore.client import BaseClient

from customer360 import aws, settings
from support.builders import customer, new_id, order, ticket
from support.gateway import Answer, bus_event, claims_of, context, handler_of, sqs_event
from support.template import functions

pytestmark = pytest.mark.engine
Call = Callable[..., Answer]
Invoke = Callable[..., Any]
EVENTS = Path(__file__).parents[2] / "events"

NAME, EMAIL, PHONE = "Zebulon Quackenbush", "zq.canary@example.org", "+49 151 87654321"
STREET, NOTE, CARD = "Canary Lane 77", "canary says his dog is ill", "4111 1111 1111 1111"
TOKEN, ADMIN, ADMIN_EMAIL = "eyJjYW5hcnk.canary.token", "Ottilie Adminsworth", "ottilie@example.org"
CANARIES = [NAME, "Quackenbush", EMAIL, PHONE, "87654321", STREET, NOTE, "his dog", CARD, "4111111111111111", TOKEN,
            ADMIN, ADMIN_EMAIL]  # fmt: skip
HEADERS = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def logged(capsys: pytest.CaptureFixture[str]) -> Iterator[Callable[[], str]]:
    """All that has been logged or printed so far, as Lambda would write it down: our lines, those of libraries, and
    what is printed."""
    from customer360.logs import logger

    text = StringIO()
    ours, theirs = logging.StreamHandler(text), logging.StreamHandler(text)
    ours.setFormatter(logger.registered_formatter)
    theirs.setFormatter(logging.Formatter("%(levelname)s %(name)s %(message)s"))
    theirs.addFilter(lambda record: record.name != logger.service)  # as Powertools tells the runtime's handler
    root, level = logging.getLogger(), logger.log_level
    before = root.level
    logger.addHandler(ours)
    root.addHandler(theirs)
    logger.setLevel("INFO")
    root.setLevel(logging.INFO)

    def so_far() -> str:
        printed = capsys.readouterr()
        text.write(printed.out + printed.err)
        return text.getvalue()

    yield so_far
    root.setLevel(before)
    logger.setLevel(level)
    root.removeHandler(theirs)
    logging.getLogger(logger.service).removeHandler(ours)


def assert_silent(text: str) -> None:
    assert text
    found = [canary for canary in CANARIES if canary.lower() in text.lower()]
    assert not found, [line for line in text.splitlines() if any(each.lower() in line.lower() for each in found)]


def canary_admin(role: str) -> dict[str, str]:
    return claims_of(role) | {"name": ADMIN, "email": ADMIN_EMAIL}


def canary_customer(customer_id: str, **data: Any) -> dict[str, Any]:
    address = {"id": "a1", "line1": STREET, "city": "Berlin", "country": "DE", "isPrimary": True}
    return customer(customer_id, **{"name": NAME, "email": EMAIL, "phone": PHONE, "addresses": [address]} | data)


def events(customer_id: str) -> list[dict[str, Any]]:
    """What a source sends: right, not valid, with a card number, of no known type, for nobody we know."""
    wrong = {"email": {"was": EMAIL}, "registeredAt": NAME, "optIns": PHONE, "addresses": [{"line1": STREET}]}
    return [
        canary_customer(customer_id),
        canary_customer(customer_id, **wrong),
        ticket(customer_id, subject=NOTE, description=f"{NAME}: {NOTE}"),
        ticket(customer_id, "t2", subject=NOTE, description=f"my card is {CARD}"),
        order(customer_id, total=NAME),
        order(customer_id, "o2", currency=EMAIL),
        {**order(customer_id, "o3"), "type": f"order.{NAME}"},
        {**order(customer_id, "o4"), "occurredAt": NOTE},
        order(new_id(), "o5", number=CARD, shippingAddress={"line1": STREET}),
    ]


# ---------------------------------------------------------------- What goes well, and what is refused


def test_source_events_of_every_fate_are_logged_without_their_content(
    invoke: Invoke, ingest_queue: str, logged: Callable[[], str]
) -> None:
    bodies = [bus_event(event) for event in events(new_id())]
    garbage = [f'{{"detail": "{NOTE}', json.dumps([NAME]), "", f"{EMAIL}"]
    invoke("ingest_events", sqs_event(*bodies, *garbage))
    text = logged()
    assert '"rejected"' in text
    assert_silent(text)


@pytest.mark.parametrize("name", ["events/canary.jsonl.gz", "csv/customer.upserted/canary.csv"])
def test_files_are_imported_without_their_content_being_logged(
    invoke: Invoke, import_bucket: str, logged: Callable[[], str], name: str
) -> None:
    customer_id = new_id()
    lines = "\n".join([*(json.dumps(event, default=str) for event in events(customer_id)), f"{{{NOTE}"])
    header = "customerId,name,email,phone,registeredAt,status,updatedAt\n"
    rows = f"{customer_id},{NAME},{EMAIL},{PHONE},{NOTE},active,{STREET}\n{customer_id},{NAME},{CARD}\n"
    body = gzip.compress(lines.encode()) if name.endswith("gz") else (header + rows).encode()
    put = boto3.client("s3").put_object(Bucket=import_bucket, Key=name, Body=body)
    uploaded = {"key": name, "eTag": put["ETag"].strip('"'), "sequencer": new_id("s"), "size": len(body)}
    notice = {"Records": [{"s3": {"bucket": {"name": import_bucket}, "object": uploaded}}]}
    assert invoke("import_file", sqs_event(notice)) == {"batchItemFailures": []}
    text = logged()
    assert '"imported"' in text
    assert name not in text  # a source chooses it
    assert_silent(text)


def test_what_admins_ask_and_write_is_logged_without_its_content(
    call: Call, invoke: Invoke, ingest_queue: str, recompute_queue: str, logged: Callable[[], str]
) -> None:
    customer_id = new_id()
    invoke("ingest_events", sqs_event(*(bus_event(event) for event in events(customer_id))))
    admin: dict[str, Any] = {"claims": canary_admin("admin"), "headers": HEADERS}
    for name in ("get_customer_360", "list_tickets", "list_timeline_events", "list_notes", "get_scores"):
        assert call(name, customer_id=customer_id, **admin).status == 200
    note = {"content": f"{NOTE}, {NAME}"}
    keyed = {**admin, "headers": HEADERS | {"Idempotency-Key": NAME}}
    assert [call("add_note", customer_id=customer_id, body=note, **keyed).status for _ in range(2)] == [201, 201]
    assert call("add_note", customer_id=customer_id, body={"content": NOTE * 500}, **admin).status == 400
    assert call("add_note", customer_id=customer_id, body={"content": CARD}, **admin).status == 400
    assert call("add_note", customer_id=customer_id, body={"contents": NOTE, EMAIL: 1}, **admin).status == 400
    assert call("search_customers", query={"q": NAME}, **admin).status == 200
    assert call("search_customers", query={"q": EMAIL, "tier": NAME, "clvMin": PHONE}, **admin).status == 400
    assert call("list_orders", customer_id=customer_id, query={"cursor": EMAIL, "from": NOTE}, **admin).status == 400
    assert call("get_customer_360", customer_id=EMAIL, **admin).status == 404
    assert call("create_view", body={"name": NAME, "search": {"q": EMAIL}}, **admin).status == 201
    assert call("list_payments", customer_id=customer_id, claims=canary_admin("viewer"), headers=HEADERS).status == 403
    assert call("get_me", claims={"token_use": TOKEN, "email": ADMIN_EMAIL}, headers=HEADERS).status == 401
    assert call("list_rejected_events", **admin).status == 200
    text = logged()
    assert '"answered"' in text
    assert_silent(text)


# ---------------------------------------------------------------- What nobody expected

# An error message that quotes what it failed at, as those of Python, botocore and pydantic do.
WORDS = " / ".join([NAME, EMAIL, PHONE, STREET, NOTE, CARD, TOKEN, ADMIN])


def failing(_: Any, operation: str, arguments: dict[str, Any]) -> Any:
    try:
        raise KeyError(WORDS)
    except KeyError as error:
        raise ValueError(f"{operation} of {arguments}: {WORDS}") from error


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", functions())
def test_an_unexpected_failure_is_logged_without_its_words(
    name: str, logged: Callable[[], str], engine: str, every_queue: None
) -> None:
    """Every call to AWS fails with such a message; neither the log nor what the runtime is left with has a word of
    it."""
    event: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text())
    handler = handler_of(name).lambda_handler
    flew = ""
    with patch.object(BaseClient, "_make_api_call", failing), suppress(SystemExit):
        try:
            handler(event, context())
        except Exception as error:  # noqa: BLE001 - whatever it is
            flew = f"{error!s} {error!r}"
    text = logged()
    assert "ValueError" in text
    assert "test_logs.py" in text, "where it arose"
    assert_silent(text + flew)


@pytest.fixture
def every_queue() -> Iterator[None]:
    """A value for every variable that any function has of its own, and nothing of it remembered."""
    from support.template import resources

    with pytest.MonkeyPatch.context() as monkeypatch:
        for properties in resources("AWS::Serverless::Function").values():
            for variable in properties.get("Environment", {}).get("Variables", {}):
                monkeypatch.setenv(variable, "http://127.0.0.1:9/000000000000/nowhere")
        forget_what_was_read()
        yield
    forget_what_was_read()


def forget_what_was_read() -> None:
    for module in (aws, settings):
        for remembered in vars(module).values():
            if hasattr(remembered, "cache_clear"):
                remembered.cache_clear()


def test_only_one_module_makes_the_logger() -> None:
    """Another one would write the words of exceptions."""
    root = Path(__file__).parents[2]
    modules = [*(root / "layers").rglob("*.py"), *(root / "functions").rglob("*.py")]
    makers = [path.name for path in modules if re.search(r"import .*Logger|getLogger\(", path.read_text())]
    assert makers == ["logs.py"]
