"""The TypeScript client on the deployed live endpoint: told at once, caught up after the network or the server went."""

import json
import os
import queue
import subprocess
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from e2e.shop import DEADLINE_SECONDS, Shop
from stack.aws import environment
from stack.places import ROOT, local_stack
from support.builders import customer, new_id

pytestmark = pytest.mark.e2e

CLIENT = ROOT / "clients" / "typescript"
SESSION = CLIENT / "test" / "support" / "session.mjs"

Line = dict[str, Any]


class Session:
    """A front end in a process of its own, that does what it is told and tells what it was told."""

    def __init__(self, shop: Shop, role: str) -> None:
        variables = os.environ | environment(shop.stack.endpoint)
        self._process = subprocess.Popen(
            ["node", str(SESSION)],
            env=variables | {"C360_API_URL": shop.stack.api_url, "C360_TOKEN": shop.token(role)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._lines: queue.SimpleQueue[Line] = queue.SimpleQueue()
        self._listener = Thread(target=self._listen, daemon=True)
        self._listener.start()

    def do(self, what: str, **how: Any) -> None:
        assert self._process.stdin
        self._process.stdin.write(json.dumps({"do": what} | how) + "\n")
        self._process.stdin.flush()

    def status(self, status: str) -> None:
        """Reads on until that is the status."""
        while self._next().get("status") != status:
            pass

    def change(self, section: str, kind: str = "change") -> Line:
        """Reads on until a change of the section is told: as itself, or as an `event` for Refine."""
        while True:
            line = self._next()
            told: Line = line.get(kind, {})
            if section in told.get("payload", told).get("sections", ()):
                return told

    def _next(self) -> Line:
        try:
            return self._lines.get(timeout=DEADLINE_SECONDS)
        except queue.Empty:
            pytest.fail(f"nothing more was told within {DEADLINE_SECONDS} s")

    def _listen(self) -> None:
        assert self._process.stdout
        with self._process.stdout as lines:
            for line in lines:
                self._lines.put(json.loads(line))

    def end(self) -> int:
        """Closes the client, and gives the exit code of the process: it ends once nothing is left open."""
        assert self._process.stdin
        self._process.stdin.close()
        try:
            return self._process.wait(DEADLINE_SECONDS)
        finally:
            self._process.kill()
            self._listener.join()


@pytest.fixture(scope="module")
def client() -> Path:
    """The client as it is now, built."""
    subprocess.run(["npm", "--prefix", str(CLIENT), "run", "--silent", "build"], check=True)
    return CLIENT


@pytest.fixture
def customer_id(shop: Shop) -> str:
    identifier = new_id()
    shop.send(customer(identifier))
    shop.view(identifier, orders=0)
    return identifier


@pytest.fixture
def session(shop: Shop, client: Path) -> Iterator[Session]:
    opened = Session(shop, "support")
    yield opened
    assert opened.end() == 0


@pytest.fixture
def watching(session: Session, customer_id: str) -> Session:
    """Who is told of the customer's changes from now on."""
    session.do("watch", customerId=customer_id)
    session.do("connect")
    assert session.change("notes")["cause"] == "gap"
    return session


def note(shop: Shop, customer_id: str, content: str = "Call after six.") -> str:
    made = shop.post(f"/api/admin/customers/{customer_id}/notes", "support", {"content": content})
    assert made.status_code == 201, made.text
    return str(made.json()["note"]["id"])


def version(shop: Shop, customer_id: str) -> int:
    return int(shop.get(f"/api/admin/customers/{customer_id}/360").json()["version"])


def test_a_change_is_told_with_its_version_and_records(shop: Shop, watching: Session, customer_id: str) -> None:
    made = note(shop, customer_id)
    told = watching.change("notes")
    assert (told["cause"], told["customerId"], told["ids"]["notes"]) == ("changed", customer_id, [made])
    assert told["version"] <= version(shop, customer_id)


def test_a_dropped_network_is_noticed_and_what_was_missed_is_told(
    shop: Shop, watching: Session, customer_id: str
) -> None:
    note(shop, customer_id, "before")
    watching.change("notes")
    watching.do("cut")
    watching.status("waiting")
    note(shop, customer_id, "meanwhile")
    missed = version(shop, customer_id)
    watching.do("mend")
    watching.status("open")
    told = watching.change("notes")
    assert told["cause"] == "missed"
    assert told["version"] >= missed
    note(shop, customer_id, "after")
    assert watching.change("notes")["cause"] == "changed"


def test_a_restarted_broadcaster_goes_on_where_it_was(shop: Shop, watching: Session, customer_id: str) -> None:
    note(shop, customer_id)
    watching.change("notes")
    restart(shop, "BroadcastFunction")
    note(shop, customer_id)
    told = watching.change("notes")
    assert told["cause"] == "changed"


def test_a_view_with_a_version_is_told_what_happened_since(shop: Shop, session: Session, customer_id: str) -> None:
    seen = version(shop, customer_id)
    note(shop, customer_id)
    session.do("watch", customerId=customer_id, since=seen)
    session.do("connect")
    told = session.change("notes")
    assert told["cause"] == "missed"
    assert "orders" not in told["sections"]


def test_refine_is_told_by_resource(shop: Shop, session: Session, customer_id: str) -> None:
    session.do("show", resource="notes", customerId=customer_id)
    session.do("connect")
    session.change("notes", "event")
    note(shop, customer_id)
    assert session.change("notes", "event")["payload"]["customerIds"] == [customer_id]


def test_a_customer_nobody_knows_is_said_to_be_none(session: Session) -> None:
    session.do("watch", customerId=new_id(), since=3)
    session.do("connect")
    assert session.change("profile")["cause"] == "gap"


def restart(shop: Shop, logical_id: str) -> None:
    """New processes for a function of the stack, as after a deployment."""
    stack, _ = local_stack()
    formation, functions = shop.stack.client("cloudformation"), shop.stack.client("lambda")
    found = formation.describe_stack_resource(StackName=stack, LogicalResourceId=logical_id)
    name = found["StackResourceDetail"]["PhysicalResourceId"]
    variables = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    changed = {"Variables": variables | {"RESTARTED": new_id()}}
    functions.update_function_configuration(FunctionName=name, Environment=changed)
    functions.get_waiter("function_updated_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1})
