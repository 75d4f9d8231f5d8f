"""What the catalogs of tags and of segments have in common: GET, POST and PATCH /api/admin/tags and …/segments"""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest

from customer360.catalog import definitions, store
from support.builders import new_id
from support.catalogs import TAGS, Catalog, of_both
from support.gateway import Answer
from support.pages import pages
from support.parallel import all_at_once

pytestmark = pytest.mark.engine

Call = Callable[..., Answer]


# ---------------------------------------------------------------- Making and listing


@of_both
def test_a_new_one_is_answered_bare_and_listed_at_once(call: Call, catalog: Catalog) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    name = new_id("VIP ")
    answer = catalog.create(call, body=catalog.body(f"  {name} ", description=" Buys much. "), role="manager")
    assert answer.status == 201, answer.text
    made = answer.json
    assert (made["name"], made["description"], made["customerCount"]) == (name, "Buys much.", 0)
    assert before <= datetime.fromisoformat(made["createdAt"]) <= datetime.now(UTC)
    assert made["updatedAt"] == made["createdAt"]
    assert catalog.row(call, made["id"]) == made


@of_both
def test_they_are_listed_by_name_whatever_its_case(call: Call, catalog: Catalog) -> None:
    prefix = new_id("p")
    for name in ("b", "A", "c", "Ä", "B2"):
        catalog.made(f"{prefix} {name}")
    names = [row["name"].removeprefix(f"{prefix} ") for row in catalog.listed(call) if row["name"].startswith(prefix)]
    assert names == ["A", "b", "B2", "c", "Ä"]


@of_both
@pytest.mark.parametrize("pages_of", [2, 7, 100])
def test_in_pages_every_one_is_listed_once(call: Call, catalog: Catalog, pages_of: int) -> None:
    for _ in range(9 - len(catalog.listed(call))):
        catalog.made(new_id("page"))
    there = [row["id"] for row in catalog.listed(call)]
    limit, walked = max(1, min(100, len(there) // pages_of)), []
    for number, page in enumerate(pages(call, f"list_{catalog.plural}", {"limit": str(limit)})):
        assert len(page[catalog.plural]) <= limit
        walked += [row["id"] for row in page[catalog.plural]]
        if number < 3:
            catalog.made(new_id("meanwhile"))
    assert [identifier for identifier in walked if identifier in there] == there
    assert len(set(walked)) == len(walked)


@of_both
@pytest.mark.parametrize("query", [{"limit": "0"}, {"limit": "101"}, {"limit": "all"}, {"cursor": "AAAA"}])
def test_a_bad_limit_or_cursor_is_400(call: Call, catalog: Catalog, query: dict[str, str]) -> None:
    answer = call(f"list_{catalog.plural}", query=query)
    assert (answer.status, answer.json["errors"][0]["field"]) == (400, next(iter(query)))


def test_a_cursor_of_the_other_catalog_is_400(call: Call) -> None:
    for _ in range(2):
        TAGS.made(new_id())
    cursor = call("list_tags", query={"limit": "1"}).json["nextCursor"]
    assert call("list_segments", query={"limit": "1", "cursor": cursor}).status == 400


@of_both
def test_a_list_is_not_sent_again_until_it_changes(call: Call, catalog: Catalog, known_customer: str) -> None:
    identifier = catalog.made(new_id())
    etag = call(f"list_{catalog.plural}").headers["ETag"]
    assert call(f"list_{catalog.plural}", headers={"If-None-Match": etag}).status == 304
    catalog.give(call, known_customer, identifier)
    assert call(f"list_{catalog.plural}", headers={"If-None-Match": etag}).status == 200


@of_both
@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": " \u00a0\u3000"}, "name"),
        ({"name": "x" * 51}, "name"),
        ({"name": None}, "name"),
        ({"name": 7}, "name"),
        ({"name": "two\nlines"}, "name"),
        ({"name": "tab\tbed"}, "name"),
        ({"name": "evil \u202egnp.exe"}, "name"),
        ({"name": "\u200b\u200d"}, "name"),
        ({"name": "\ud800"}, "name"),
        ({"name": "4111 1111 1111 1111"}, "name"),
        ({"description": "x" * 501}, "description"),
        ({"description": "4111111111111111"}, "description"),
        ({"description": 7}, "description"),
        ({"customerCount": 5}, "customerCount"),
        ({"id": "mine"}, "id"),
    ],
)
def test_what_is_wrong_is_named(call: Call, catalog: Catalog, fields: dict[str, Any], field: str) -> None:
    there = catalog.made(new_id())
    for answer in (catalog.create(call, body=catalog.body() | fields), catalog.update(call, there, fields)):
        if fields == {"name": None} and answer.status == 200:
            continue  # in a change, what is null is left as it is
        assert answer.status == 400, answer.text
        assert [fault["field"] for fault in answer.json["errors"]] == [field]


@of_both
@pytest.mark.parametrize("missing", ["name", "own"])
def test_what_is_missing_is_named(call: Call, catalog: Catalog, missing: str) -> None:
    field = "name" if missing == "name" else next(iter(catalog.more))
    body = {name: value for name, value in catalog.body().items() if name != field}
    answer = catalog.create(call, body=body)
    assert (answer.status, answer.json["errors"][0]["field"]) == (400, field)


@of_both
@pytest.mark.parametrize("name", ["x" * 50, "👩‍💻 𝔘", "山　田", "می‌خواهم", "Größe: 5 % “quoted”", "🫨", "ﷺ" * 50])
def test_names_of_any_script_are_fine(call: Call, catalog: Catalog, name: str) -> None:
    answer = catalog.create(call, name)
    assert answer.status == 201, answer.text
    assert catalog.row(call, answer.json["id"])["name"] == name
    catalog.delete_by_service(answer.json["id"], new_id())


@of_both
def test_there_may_be_so_many_and_no_more(call: Call, catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    catalog.made(new_id())
    monkeypatch.setattr(store, "MOST", len(catalog.listed(call)))
    answer = catalog.create(call)
    assert (answer.status, answer.json["code"]) == (409, "conflict")
    assert "delete one first" in answer.json["detail"]


@of_both
def test_a_repeated_request_makes_one(call: Call, catalog: Catalog) -> None:
    body, headers = catalog.body(), {"Idempotency-Key": new_id()}
    first, again = [catalog.create(call, body=body, headers=headers) for _ in range(2)]
    assert (first.status, again.status, first.text) == (201, 201, again.text)
    assert catalog.create(call, headers=headers).status == 409


@of_both
def test_the_same_request_at_once_makes_one(call: Call, catalog: Catalog) -> None:
    name = new_id()
    made = all_at_once([partial(catalog.create_by_service, name, new_id("a"))] * 6)
    assert len(set(map(str, made))) == 1
    assert [row["name"] for row in catalog.listed(call)].count(name) == 1


# ---------------------------------------------------------------- Changing


@of_both
def test_a_change_changes_what_it_names(call: Call, catalog: Catalog) -> None:
    made = catalog.create(call, body=catalog.body(description="Old.")).json
    changed = catalog.update(call, made["id"], {"description": "New."})
    assert changed.json == made | {"description": "New.", "updatedAt": changed.json["updatedAt"]}
    renamed = catalog.update(call, made["id"], {"name": new_id("renamed")}).json
    assert renamed["description"] == "New."
    assert catalog.row(call, made["id"]) == renamed


@of_both
def test_a_change_that_changes_nothing_leaves_no_trace(call: Call, catalog: Catalog) -> None:
    made = catalog.create(call, body=catalog.body(description="Old."))
    for body in ({}, {"description": " Old. "}, {"name": made.json["name"]}, {"name": None}):
        answer = catalog.update(call, made.json["id"], body)
        assert (answer.status, answer.text, answer.headers["ETag"]) == (200, made.text, made.headers["ETag"])


@of_both
@pytest.mark.parametrize("nothing", [None, "", "  "])
def test_a_description_can_be_cleared(call: Call, catalog: Catalog, nothing: str | None) -> None:
    made = catalog.create(call, body=catalog.body(description="Old.")).json
    assert "description" not in catalog.update(call, made["id"], {"description": nothing}).json
    assert "description" not in catalog.row(call, made["id"])


@of_both
def test_an_edit_of_what_is_no_longer_so_is_refused(call: Call, catalog: Catalog) -> None:
    made = catalog.create(call)
    identifier, seen = made.json["id"], {"If-Match": made.headers["ETag"]}
    changed = catalog.update(call, identifier, {"description": "1"}, headers=seen)
    assert changed.status == 200
    late = catalog.update(call, identifier, {"description": "2"}, headers=seen)
    assert (late.status, late.json["code"]) == (412, "precondition_failed")
    for etag in (changed.headers["ETag"], "*"):
        now = catalog.update(call, identifier, {"description": "2"}, headers={"If-Match": etag})
        assert now.status == 200
    listed = {"If-Match": call(f"list_{catalog.plural}").headers["ETag"]}
    assert catalog.update(call, identifier, {"description": "3"}, headers=listed).status == 200
    assert catalog.update(call, identifier, {"description": "4"}, headers=listed).status == 412


@of_both
def test_what_is_unknown_is_404(call: Call, catalog: Catalog) -> None:
    for answer in (catalog.update(call, new_id(), {"name": "New"}), catalog.delete(call, new_id())):
        assert (answer.status, answer.json["detail"]) == (404, f"no such {catalog.noun}")


@of_both
def test_a_change_reaches_the_customers_within_half_a_minute(
    call: Call, catalog: Catalog, known_customer: str, pause_caches: None
) -> None:
    identifier = catalog.made(new_id("old"))
    catalog.give(call, known_customer, identifier)

    def names() -> list[str]:
        return [row["name"] for row in call("get_customer_360", customer_id=known_customer).json[catalog.plural]]

    (old,) = names()
    catalog.update(call, identifier, {"name": "New " + old})
    read_at, items = definitions._kept[catalog.kind.plural]
    definitions._kept[catalog.kind.plural] = (read_at - 30, items)
    assert names() == ["New " + old]


@of_both
def test_a_new_one_is_shown_on_its_customers_at_once(
    call: Call, catalog: Catalog, known_customer: str, pause_caches: None
) -> None:
    """Also by a function that read the catalog a moment before."""
    given = [catalog.made(new_id())]
    catalog.give(call, known_customer, given[0])
    assert catalog.shown(call, known_customer) == given
    given.append(catalog.made(new_id()))
    catalog.give(call, known_customer, given[1])
    assert sorted(catalog.shown(call, known_customer)) == sorted(given)
