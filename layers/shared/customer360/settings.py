"""Every environment variable the code reads, and nothing else reads `os.environ`."""

import os
from dataclasses import dataclass, fields
from functools import cache


@dataclass(frozen=True, slots=True)
class Settings:
    """Each field is the variable of the same name in capitals; `template.yaml` sets them for every function."""

    aws_region: str
    customers_table: str
    catalog_table: str
    audit_table: str
    jobs_table: str
    directory_table: str
    search_table: str
    connections_table: str
    shop_currency: str
    shop_time_zone: str
    allowed_origins: str
    rejected_retention_days: str
    audit_retention_days: str
    pseudonym_key: str


@cache
def settings() -> Settings:
    """The settings of this process. Raises RuntimeError naming every variable that is missing."""
    values = {field.name: os.environ.get(field.name.upper(), "") for field in fields(Settings)}
    missing = sorted(name.upper() for name, value in values.items() if not value)
    if missing:
        raise RuntimeError(f"missing environment variables: {', '.join(missing)}")
    return Settings(**values)


@cache
def import_queue_url() -> str:
    """The queue an import continues on; only the import function has it."""
    return os.environ["IMPORT_QUEUE_URL"]


@cache
def ingest_queue_url() -> str:
    """The queue of source events; only the function that reads it has it."""
    return os.environ["INGEST_QUEUE_URL"]


@cache
def removal_queue_url() -> str:
    """The queue of removals; the functions that delete a tag or segment, and the one that removes it, have it."""
    return os.environ["REMOVAL_QUEUE_URL"]


@cache
def erasure_queue_url() -> str:
    """The queue of erasures; the function that begins them, and the one that does them, have it."""
    return os.environ["ERASURE_QUEUE_URL"]


@cache
def second_look_seconds() -> int:
    """How long after an erasure it is made sure that nothing has come back; only what does that has it."""
    return int(os.environ["SECOND_LOOK_SECONDS"])


@cache
def recompute_queue_url() -> str:
    """The queue of work over all customers; only what hands such work out has it."""
    return os.environ["RECOMPUTE_QUEUE_URL"]


@cache
def bulk_queue_url() -> str:
    """The queue of bulk assignments; the functions that begin one, undo it or work on it have it."""
    return os.environ["BULK_QUEUE_URL"]


@cache
def event_bus_name() -> str:
    """The bus by which the outside is told; only what tells has it."""
    return os.environ["EVENT_BUS_NAME"]


@cache
def websocket_url() -> str:
    """Where live sessions connect; only the function that hands out tickets has it."""
    return os.environ["WEBSOCKET_URL"]


@cache
def broadcast_failure_queue_url() -> str:
    """Where the broadcast puts what it cannot work on; only it has it."""
    return os.environ["BROADCAST_FAILURE_QUEUE_URL"]


@cache
def projection_queue_url() -> str:
    """The queue of customers the search could not be kept up to date with; only what keeps it has it."""
    return os.environ["PROJECTION_QUEUE_URL"]


@cache
def actions_per_minute() -> int:
    """How often an admin may take one kind of action, in the long run; only what takes actions has it."""
    return int(os.environ["ACTIONS_PER_MINUTE"])


@cache
def actions_burst() -> int:
    """How many of them at once; only what takes actions has it."""
    return int(os.environ["ACTIONS_BURST"])


def email_from_address() -> str:
    """Who e-mails to customers are from; empty where none are sent. Only the function that sends them has it."""
    return os.environ["EMAIL_FROM_ADDRESS"]


@cache
def email_configuration_set() -> str:
    """By what the mail service tells what becomes of an e-mail; only the function that sends them has it."""
    return os.environ["EMAIL_CONFIGURATION_SET"]


@cache
def shop_name() -> str:
    """How the shop signs e-mails to customers; only the function that sends them has it."""
    return os.environ["SHOP_NAME"]


@cache
def export_queue_url() -> str:
    """The queue of exports to be made; only what asks for them and what makes them has it."""
    return os.environ["EXPORT_QUEUE_URL"]


@cache
def export_bucket() -> str:
    """Where the files of exports are; only what makes, hands out and removes them has it."""
    return os.environ["EXPORT_BUCKET"]


@cache
def export_retention_days() -> int:
    """How long an export can be had; only what asks for one has it."""
    return int(os.environ["EXPORT_RETENTION_DAYS"])


@cache
def export_link_seconds() -> int:
    """How long a link to a file counts; only what hands them out has it."""
    return int(os.environ["EXPORT_LINK_SECONDS"])
