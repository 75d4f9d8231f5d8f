"""A deployed stack, as a client, a source system and an operator meet it."""

import gzip
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import httpx
import pytest

from customer360.exact_json import dumps
from stack.aws import Stack

DEADLINE_SECONDS = 120
STACK = "customer360-local"

Event = dict[str, Any]


@dataclass
class Shop:
    """What a test does to a deployed stack."""

    stack: Stack
    http: httpx.Client

    def get(self, path: str, role: str | None = "admin", **headers: str) -> httpx.Response:
        return self.request("GET", path, role, **headers)

    def post(self, path: str, role: str | None = "admin", body: Any = None, **headers: str) -> httpx.Response:
        return self.request("POST", path, role, body, **headers)

    def request(
        self, method: str, path: str, role: str | None = "admin", body: Any = None, **headers: str
    ) -> httpx.Response:
        url = f"{self.stack.api_url}{path}"
        return self.http.request(method, url, json=body, headers=self._signed(role) | headers)

    def _signed(self, role: str | None) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token(role)}"} if role else {}

    def token(self, role: str) -> str:
        return str(self.stack.token(role))

    def send(self, *events: Event) -> None:
        """Puts the events on the bus, as a source system would."""
        bus = self.stack.client("events")
        entries = [
            {
                "EventBusName": self.stack.outputs["EventBusName"],
                "Source": "shop.test",
                "DetailType": event["type"],
                "Detail": dumps({name: value for name, value in event.items() if name != "type"}),
            }
            for event in events
        ]
        for start in range(0, len(entries), 10):
            answer = bus.put_events(Entries=entries[start : start + 10])
            assert answer["FailedEntryCount"] == 0, answer

    def resource(self, logical_id: str) -> str:
        """The name (or address) of what the template calls so."""
        cloud = self.stack.client("cloudformation")
        found = cloud.describe_stack_resource(StackName=STACK, LogicalResourceId=logical_id)
        return str(found["StackResourceDetail"]["PhysicalResourceId"])

    def upload(self, key: str, body: str | bytes, *, packed: bool = False) -> None:
        data = body.encode() if isinstance(body, str) else body
        content = gzip.compress(data) if packed else data
        self.stack.client("s3").put_object(Bucket=self.stack.outputs["ImportBucketName"], Key=key, Body=content)

    def report(self, key: str) -> Event:
        """The final report of an import."""
        s3 = self.stack.client("s3")

        def finished() -> Event | None:
            try:
                found = s3.get_object(Bucket=self.stack.outputs["ImportBucketName"], Key=f"{key}.report.json")
            except s3.exceptions.NoSuchKey:
                return None
            report: Event = json.loads(found["Body"].read())
            return report if report["status"] != "running" else None

        report: Event = eventually(finished)
        return report

    def view(self, customer_id: str, *, orders: int) -> Event:
        """The 360 view once it counts so many orders."""

        def shown() -> Event | None:
            answer = self.get(f"/api/admin/customers/{customer_id}/360")
            if answer.status_code != httpx.codes.OK:
                return None
            view: Event = json.loads(answer.text, parse_float=Decimal)
            return view if view["metrics"]["totalOrders"] == orders else None

        view: Event = eventually(shown)
        return view


def eventually(look: Callable[[], Any]) -> Any:
    """What `look` gives once it gives anything; fails at the deadline."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(0.2)  # between two looks; what decides is the deadline
    pytest.fail(f"nothing within {DEADLINE_SECONDS} s")
