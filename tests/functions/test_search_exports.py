"""Exports of a search: everybody it finds, once, as it shows them; in pieces where it takes long."""

import gzip
import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from customer360.exports import findings
from customer360.search.projecting import project
from support.builders import customer, new_id, order
from support.catalogs import TAGS
from support.exports import (
    build,
    content,
    csv_rows,
    deliver,
    end_lease,
    fetched,
    findable,
    objects,
    objects_of,
    sent,
    state,
)
from support.faults import watch
from support.gateway import Answer
from support.makers import a_segment, a_tag, give_segment, give_tag
from support.rights import recorded

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("export_bucket", "live_gateway")]

Call = Callable[..., Answer]
Invoke = Callable[..., Any]
TakeIn = Callable[..., list[str]]

# Too little for more than a page.
SHORT = 300_000


class Killed(BaseException):
    """As a function dies that has run out of time or memory."""


def asked(call: Call, format_: str = "json", role: str = "manager", **search: Any) -> str:
    answer = call("create_search_export", role=role, body={"format": format_, "search": search})
    assert answer.status == 202, answer.text
    return str(answer.json["exportId"])


def answer_of(call: Call, export_id: str, role: str = "manager") -> Answer:
    return call("get_export", role=role, export_id=export_id)


def found_in(call: Call, export_id: str) -> list[dict[str, Any]]:
    """The rows of a ready JSON file."""
    file = json.loads(fetched(answer_of(call, export_id)), parse_float=Decimal)
    rows: list[dict[str, Any]] = file["customers"]["customers"]
    return rows


def test_everybody_found_is_in_it_as_the_search_answers_them_and_in_its_order(
    call: Call, invoke: Invoke, take_in: TakeIn
) -> None:
    word, ids = findable(take_in, 5)
    give_tag(ids[0], a_tag())
    give_segment(ids[1], a_segment())
    take_in(order(ids[2], total=Decimal("12.30")))
    for each in ids:
        project(each, datetime.now(UTC))
    search = {"q": word, "sort": "-name"}
    export_id = asked(call, **search)
    build(invoke, export_id)
    shown = call("search_customers", role="manager", query=search).json["customers"]
    assert [row["id"] for row in shown] == ids[::-1]
    assert found_in(call, export_id) == shown
    ready = answer_of(call, export_id).json
    assert (ready["manifest"]["rows"], ready["manifest"]["filters"]) == (5, search)
    assert objects_of(export_id) == {".json", ".json.manifest.json", ".json.members"}


def test_a_table_has_the_same_rows_with_names_in_its_cells(call: Call, invoke: Invoke, take_in: TakeIn) -> None:
    word, ids = findable(take_in, 3)
    give_tag(ids[1], tag := a_tag())
    project(ids[1], datetime.now(UTC))
    export_id = asked(call, "csv", q=word, sort="name")
    build(invoke, export_id)
    rows = csv_rows(fetched(answer_of(call, export_id)))
    assert [row["Customer id"] for row in rows] == ids
    name = call("list_tags", role="manager").json["tags"]
    assert [row["Tags"] for row in rows] == ["", next(each["name"] for each in name if each["id"] == tag), ""]
    assert rows[0]["E-mail"] == "a0@example.com"
    assert rows[0]["Exported by"].endswith("(sub-manager, manager)")


def test_a_search_that_finds_nobody_is_a_file_without_rows(call: Call, invoke: Invoke) -> None:
    export_id = asked(call, q=new_id("nobody"))
    build(invoke, export_id)
    assert found_in(call, export_id) == []


@pytest.mark.parametrize("page", [1, 2, 5])
def test_a_long_search_goes_on_from_where_it_was_and_is_one_file_in_the_end(
    call: Call, invoke: Invoke, take_in: TakeIn, monkeypatch: pytest.MonkeyPatch, page: int
) -> None:
    monkeypatch.setattr(findings, "PAGE", page)
    word, ids = findable(take_in, 4)
    export_id = asked(call, q=word, sort="name")
    percents = [0]
    while answer_of(call, export_id).json["status"] != "ready":
        with recorded() as calls:
            build(invoke, export_id, SHORT)
        percents.append(answer_of(call, export_id).json["progress"])
        if percents[-1] < 100:
            assert sent(calls) == [(export_id, 900), (export_id, 0)]
        assert len(percents) < 9
    assert percents == sorted(percents)
    assert len(percents) - 1 == -(-4 // page)
    assert [row["id"] for row in found_in(call, export_id)] == ids
    assert not [key for key in objects() if key.startswith(f"work/{export_id}/")]


@pytest.mark.parametrize("operation", ["Query", "BatchGetItem", "PutObject", "UpdateItem", "GetObject", "SendMessage"])
@pytest.mark.parametrize("skip", [1, 2, 3])
def test_wherever_a_worker_dies_everybody_is_in_the_file_once(
    call: Call, invoke: Invoke, take_in: TakeIn, monkeypatch: pytest.MonkeyPatch, operation: str, skip: int
) -> None:
    monkeypatch.setattr(findings, "PAGE", 1)
    word, ids = findable(take_in, 3)
    export_id = asked(call, q=word, sort="name")
    with monkeypatch.context() as patched:
        watch(patched).fail(operation, Killed(), skip=skip)
        try:
            deliver(export_id)
        except Killed:
            end_lease(export_id)
    build(invoke, export_id)
    assert [row["id"] for row in found_in(call, export_id)] == ids
    assert objects_of(export_id) == {".json", ".json.manifest.json", ".json.members"}


def test_who_moves_in_the_order_and_is_found_again_is_in_it_once(
    call: Call, invoke: Invoke, take_in: TakeIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(findings, "PAGE", 1)
    word, ids = findable(take_in, 3)
    export_id = asked(call, q=word, sort="name")
    build(invoke, export_id, SHORT)
    take_in(customer(ids[0], name=f"Z {word}", updatedAt="2026-03-01T00:00:00Z"))
    project(ids[0], datetime.now(UTC))
    build(invoke, export_id)
    rows = found_in(call, export_id)
    assert [row["id"] for row in rows] == ids
    assert rows[0]["name"] == f"A000 {word}"
    assert answer_of(call, export_id).json["manifest"]["rows"] == 3


@pytest.mark.parametrize("format_", ["pdf", "xlsx"])
def test_more_than_a_file_has_room_for_is_told_and_not_cut_off(
    call: Call, invoke: Invoke, take_in: TakeIn, monkeypatch: pytest.MonkeyPatch, format_: Any
) -> None:
    monkeypatch.setitem(findings.MOST_ROWS, format_, 2)
    word, _ = findable(take_in, 3)
    export_id = asked(call, format_, q=word)
    build(invoke, export_id)
    answer = answer_of(call, export_id).json
    assert answer["status"] == "failed"
    assert answer["error"].startswith(
        "The search finds more customers than the 2 that a file of this kind has room for."
    )
    assert objects_of(export_id) == set()


def test_a_search_that_has_lost_its_tag_is_told_and_not_cut_off(
    call: Call, invoke: Invoke, take_in: TakeIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(findings, "PAGE", 1)
    _, ids = findable(take_in, 2)
    tag = a_tag()
    for each in ids:
        give_tag(each, tag)
        project(each, datetime.now(UTC))
    export_id = asked(call, tag=[tag])
    build(invoke, export_id, SHORT)
    TAGS.delete_by_service(tag, new_id("job"))
    build(invoke, export_id)
    answer = answer_of(call, export_id).json
    assert answer["status"] == "failed"
    assert answer["error"] == "There is no such tag as the search names, or not any more."
    assert objects_of(export_id) == set()


def test_a_spreadsheet_is_made_of_a_search(call: Call, invoke: Invoke, take_in: TakeIn) -> None:
    word, _ = findable(take_in, 2)
    export_id = asked(call, "xlsx", q=word)
    build(invoke, export_id)
    assert fetched(answer_of(call, export_id)).startswith(b"PK")


def test_the_parts_are_those_the_maker_may_see_and_are_kept_apart(
    call: Call, invoke: Invoke, take_in: TakeIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(findings, "PAGE", 1)
    word, ids = findable(take_in, 2)
    export_id = asked(call, q=word, sort="name")
    build(invoke, export_id, SHORT)
    (key,) = (key for key in objects() if key.startswith(f"work/{export_id}/"))
    (row,) = map(json.loads, gzip.decompress(content(key)).splitlines())
    assert row["id"] == ids[0]
    assert state(export_id)["gathered"] == {"N": "1"}


def test_only_who_may_export_many_may_export_a_search(call: Call) -> None:
    answer = call("create_search_export", role="support", body={"format": "csv", "search": {}})
    assert (answer.status, answer.json["detail"]) == (403, "the permission exports:bulk is missing")


@pytest.mark.parametrize(
    ("search", "field"),
    [
        ({"tier": "diamond"}, "search.tier"),
        ({"sort": "shoeSize"}, "search.sort"),
        ({"healthMin": 90, "healthMax": 10}, "search.healthMax"),
        ({"limit": 10}, "search.limit"),
        ({"q": "4111 1111 1111 1111"}, "search.q"),
    ],
)
def test_a_search_that_means_nothing_is_refused_by_the_field(call: Call, search: dict[str, Any], field: str) -> None:
    answer = call("create_search_export", body={"format": "csv", "search": search})
    assert answer.status == 400
    assert [each["field"] for each in answer.json["errors"]] == [field]
