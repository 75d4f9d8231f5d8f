"""What a shop's staff would have written: tags, segments and notes, through the API as the demo admins."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_URL, uuid5

import httpx

from stack.console import Problem

if TYPE_CHECKING:
    from stack.aws import Stack

CUSTOMERS = "/api/admin/customers"
TAGS = {
    "VIP": ("#8E44AD", "Orders much and often; a colleague of their own looks after them."),
    "Wholesale": ("#2471A3", "Invoiced monthly."),
    "Complaint": ("#C0392B", "An open complaint: talk to support before any advertising."),
}
TAGGED = {
    "customer-amelie": ["VIP"],
    "customer-big": ["VIP", "Wholesale"],
    "customer-unhappy": ["Complaint"],
}
SEGMENT = "Autumn tasting"
INVITED = ["customer-amelie", "customer-lapsed"]
AUTOMATIC: dict[str, dict[str, Any]] = {
    "Best customers": {
        "all": [
            {"field": "lifetimeValue", "op": "gte", "value": 500},
            {"field": "churnLevel", "op": "ne", "value": "high"},
        ]
    },
    "Win back": {
        "all": [
            {"field": "churnLevel", "op": "eq", "value": "high"},
            {"field": "completedOrders", "op": "gte", "value": 2},
            {"field": "emailOptIn", "op": "eq", "value": True},
        ]
    },
}
NOTES: list[tuple[str, str, dict[str, Any]]] = [
    ("customer-amelie", "support", {"content": "Prefers to be called after six in the evening.", "pinned": True}),
    ("customer-amelie", "manager", {"content": "Agreed to a 5 % discount until spring.", "visibility": "managers"}),
    ("customer-unhappy", "support", {"content": "Parcel lost twice. Promised an answer by Friday."}),
    ("customer-lapsed", "support", {"content": "Moved abroad; asked whether we deliver there."}),
]


def write(stack: Stack) -> None:
    """Does what is not done yet: every request has a key of its own, so that repeating it changes nothing."""
    with httpx.Client(timeout=60) as http:
        tags = {
            name: post(http, stack, "manager", "/api/admin/tags", {"name": name, "color": color, "description": text})
            for name, (color, text) in TAGS.items()
        }
        segment = post(http, stack, "manager", "/api/admin/segments", {"name": SEGMENT, "isAutomatic": False})
        for name, criteria in AUTOMATIC.items():
            body = {"name": name, "isAutomatic": True, "criteria": criteria}
            post(http, stack, "manager", "/api/admin/segments", body)
        for customer_id, names in TAGGED.items():
            for name in names:
                post(http, stack, "support", f"{CUSTOMERS}/{customer_id}/tags", {"tagId": tags[name]["id"]})
        for customer_id in INVITED:
            post(http, stack, "manager", f"{CUSTOMERS}/{customer_id}/segments", {"segmentId": segment["id"]})
        for customer_id, role, note in NOTES:
            post(http, stack, role, f"{CUSTOMERS}/{customer_id}/notes", note)


def post(http: httpx.Client, stack: Stack, role: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """What one request made; a Problem if the API refused it."""
    key = str(uuid5(NAMESPACE_URL, path + json.dumps(body)))
    headers = {"Authorization": f"Bearer {stack.token(role)}", "Idempotency-Key": key}
    answer = http.post(f"{stack.api_url}{path}", json=body, headers=headers)
    if answer.status_code != HTTPStatus.CREATED:
        raise Problem(f"POST {path} was answered {answer.status_code}: {answer.text}", "`make logs` shows more.")
    return dict(answer.json())
