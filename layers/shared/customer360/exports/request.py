"""What is asked for with an export, as its worker gets to know it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from customer360.access.caller import Caller
from customer360.instants import answered

Kind = Literal["customer", "search", "privacy"]
Format = Literal["pdf", "csv", "xlsx", "json"]


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """One export. `maker` has the role, and so the permissions, of the moment it was asked for.

    Of a customer: `customer_id`, the `sections` (None: all) and the instants, aware UTC and both inclusive, that limit
    them. Of a search: its parameters by their names in the API, as JSON values.
    """

    id: str
    kind: Kind
    format: Format
    maker: Caller
    requested_at: datetime
    customer_id: str | None = None
    sections: tuple[str, ...] | None = None
    start: datetime | None = None
    end: datetime | None = None
    search: Mapping[str, Any] | None = None

    @property
    def filters(self) -> dict[str, Any]:
        """What the content is limited to, by the names of the API."""
        if self.search is not None:
            return dict(self.search)
        limits = {
            "sections": list(self.sections) if self.sections else None,
            "from": answered(self.start) if self.start else None,
            "to": answered(self.end) if self.end else None,
        }
        return {name: limit for name, limit in limits.items() if limit is not None}
