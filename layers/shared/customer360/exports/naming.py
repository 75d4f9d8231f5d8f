"""What an export's file is called: in the bucket, and where it is saved. Neither says anything about anybody."""

from hashlib import sha256
from typing import Final

from customer360.exports.request import ExportRequest

SEARCHES: Final = "searches"
DIGEST_BYTES: Final = 32

_MEDIA_TYPES: Final = {
    "pdf": "application/pdf",
    "csv": "text/csv; charset=utf-8",
    "zip": "application/zip",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
}


def owner_of(request: ExportRequest) -> str:
    """Under what it is listed and its file is kept: a hash of the customer's id, the same for all of them; or that it
    is of many."""
    return SEARCHES if request.customer_id is None else owner_named(request.customer_id)


def owner_named(customer_id: str) -> str:
    return f"customers/{digest_of(customer_id).hex()}"


def digest_of(customer_id: str) -> bytes:
    """SHA-256 of the id."""
    return sha256(customer_id.encode()).digest()


def key_of(request: ExportRequest) -> str:
    """Always the same for an export, so that whoever makes it again replaces it."""
    return f"{owner_of(request)}/{request.id}.{extension_of(request)}"


def extension_of(request: ExportRequest) -> str:
    """A customer has many tables, and a CSV file holds one."""
    return "zip" if request.format == "csv" and request.kind != "search" else request.format


def objects_prefix(key: str) -> str:
    """That of a file and of all that is kept beside it."""
    return f"{key.rpartition('.')[0]}."


def manifest_key(key: str) -> str:
    return f"{key}.manifest.json"


def members_key(key: str) -> str:
    """Where the digests of their ids are kept who are in a file of many."""
    return f"{key}.members"


def parts_prefix(export_id: str) -> str:
    """Where is what has been gathered for a file in the making."""
    return f"work/{export_id}/"


def part_key(export_id: str, number: int) -> str:
    return f"{parts_prefix(export_id)}{number:05}.jsonl.gz"


def media_type(key: str) -> str:
    return _MEDIA_TYPES[key.rpartition(".")[2]]


def saved_as(key: str) -> str:
    """The name under which a browser saves the file."""
    return key.rpartition("/")[2]
