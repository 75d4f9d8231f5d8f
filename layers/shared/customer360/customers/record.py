"""What a customer's own record means: the profile, and the changes of it worth seeing."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, StringConstraints

from customer360.instants import from_sortable, sortable
from customer360.sources.fields import Identifier, Instant, SourceModel, Text, Title
from customer360.sources.record import Record, Snapshot, difference
from customer360.storage.keys import PROFILE
from customer360.timeline.entries import Entry

AccountStatus = Literal["active", "pending", "suspended", "closed"]
Email = Annotated[str, StringConstraints(strip_whitespace=True, max_length=320, pattern=r"^[^@\s]+@[^@\s]+$")]
Phone = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]

AddressText = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
AddressLine = Annotated[AddressText, StringConstraints(min_length=1)]


class Address(SourceModel):
    id: Identifier
    line1: AddressLine
    line2: AddressText | None = None
    city: AddressLine
    region: AddressText | None = None
    postal_code: AddressText | None = None
    country: AddressLine
    phone: Phone | None = None
    is_primary: bool = False


class OptIns(SourceModel):
    email: bool = False
    sms: bool = False
    push: bool = False


class Customer(Record):
    """`customer.upserted`: one version of the customer's own record."""

    KIND: ClassVar[str] = "PROFILE"
    SECTION: ClassVar[str] = "profile"
    FEEDS: ClassVar[frozenset[str]] = frozenset({"profile"})

    name: Title
    email: Email
    phone: Phone | None = None
    avatar_url: Annotated[Text, Field(max_length=2048)] | None = None
    registered_at: Instant
    status: AccountStatus
    addresses: list[Address] = Field(default_factory=list, max_length=200)
    opt_ins: OptIns = OptIns()
    updated_at: Instant

    @property
    def subject_id(self) -> str:
        return "profile"

    @property
    def sort_key(self) -> str:
        return PROFILE

    def snapshot(self) -> Snapshot:
        return {
            "registeredAt": sortable(self.registered_at),
            "updatedAt": sortable(self.updated_at),
            "status": self.status,
            "name": self.name,
            "email": self.email,
            "phone": self.phone,
            "addresses": [address.model_dump(exclude_none=True) for address in self.addresses],
            "optIns": self.opt_ins.model_dump(),
        }

    @classmethod
    def entries(cls, before: Snapshot | None, after: Snapshot) -> list[Entry]:
        if before is None:
            at = from_sortable(after["registeredAt"])
            return [Entry("registered", "account", "Registered", "", at, {"status": after["status"]})]
        return list(_changes(before, after))

    def changed_sections(self, before: Snapshot | None) -> set[str]:
        sections = {"profile"}
        if before is None or before["optIns"] != self.opt_ins.model_dump():
            sections.add("marketing")
        if before is None or before["registeredAt"] != sortable(self.registered_at):
            sections.add("metrics")
        return sections


def _changes(before: Snapshot, after: Snapshot) -> Iterator[Entry]:
    at = from_sortable(after["updatedAt"])
    if change := difference(before, after, "status"):
        text = f"Status changed from {change['before']} to {change['after']}"
        yield Entry("status", "account", f"Account {after['status']}", text, at, change)
    if change := difference(before, after, "name"):
        yield Entry("name", "account", "Name changed", "", at, change)
    for name, title in (("email", "E-mail address changed"), ("phone", "Phone number changed")):
        if change := difference(before, after, name):
            yield _contact_change(name, title, change, at)
    if change := difference(before, after, "addresses"):
        yield _contact_change("addresses", "Addresses changed", _changed_addresses(change), at)
    if change := difference(before, after, "optIns"):
        yield Entry("optIns", "marketing", "Opt-ins changed", _opt_ins(change), at, change)


def _contact_change(name: str, title: str, change: dict[str, Any], at: datetime) -> Entry:
    contact = {"before": change["before"], "after": change["after"]}
    return Entry(name, "account", title, "", at, {"field": name, "contact": contact})


def _changed_addresses(change: dict[str, Any]) -> dict[str, Any]:
    """Only what differs, and no more than ten of each: the entry must stay small, however many addresses there are."""
    return {
        "before": [address for address in change["before"] if address not in change["after"]][:10],
        "after": [address for address in change["after"] if address not in change["before"]][:10],
    }


def _opt_ins(change: dict[str, Any]) -> str:
    channels = [channel for channel in change["after"] if change["after"][channel] != change["before"][channel]]
    return ", ".join(f"{channel} {'on' if change['after'][channel] else 'off'}" for channel in channels)
