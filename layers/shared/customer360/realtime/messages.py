"""What is said over live sessions, as JSON values. No message carries content: only which sections of whom changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from customer360.access.policy import READS_SECTION, ROLES
from customer360.errors import Conflict, Customer360Error, Invalid, NotAllowed, NotFound, Unauthenticated
from customer360.instants import DAY, answered
from customer360.storage.marks import is_of_last_day

Frame = dict[str, Any]

# The sections of a customer's page, as it shows them.
SECTIONS = (
    "profile",
    "metrics",
    "health",
    "churn",
    "orders",
    "loyalty",
    "marketing",
    "support",
    "payments",
    "analytics",
    "notes",
    "tags",
    "segments",
)
MOST_IDS = 50

# What each kind of news tells: which figure of which score.
NEWS = {"churn-level-changed": ("churn", "level"), "health-changed": ("health", "score")}
CODES: dict[type[Customer360Error], str] = {
    Conflict: "conflict",
    Invalid: "bad_request",
    NotFound: "not_found",
    NotAllowed: "forbidden",
    Unauthenticated: "unauthorized",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One commit: from which version to which, when, and which ids of which sections it changed. No ids: not said."""

    before: int
    version: int
    at: datetime
    changed: Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a customer stands: the version and when it came, which version last changed each section, and the marks by
    which the age of earlier ones is told."""

    version: int
    at: datetime
    sections: Mapping[str, Decimal]
    marks: Mapping[str, datetime] | None

    def is_of_last_day(self, version: int, now: datetime) -> bool:
        return now - self.at < DAY if version == self.version else is_of_last_day(self.marks, version, now)


def may_read(role: str, section: str) -> bool:
    return READS_SECTION.get(section, "customers:read") in ROLES.get(role, frozenset())


def changed(customer_id: str, steps: Sequence[Step], role: str) -> Frame:
    """One message for successive commits. Ids are told to who may read the section, and only if they are all."""
    touched = {section for step in steps for section in step.changed}
    ids = {section: _ids(section, steps) for section in _in_order(touched) if may_read(role, section)}
    return {
        "type": "changed",
        "channel": f"customers/{customer_id}",
        "sections": _in_order(touched),
        "from": steps[0].before,
        "version": steps[-1].version,
        "at": answered(steps[-1].at),
        "ids": {section: known for section, known in ids.items() if known},
    }


def _ids(section: str, steps: Sequence[Step]) -> list[str]:
    """All ids of the section the commits changed; none if one of them does not say, or if they are too many."""
    each = [step.changed[section] for step in steps if section in step.changed]
    every = list(dict.fromkeys(identifier for ids in each for identifier in ids))
    return every if all(each) and len(every) <= MOST_IDS else []


def missed(role: str, standing: Standing, since: int, now: datetime) -> list[str]:
    """The sections this role may read that a client with version `since` has to fetch anew.

    After a day all of them: what time alone changes moves no version. Likewise if the version is none there has been.
    """
    readable = [section for section in SECTIONS if may_read(role, section)]
    if since > standing.version or not standing.is_of_last_day(since, now):
        return readable
    return [section for section in readable if standing.sections.get(section, 0) > since]


def subscribed(customer_id: str, version: int, sections: list[str]) -> Frame:
    return {"type": "subscribed", "customerId": customer_id, "version": version, "missed": sections}


def unsubscribed(customer_id: str) -> Frame:
    return {"type": "unsubscribed", "customerId": customer_id}


def pong() -> Frame:
    return {"type": "pong"}


def notification(customer_id: str, kind: str, key: str, notice: Mapping[str, Any]) -> Frame:
    """News of a customer's scores, for everybody who may see customers; `id` tells a repeated one."""
    score, figure = NEWS[kind]
    return {
        "type": "notification",
        "id": f"{customer_id}/{key}",
        "kind": kind,
        "customerId": customer_id,
        "from": notice[score]["before"][figure],
        "to": notice[score]["after"][figure],
        "at": notice["at"],
    }


def export(export_id: str, status: str, progress: int) -> Frame:
    """How far an export has come, for whoever asked for it."""
    return {"type": "export", "exportId": export_id, "status": status, "progress": progress}


def error(code: str, message: str, asked: Mapping[str, Any]) -> Frame:
    """Why a client's message had no effect, and what of it tells which one it was."""
    told = {name: asked[name] for name in ("action", "customerId") if isinstance(asked.get(name), str)}
    return {"type": "error", "code": code, "message": message, **told}


def refusal(reason: Customer360Error, asked: Mapping[str, Any]) -> Frame:
    return error(CODES[type(reason)], str(reason), asked)


def failure(asked: Mapping[str, Any]) -> Frame:
    return error("internal_server_error", "The service could not answer; try again.", asked)


def _in_order(sections: set[str]) -> list[str]:
    return [section for section in SECTIONS if section in sections]
