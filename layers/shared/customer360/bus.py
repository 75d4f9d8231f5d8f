"""Tells the outside: messages of our own on the event bus."""

from datetime import UTC, datetime

from customer360.aws import Refused, events
from customer360.settings import event_bus_name

SOURCE = "customer360"


class NotTaken(Exception):
    """The bus refused the message; it is certain that nobody was told."""


def put(kind: str, detail: str) -> None:
    """Puts one message, with JSON as its detail. Raises NotTaken; failures without an answer fly: it may be out."""
    try:
        answer = events().put_events(
            Entries=[
                {
                    "EventBusName": event_bus_name(),
                    "Source": SOURCE,
                    "DetailType": kind,
                    "Detail": detail,
                    "Time": datetime.now(UTC),
                }
            ]
        )
    except Refused as error:
        raise NotTaken from error
    if answer["FailedEntryCount"]:
        raise NotTaken(answer["Entries"][0].get("ErrorCode", "unknown"))
