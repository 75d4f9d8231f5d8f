"""Customers are put back as they were, from a table restored beside the live one."""

from collections.abc import Callable
from typing import Any

import boto3
import pytest

import restore_customers
from support.builders import customer, instant, new_id, order
from support.gateway import Answer
from support.makers import a_tag, give_tag
from support.tables import CREATED
from support.template import resources

pytestmark = pytest.mark.engine
Call = Callable[..., Answer]


@pytest.fixture
def backed_up(engine: str) -> Callable[[], str]:
    """Makes a table with what the customers table holds now, as point-in-time recovery would."""

    def made() -> str:
        client: Any = boto3.client("dynamodb")
        name, properties = new_id("restored"), resources("AWS::DynamoDB::Table")["CustomersTable"]
        client.create_table(TableName=name, **{key: properties[key] for key in CREATED if key in properties})
        for page in client.get_paginator("scan").paginate(TableName="CustomersTable"):
            restore_customers.write(client, name, [{"PutRequest": {"Item": item}} for item in page["Items"]])
        return name

    return made


def shown(call: Call, customer_id: str) -> tuple[Any, ...]:
    view = call("get_customer_360", customer_id=customer_id).json
    timeline = call("list_timeline_events", customer_id=customer_id).json["events"]
    orders = call("list_orders", customer_id=customer_id).json["orders"]
    return view["profile"], view["metrics"], timeline, orders


def test_a_customer_is_as_they_were_and_can_be_found_so(
    call: Call, take_in: Callable[..., list[str]], backed_up: Callable[[], str]
) -> None:
    customer_id, name, other = new_id(), new_id("name"), new_id("other")
    take_in(customer(customer_id, name=name), order(customer_id), order(customer_id, "o2"))
    before = shown(call, customer_id)
    table = backed_up()
    take_in(customer(customer_id, name=other, updatedAt=instant(9)), order(customer_id, "o3"))
    take_in(order(customer_id, status="cancelled", updatedAt=instant(9)))
    tag_id = a_tag()
    give_tag(customer_id, tag_id)
    assert restore_customers.restore(table, customer_id) == "restored"
    assert shown(call, customer_id) == before
    assert [row["id"] for row in call("search_customers", query={"q": name}).json["customers"]] == [customer_id]
    assert call("search_customers", query={"q": other}).json["customers"] == []
    tags = call("get_customer_360", customer_id=customer_id).json["tags"]
    assert [tag["id"] for tag in tags] == [tag_id], "the catalog counts it"
    assert take_in(order(customer_id, "o3")) == ["applied"], "it is not known any more"


def test_the_version_goes_on_so_that_open_pages_fetch_everything(
    call: Call, take_in: Callable[..., list[str]], backed_up: Callable[[], str]
) -> None:
    from customer360.storage.items import CommitItem

    customer_id = new_id()
    take_in(customer(customer_id))
    table = backed_up()
    take_in(order(customer_id), order(customer_id, "o2"))
    latest = CommitItem.find(customer_id)
    assert latest
    assert restore_customers.restore(table, customer_id) == "restored"
    restored = CommitItem.find(customer_id)
    assert restored
    assert restored.version == latest.version + 1
    assert {name: int(version) for name, version in restored.sections.items()} == dict.fromkeys(
        latest.sections, restored.version
    )
    assert "orders" in restored.sections
    assert restored.changed.keys() == restored.sections.keys()
    assert take_in(order(customer_id)) == ["applied"]


def test_whoever_was_deleted_by_mistake_comes_back(
    call: Call, take_in: Callable[..., list[str]], backed_up: Callable[[], str]
) -> None:
    customer_id = new_id()
    take_in(customer(customer_id), order(customer_id))
    table, before = backed_up(), shown(call, customer_id)
    client: Any = boto3.client("dynamodb")
    for item in restore_customers.collection(client, "CustomersTable", f"CUSTOMER#{customer_id}").values():
        client.delete_item(TableName="CustomersTable", Key={"pk": item["pk"], "sk": item["sk"]})
    assert call("get_customer_360", customer_id=customer_id).status == 404
    assert restore_customers.restore(table, customer_id) == "restored"
    assert shown(call, customer_id) == before


def test_whoever_was_erased_since_does_not(
    take_in: Callable[..., list[str]],
    backed_up: Callable[[], str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    customer_id = new_id()
    take_in(customer(customer_id))
    table = backed_up()
    monkeypatch.setattr("customer360.privacy.tombstones.is_erased", lambda each: each == customer_id)
    assert restore_customers.restore(table, customer_id) == "erased since, left out"
    assert restore_customers.list_erased() == 1


def test_a_change_meanwhile_is_not_overwritten_unnoticed(
    take_in: Callable[..., list[str]], backed_up: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    customer_id = new_id()
    take_in(customer(customer_id))
    table, write = backed_up(), restore_customers.write

    def slow(client: Any, live: str, writes: list[Any]) -> None:
        write(client, live, writes)
        take_in(order(customer_id))

    monkeypatch.setattr(restore_customers, "write", slow)
    assert restore_customers.restore(table, customer_id) == "changed meanwhile, run it again"
    monkeypatch.undo()
    assert restore_customers.restore(table, customer_id) == "restored"


def test_whoever_is_not_in_the_table_is_told(backed_up: Callable[[], str]) -> None:
    assert restore_customers.restore(backed_up(), new_id()) == "not in that table"


def test_whoever_came_back_by_a_replaced_table_can_be_erased_again(
    call: Call,
    invoke: Callable[..., Any],
    take_in: Callable[..., list[str]],
    backed_up: Callable[[], str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    erasure_queue: str,
) -> None:
    from customer360.privacy.table import ErasureItem
    from customer360.privacy.tombstones import is_erased

    customer_id = new_id()
    take_in(customer(customer_id))
    client: Any = boto3.client("dynamodb")
    items = restore_customers.collection(client, "CustomersTable", f"CUSTOMER#{customer_id}").values()
    job_id = call("erase_customer", customer_id=customer_id).json["jobId"]
    monkeypatch.setattr(restore_customers, "customer_ids", lambda: iter([customer_id]))
    job = ErasureItem.find(job_id)
    job.verified_at = job.updated_at
    job.save()
    restore_customers.write(client, "CustomersTable", [{"PutRequest": {"Item": item}} for item in items])
    assert restore_customers.list_erased(lifts=True) == 1
    assert capsys.readouterr().out == f"{customer_id}\n"
    assert not is_erased(customer_id)
    assert call("erase_customer", customer_id=customer_id).json["jobId"] != job_id
    assert call("get_customer_360", customer_id=customer_id).status == 404


def test_whose_erasure_is_not_verified_yet_keeps_nobody_else_from_being_lifted(
    call: Call,
    take_in: Callable[..., list[str]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    erasure_queue: str,
) -> None:
    from customer360.privacy.table import ErasureItem
    from customer360.privacy.tombstones import is_erased

    unverified, verified = new_id(), new_id()
    for customer_id in (unverified, verified):
        take_in(customer(customer_id))
        job = ErasureItem.find(call("erase_customer", customer_id=customer_id).json["jobId"])
    job.verified_at = job.updated_at
    job.save()
    monkeypatch.setattr(restore_customers, "customer_ids", lambda: iter([unverified, verified]))
    assert restore_customers.list_erased(lifts=True) == 1
    assert capsys.readouterr().out == f"{unverified}: not lifted, the erasure is not verified yet\n{verified}\n"
    assert (is_erased(unverified), is_erased(verified)) == (True, False)
