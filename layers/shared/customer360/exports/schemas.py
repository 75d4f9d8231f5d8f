"""What the endpoints of exports take and answer."""

from typing import Annotated, Any, Final, Literal

from pydantic import Field, JsonValue, WithJsonSchema

from customer360.api.schema import Instant, Request, Response, absent_if_none
from customer360.exports.request import Format, Kind
from customer360.exports.sections import SECTIONS
from customer360.search.query import SearchQuery

Status = Literal["queued", "running", "ready", "failed"]

_DAY_OR_INSTANT: Final[dict[str, JsonValue]] = {
    "anyOf": [{"type": "string", "format": "date"}, {"type": "string", "format": "date-time"}]
}

_Section = Annotated[str, WithJsonSchema({"type": "string", "enum": [*SECTIONS]})]


class NewCustomerExport(Request):
    """`sections` are those of the page, without it all that the caller may open; `from` and `to` (a date or an instant,
    inclusive) limit what has happened."""

    format: Format
    sections: list[_Section] | None = Field(default=None, max_length=20)
    start: str | None = Field(default=None, alias="from", max_length=40, json_schema_extra=_DAY_OR_INSTANT)
    end: str | None = Field(default=None, alias="to", max_length=40, json_schema_extra=_DAY_OR_INSTANT)


class NewSearchExport(Request):
    """`search` holds parameters of the customer search by their names, without `limit` and `cursor`."""

    format: Format
    search: SearchQuery


class Manifest(Response):
    """What a file holds, as it is also kept beside it: `filters` by the names of the request, the `version` the
    customer had when it was begun, the number of `rows` of its tables."""

    export_id: str
    kind: Kind
    format: Format
    filters: dict[str, Any]
    version: int | None = absent_if_none()
    made_at: Instant
    rows: int
    size: int
    sha256: str


class Export(Response):
    """How far an export has come, in percent. When it is `ready`: where the file is to be had without a token until
    `expiresAt` (each answer brings a new link) and its size in bytes. When it has `failed`: why."""

    export_id: str
    status: Status
    progress: int
    kind: Kind
    format: Format
    requested_at: Instant
    finished_at: Instant | None = absent_if_none()
    url: str | None = absent_if_none()
    expires_at: Instant | None = absent_if_none()
    size: int | None = absent_if_none()
    error: str | None = absent_if_none()
    manifest: Manifest | None = absent_if_none()
