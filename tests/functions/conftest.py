"""What the tests of functions share. Every function they run is held to the rights its role has in the template, and
every answer to what the OpenAPI document says of it."""

import os
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest

from support.builders import new_id
from support.contract import breaches
from support.gateway import Answer, call_function, claims_of, context, handler_of
from support.rights import missing_rights, recorded

Call = Callable[..., Answer]
IMPORT_BUCKET = "customer360-imports"
EXPORT_BUCKET = "customer360-exports"


@pytest.fixture
def call(engine: str) -> Call:
    """Calls one HTTP function as API Gateway would: `call("get_order", customer_id=…, order_id=…, role="support")`."""

    def called(name: str, **request: Any) -> Answer:
        with recorded() as calls:
            answer = call_function(name, **request)
        assert not missing_rights(name, calls)
        assert not breaches(name, answer)
        return answer

    return called


@pytest.fixture
def invoke(engine: str) -> Callable[..., Any]:
    """Runs one function with an event as it is: `invoke("ingest_events", sqs_event(…))`."""

    def invoked(name: str, event: dict[str, Any], milliseconds: int = 600_000) -> Any:
        with recorded() as calls:
            answer = handler_of(name).lambda_handler(event, context(milliseconds))
        assert not missing_rights(name, calls)
        return answer

    return invoked


@pytest.fixture
def take_in(engine: str) -> Callable[..., list[str]]:
    """Takes source events in and gives what became of each."""
    from customer360.ingestion.intake import take_in

    return lambda *events: [take_in(event["type"], event).value for event in events]


@pytest.fixture
def known_customer(take_in: Callable[..., list[str]]) -> str:
    """The id of a customer who has nothing yet."""
    from support.builders import customer

    customer_id = new_id()
    assert take_in(customer(customer_id)) == ["applied"]
    return customer_id


class Admin:
    """Somebody whose tokens nobody else has, so that the audit trail can be asked for exactly their lines."""

    def __init__(self, role: str | None) -> None:
        self.claims = claims_of(role) | {"sub": new_id("admin")}

    @property
    def trail(self) -> list[dict[str, Any]]:
        """The lines about this admin, oldest first; the last call's may take a moment."""
        key = "actor = :actor"
        values = {":actor": {"S": self.claims["sub"]}}
        dynamodb = boto3.client("dynamodb")
        found = dynamodb.query(
            TableName="AuditTable", IndexName="by-actor", KeyConditionExpression=key, ExpressionAttributeValues=values
        )
        return [{name: next(iter(value.values())) for name, value in item.items()} for item in found["Items"]]

    def trail_of(self, count: int) -> list[dict[str, Any]]:
        """The lines, once there are so many."""
        until = time.monotonic() + 5
        while len(self.trail) < count and time.monotonic() < until:
            time.sleep(0.05)
        return self.trail


@pytest.fixture
def admin(engine: str) -> Callable[[str | None], Admin]:
    return Admin


@pytest.fixture
def keep(engine: str) -> Callable[..., str]:
    """Keeps an event as rejected, as if its cause were gone now, and gives the rejection's id."""
    from customer360.exact_json import dumps
    from customer360.ingestion import rejections
    from customer360.ingestion.events import Rejected

    def kept(event: Any, *, reason: str = "unknown_type", at: datetime | None = None) -> str:
        payload = event if isinstance(event, str) else dumps(event)
        event_type = event.get("type") if isinstance(event, dict) else None
        rejection = Rejected(reason, [{"field": "type", "message": "is not known"}])
        origin = rejections.Origin(new_id("token"), at or datetime.now(UTC))
        return rejections.keep(event_type, payload, rejection, origin).sk

    return kept


@pytest.fixture
def pause_caches() -> Iterator[None]:
    """Reads tags, segments and connected sources afresh."""
    from customer360.catalog import definitions

    definitions._kept.clear()
    yield
    definitions._kept.clear()


@pytest.fixture(scope="session")
def import_bucket(engine: str) -> str:
    """The bucket of the sample event; also makes the queue a long import goes on by."""
    boto3.client("s3").create_bucket(
        Bucket=IMPORT_BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    os.environ["IMPORT_QUEUE_URL"] = boto3.client("sqs").create_queue(QueueName="imports")["QueueUrl"]
    return IMPORT_BUCKET


@pytest.fixture(scope="session")
def export_bucket(engine: str) -> str:
    """The bucket the files of exports are in; also makes the queue exports are asked for by."""
    boto3.client("s3").create_bucket(
        Bucket=EXPORT_BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    queue = boto3.client("sqs").create_queue(QueueName="exports")["QueueUrl"]
    os.environ.update(
        EXPORT_BUCKET=EXPORT_BUCKET, EXPORT_QUEUE_URL=queue, EXPORT_RETENTION_DAYS="7", EXPORT_LINK_SECONDS="900"
    )
    return EXPORT_BUCKET


@pytest.fixture(scope="session")
def ingest_queue(engine: str) -> str:
    """The queue source events come by, and by which a long batch goes on."""
    os.environ["INGEST_QUEUE_URL"] = boto3.client("sqs").create_queue(QueueName="events")["QueueUrl"]
    return os.environ["INGEST_QUEUE_URL"]


@pytest.fixture(scope="session")
def removal_queue(engine: str) -> str:
    """The queue by which a deleted tag or segment is taken from its customers."""
    os.environ["REMOVAL_QUEUE_URL"] = boto3.client("sqs").create_queue(QueueName="removals")["QueueUrl"]
    return os.environ["REMOVAL_QUEUE_URL"]


@pytest.fixture(scope="session")
def bulk_queue(engine: str) -> str:
    """The queue by which bulk assignments reach their worker."""
    os.environ["BULK_QUEUE_URL"] = boto3.client("sqs").create_queue(QueueName="bulk")["QueueUrl"]
    return os.environ["BULK_QUEUE_URL"]


@pytest.fixture(scope="session")
def erasure_queue(engine: str) -> str:
    """The queue by which an erasure reaches its worker; nobody is waited for before the second look."""
    os.environ["ERASURE_QUEUE_URL"] = boto3.client("sqs").create_queue(QueueName="erasures")["QueueUrl"]
    os.environ["SECOND_LOOK_SECONDS"] = "0"
    return os.environ["ERASURE_QUEUE_URL"]


@pytest.fixture(scope="session")
def recompute_queue(engine: str) -> str:
    """The queue by which work over all customers reaches its workers."""
    sqs = boto3.client("sqs")
    # Who follows the stream for the scores does so for the search.
    os.environ["PROJECTION_QUEUE_URL"] = sqs.create_queue(QueueName="projections")["QueueUrl"]
    os.environ["RECOMPUTE_QUEUE_URL"] = sqs.create_queue(QueueName="recomputes")["QueueUrl"]
    return os.environ["RECOMPUTE_QUEUE_URL"]


@pytest.fixture(scope="session")
def event_bus(engine: str) -> str:
    """The bus by which the outside is told."""
    os.environ["EVENT_BUS_NAME"] = "customer360-events"
    boto3.client("events").create_event_bus(Name="customer360-events")
    return "customer360-events"


@pytest.fixture(scope="session")
def mail_service(engine: str) -> str:
    """Sends e-mails from the address of the settings; gives where what it sent is listed."""
    ses = boto3.client("ses")
    ses.verify_email_identity(EmailAddress=os.environ["EMAIL_FROM_ADDRESS"])
    ses.create_configuration_set(ConfigurationSet={"Name": os.environ["EMAIL_CONFIGURATION_SET"]})
    return f"{engine}/_ministack/ses/messages"


@pytest.fixture(scope="session")
def live_gateway(engine: str) -> Iterator[Any]:
    """What the WebSocket API does of its own: hands messages to sockets and closes them."""
    from support.live import LiveGateway

    with LiveGateway() as gateway:
        os.environ["AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI"] = gateway.endpoint
        yield gateway


@pytest.fixture(scope="session")
def broadcast_failures(engine: str) -> str:
    """The queue of records nobody could be told of."""
    os.environ["BROADCAST_FAILURE_QUEUE_URL"] = boto3.client("sqs").create_queue(QueueName="broadcast-failures")[
        "QueueUrl"
    ]
    return os.environ["BROADCAST_FAILURE_QUEUE_URL"]


@pytest.fixture
def opened(call: Call, invoke: Callable[..., Any], live_gateway: Any) -> Callable[..., Any]:
    """Opens a live session of an admin with a role: `opened("manager")`."""
    from support.live import Session, connect, ticket_of

    def opened(role: str = "viewer") -> Session:
        status, connection_id = connect(invoke, ticket_of(call, role))
        assert status == 200
        return Session(invoke, live_gateway, connection_id)

    return opened
