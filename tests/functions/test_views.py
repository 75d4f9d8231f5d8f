"""Saved views: one's own and shared ones, checked as the search itself is."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from support.builders import new_id
from support.gateway import Answer
from support.makers import a_segment, a_tag

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("removal_queue")]

Call = Callable[..., Answer]
MakeAdmin = Callable[[str | None], Any]


@pytest.fixture
def save(call: Call) -> Callable[..., Answer]:
    """Saves a view of somebody."""

    def saved(somebody: Any, search: Any = None, *, shared: bool = False, **request: Any) -> Answer:
        body = {"name": new_id("view"), "search": search or {}, "isShared": shared} | request.pop("fields", {})
        return call("create_view", claims=somebody.claims, body=body, **request)

    return saved


def listed(call: Call, somebody: Any) -> dict[str, Any]:
    answer = call("list_views", claims=somebody.claims)
    assert answer.status == 200, answer.text
    return {view["id"]: view for view in answer.json["views"]}


def own_of(call: Call, somebody: Any) -> list[Any]:
    return [view for view in listed(call, somebody).values() if view["createdBy"]["id"] == somebody.claims["sub"]]


SEARCH = {
    "q": "ada",
    "tier": "gold",
    "churnLevel": "high",
    "registrationFrom": "2026-01-01",
    "clvMin": 100.10,
    "orderCountMax": 7,
    "emailOptIn": True,
    "sort": "-lifetimeValue",
}


def test_a_view_is_kept_as_it_was_saved(call: Call, admin: MakeAdmin, save: Callable[..., Answer]) -> None:
    somebody, tag_id, segment_id = admin("manager"), a_tag(), a_segment()
    search = SEARCH | {"tag": [tag_id], "segment": [segment_id]}
    answer = save(somebody, search, fields={"name": "  Gold at risk "})
    assert answer.status == 201, answer.text
    assert '"clvMin":100.1,' in answer.text
    made = answer.json
    assert float(made["search"].pop("clvMin")) == search.pop("clvMin")
    assert made["search"] == search
    assert (made["name"], made["isShared"], "missing" in made) == ("Gold at risk", False, False)
    assert made["createdBy"] == {"id": somebody.claims["sub"], "name": "manager@example.com"}
    assert listed(call, somebody)[made["id"]]["name"] == "Gold at risk"


def test_what_is_shared_is_everybodys_and_the_rest_is_ones_own(
    call: Call, admin: MakeAdmin, save: Callable[..., Answer]
) -> None:
    one, other = admin("viewer"), admin("viewer")
    own, shared = save(one).json["id"], save(one, shared=True).json["id"]
    assert {own, shared} <= set(listed(call, one))
    assert listed(call, other).keys() & {own, shared} == {shared}
    assert call("delete_view", view_id=own, claims=other.claims).status == 404
    assert own in listed(call, one)


def test_views_are_listed_by_name_and_in_pages_for_who_wants_them(
    call: Call, admin: MakeAdmin, save: Callable[..., Answer]
) -> None:
    somebody = admin("viewer")
    for name in ("beta", "Alpha", "gamma", "alpha"):
        save(somebody, fields={"name": name})
    names = [view["name"] for view in own_of(call, somebody)]
    assert [name.casefold() for name in names] == ["alpha", "alpha", "beta", "gamma"]
    ids: list[str] = []
    query = {"limit": "3"}
    while True:
        answer = call("list_views", claims=somebody.claims, query=query)
        ids += [view["id"] for view in answer.json["views"]]
        if "nextCursor" not in answer.json:
            break
        query = {"limit": "3", "cursor": answer.json["nextCursor"]}
    assert ids == list(listed(call, somebody))
    if "cursor" in query:
        assert call("list_views", claims=admin("viewer").claims, query=query).status == 400


@pytest.mark.parametrize(
    ("search", "field"),
    [
        ({"shoeSize": 1}, "search.shoeSize"),
        ({"limit": 10}, "search.limit"),
        ({"clvMin": "much"}, "search.clvMin"),
        ({"clvMin": 10, "clvMax": 9}, "search.clvMax"),
        ({"registrationFrom": "2026-02-01", "registrationTo": "2026-01-01"}, "search.registrationTo"),
        ({"sort": "email"}, "search.sort"),
        ({"tag": ["a b"]}, "search.tag.0"),
        ({"tag": ["nowhere"]}, "search.tag.0"),
        ({"segment": ["nowhere"]}, "search.segment.0"),
        ({"q": "4111 1111 1111 1111"}, "search.q"),
        ([], "search"),
        (None, "search"),
    ],
)
def test_a_search_that_could_not_be_made_is_not_saved(call: Call, admin: MakeAdmin, search: Any, field: str) -> None:
    somebody = admin("manager")
    answer = call("create_view", claims=somebody.claims, body={"name": "View", "search": search})
    assert (answer.status, answer.json["errors"][0]["field"]) == (400, field), answer.text


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": " "}, "name"),
        ({"name": "x" * 51}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"name": "4111111111111111"}, "name"),
        ({"name": None}, "name"),
        ({"isShared": "yes"}, "isShared"),
        ({"owner": "me"}, "owner"),
    ],
)
def test_a_view_has_a_name_and_is_shared_or_not(
    admin: MakeAdmin, save: Callable[..., Answer], fields: dict[str, Any], field: str
) -> None:
    answer = save(admin("viewer"), fields=fields)
    assert (answer.status, answer.json["errors"][0]["field"]) == (400, field)


@pytest.mark.parametrize(
    ("role", "search", "permission"),
    [
        ("viewer", {"clvMin": 1}, "financials:read"),
        ("support", {"clvMax": 1}, "financials:read"),
        ("support", {"sort": "lifetimeValue"}, "financials:read"),
        ("viewer", {"emailOptIn": True}, "marketing:read"),
    ],
)
def test_what_one_may_not_search_for_one_may_not_save_nor_see(
    call: Call, admin: MakeAdmin, save: Callable[..., Answer], role: str, search: Any, permission: str
) -> None:
    somebody = admin(role)
    refused = save(somebody, search)
    assert (refused.status, refused.json["detail"]) == (403, f"the permission {permission} is missing")
    shared = save(admin("manager"), search, shared=True).json["id"]
    assert shared not in listed(call, somebody)
    assert shared in listed(call, admin("manager"))


@pytest.mark.parametrize(
    ("fields", "is_contact"),
    [
        ({"search": {"q": "jane.private@example.com +33639983122"}}, True),
        ({"search": {"q": "06 39 98 31 22"}}, True),
        ({"name": "Ask jane.private@example.com"}, True),
        ({"name": "Jane: (0639) 98-31-22"}, True),
        ({"search": {"q": "jane ORD-20260001"}, "name": "Order #3601234567, 2026"}, False),
    ],
)
@pytest.mark.parametrize("role", ["viewer", "support", "manager", "admin"])
def test_contact_data_in_a_shared_view_is_for_who_may_read_it(
    call: Call, admin: MakeAdmin, save: Callable[..., Answer], role: str, fields: dict[str, Any], is_contact: bool
) -> None:
    maker, reader = admin("manager"), admin(role)
    view_id = save(maker, shared=True, fields=fields).json["id"]
    assert view_id in listed(call, maker)
    assert (view_id in listed(call, reader)) == (role != "viewer" or not is_contact)


def test_contact_data_in_ones_own_view_is_ones_own(call: Call, admin: MakeAdmin, save: Callable[..., Answer]) -> None:
    somebody, other = admin("viewer"), admin("viewer")
    view_id = save(somebody, {"q": "ada@example.com"}, shared=True).json["id"]
    assert view_id in listed(call, somebody)
    assert view_id not in listed(call, other)


def test_a_deleted_tag_or_segment_is_told_and_fails_nothing(
    call: Call, admin: MakeAdmin, save: Callable[..., Answer]
) -> None:
    somebody, tag_id, kept, segment_id = admin("manager"), a_tag(), a_tag(), a_segment()
    view_id = save(somebody, {"tag": [kept, tag_id], "segment": [segment_id]}).json["id"]
    call("delete_tag", tag_id=tag_id)
    call("delete_segment", segment_id=segment_id)
    view = listed(call, somebody)[view_id]
    assert view["missing"] == [{"field": "tag", "id": tag_id}, {"field": "segment", "id": segment_id}]
    assert view["search"] == {"tag": [kept, tag_id], "segment": [segment_id]}


def test_a_repeated_request_saves_one_view(call: Call, admin: MakeAdmin, save: Callable[..., Answer]) -> None:
    somebody, headers, fields = admin("viewer"), {"Idempotency-Key": new_id("k")}, {"name": "Same"}
    first = save(somebody, headers=headers, fields=fields)
    again = save(somebody, headers=headers, fields=fields)
    assert (first.status, again.status, again.text) == (201, 201, first.text)
    assert save(somebody, headers=headers, fields={"name": "Other"}).status == 409
    assert [view["name"] for view in listed(call, somebody).values()].count("Same") == 1


def test_a_view_that_was_made_but_never_answered_is_answered_when_repeated(admin: MakeAdmin) -> None:
    from customer360.access.caller import caller_of
    from customer360.views import service as views
    from customer360.views.schemas import NewView

    event = {"requestContext": {"authorizer": {"claims": admin("viewer").claims}}}
    new, action_id = NewView.model_validate({"name": "Once", "search": {}}), new_id("a")
    assert views.create(new, caller_of(event), action_id) == views.create(new, caller_of(event), action_id)


def test_of_two_that_are_kept_at_once_under_one_id_both_give_the_first(engine: str) -> None:
    from customer360.views.table import ViewItem

    partition = f"VIEWS#{new_id()}"
    common: dict[str, Any] = {"search": "{}", "created_by": "a", "created_by_name": "A"}
    made = [ViewItem(partition, "view-1", name=name, created_at=datetime.now(UTC), **common) for name in ("one", "two")]
    assert [item.keep().name for item in made] == ["one", "one"]


@pytest.mark.parametrize("shared", [False, True])
def test_there_are_so_many_and_no_more(
    call: Call, admin: MakeAdmin, save: Callable[..., Answer], monkeypatch: pytest.MonkeyPatch, shared: bool
) -> None:
    from customer360.views import service as views

    somebody = admin("manager")
    held = [view for view in listed(call, somebody).values() if view["isShared"]]
    monkeypatch.setattr(views, "MOST_SHARED" if shared else "MOST_OWN", (len(held) if shared else 0) + 2)
    made = [save(somebody, shared=shared).status for _ in range(3)]
    assert made == [201, 201, 409]
    assert save(somebody, shared=not shared).status == 201
    one = next(view["id"] for view in own_of(call, somebody) if view["isShared"] == shared)
    call("delete_view", view_id=one, claims=somebody.claims)
    assert save(somebody, shared=shared).status == 201


@pytest.mark.parametrize(("role", "status"), [("viewer", 403), ("support", 403), ("manager", 204), ("admin", 204)])
def test_a_shared_view_of_somebody_else_is_deleted_from_manager_up(
    call: Call, admin: MakeAdmin, save: Callable[..., Answer], role: str, status: int
) -> None:
    maker = admin("viewer")
    view_id = save(maker, shared=True).json["id"]
    answer = call("delete_view", view_id=view_id, role=role)
    assert answer.status == status, answer.text
    assert (view_id in listed(call, maker)) == (status == 403)


def test_ones_own_can_always_be_deleted_and_once(call: Call, admin: MakeAdmin, save: Callable[..., Answer]) -> None:
    somebody = admin("viewer")
    for shared in (False, True):
        view_id = save(somebody, shared=shared).json["id"]
        assert call("delete_view", view_id=view_id, claims=somebody.claims).status == 204
        assert view_id not in listed(call, somebody)
        assert call("delete_view", view_id=view_id, claims=somebody.claims).status == 404
