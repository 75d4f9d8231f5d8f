"""A tag or segment for everybody a search finds: asked for, previewed, done, and told of."""

from collections.abc import Callable
from typing import Any

import pytest

from customer360.bulk import reading, walking
from customer360.search import planning
from support.builders import customer, instant, new_id
from support.bulk import begin, changed_by, counts, crowd, done_in_bulk, request, work, work_once
from support.catalogs import SEGMENTS, TAGS, Catalog, of_both
from support.collection import collection, version
from support.faults import no_answer, watch
from support.finding import make_findable
from support.gateway import Answer, claims_of
from support.makers import a_segment, a_tag
from support.removals import have, sent
from support.rights import recorded

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("bulk_queue")]

Call = Callable[..., Answer]
Invoke = Callable[..., Any]
TakeIn = Callable[..., list[str]]


def preview(call: Call, body: dict[str, Any], role: str = "manager") -> Answer:
    return call("preview_bulk_assignment", body=body, role=role)


@of_both
def test_everybody_whom_the_search_finds_gets_it_and_nobody_else(
    call: Call, invoke: Invoke, take_in: TakeIn, catalog: Catalog
) -> None:
    word, ids = crowd(take_in, 5)
    _, others = crowd(take_in, 1)
    identifier = catalog.made(new_id())
    catalog.give_by_service(ids[2], identifier)
    job_id = done_in_bulk(call, invoke, request(catalog, identifier, {"q": word}))
    assert have(catalog, identifier, ids + others) == ids
    assert catalog.count(call, identifier) == 5
    assert counts(call, job_id) == ("completed", 5, 5, 4, 0)
    assert sorted(changed_by(job_id)) == sorted(set(ids) - {ids[2]})


@of_both
def test_it_is_taken_from_everybody_whom_the_search_finds(
    call: Call, invoke: Invoke, take_in: TakeIn, catalog: Catalog
) -> None:
    word, ids = crowd(take_in, 4)
    identifier = catalog.made(new_id())
    for each in ids[:3]:
        catalog.give_by_service(each, identifier)
    job_id = done_in_bulk(call, invoke, request(catalog, identifier, {"q": word}, "remove"))
    assert have(catalog, identifier, ids) == []
    assert catalog.count(call, identifier) == 0
    assert counts(call, job_id) == ("completed", 4, 4, 3, 0)


def test_those_who_have_a_tag_lose_it_although_the_search_is_for_it(
    call: Call, invoke: Invoke, take_in: TakeIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "PAGE", 2)
    _, ids = crowd(take_in, 7)
    tag_id = a_tag()
    for each in ids:
        TAGS.give_by_service(each, tag_id)
    make_findable(*ids)
    job_id, messages = begin(call, request(TAGS, tag_id, {"tag": [tag_id]}, "remove"))
    work_once(invoke, *messages)
    assert have(TAGS, tag_id, ids) == []
    assert counts(call, job_id) == ("completed", 7, 7, 7, 0)


@pytest.mark.parametrize("most", [1, 10_000], ids=["walking", "sorted"])
def test_it_goes_through_page_after_page(
    call: Call, invoke: Invoke, take_in: TakeIn, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(reading, "PAGE", 3)
    monkeypatch.setattr(walking, "AT_ONCE", 2)
    monkeypatch.setattr(planning, "MOST", most)
    word, ids = crowd(take_in, 8)
    tag_id = a_tag()
    job_id = done_in_bulk(call, invoke, request(TAGS, tag_id, {"q": word}))
    assert have(TAGS, tag_id, ids) == ids
    assert counts(call, job_id) == ("completed", 8, 8, 8, 0)


def test_the_timeline_says_who_gave_it_and_why(call: Call, invoke: Invoke, take_in: TakeIn) -> None:
    word, (customer_id,) = crowd(take_in, 1)
    tag_id = a_tag("Spring sale " + word)
    job_id, messages = begin(call, request(TAGS, tag_id, {"q": word}))
    work(invoke, *messages)
    (event,) = call("list_timeline_events", customer_id=customer_id, query={"type": "tag"}).json["events"]
    assert event["title"] == f"Tag Spring sale {word} added"
    assert event["description"] == "With everybody whom a search found"
    assert event["metadata"]["by"] == {"id": "sub-manager", "name": "manager@example.com"}
    (tag,) = call("get_customer_360", customer_id=customer_id).json["tags"]
    assert (tag["id"], tag["assignedBy"]) == (tag_id, "manager@example.com")
    assert call("get_job", job_id=job_id).json["kind"] == "bulk-add"


@of_both
def test_the_preview_counts_and_changes_nothing(call: Call, take_in: TakeIn, catalog: Catalog) -> None:
    word, ids = crowd(take_in, 4)
    identifier = catalog.made(new_id())
    catalog.give_by_service(ids[0], identifier)
    make_findable(ids[0])
    before = [version(collection(each)) for each in ids]
    for action, changing in (("add", 3), ("remove", 1)):
        answer = preview(call, request(catalog, identifier, {"q": word}, action))
        assert (answer.status, answer.json) == (200, {"count": 4, "countIsExact": True, "changing": changing})
    assert [version(collection(each)) for each in ids] == before


def test_a_count_that_is_not_exact_says_so(call: Call, take_in: TakeIn, monkeypatch: pytest.MonkeyPatch) -> None:
    crowd(take_in, 40)
    monkeypatch.setattr(planning, "A_SHARD", 1)
    monkeypatch.setattr(planning, "MOST", 1)
    answer = preview(call, request(TAGS, a_tag(), {"accountStatus": "active"}))
    assert answer.json["countIsExact"] is False
    assert "changing" not in answer.json


def test_whom_a_tag_would_be_taken_from_is_known_also_where_the_search_finds_too_many_to_count(
    call: Call, take_in: TakeIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, ids = crowd(take_in, 40)
    tag_id = a_tag()
    for each in ids[:3]:
        TAGS.give_by_service(each, tag_id)
    make_findable(*ids[:3])
    monkeypatch.setattr(planning, "A_SHARD", 1)
    monkeypatch.setattr(planning, "MOST", 10)
    previews = {
        action: preview(call, request(TAGS, tag_id, {"accountStatus": "active"}, action)).json
        for action in ("add", "remove")
    }
    assert [each["countIsExact"] for each in previews.values()] == [False, False]
    assert ("changing" in previews["add"], previews["remove"]["changing"]) == (False, 3)


def test_nobody_is_found_by_a_name_that_is_only_like_it(call: Call, invoke: Invoke, take_in: TakeIn) -> None:
    word, (customer_id,) = crowd(take_in, 1)
    body = request(TAGS, tag_id := a_tag(), {"q": word[:-1] + "z"})
    assert call("search_customers", query={"q": word[:-1] + "z"}).json["customers"][0]["match"] == "typo"
    assert preview(call, body).json == {"count": 0, "countIsExact": True, "changing": 0}
    job_id = done_in_bulk(call, invoke, body)
    assert counts(call, job_id) == ("completed", 0, 0, 0, 0)
    assert have(TAGS, tag_id, [customer_id]) == []


def test_a_search_that_finds_nobody_is_done_at_once(call: Call, invoke: Invoke) -> None:
    job_id = done_in_bulk(call, invoke, request(TAGS, a_tag(), {"tag": [a_tag()]}))
    assert counts(call, job_id) == ("completed", 0, 0, 0, 0)


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "neither": ({"search": {}, "action": "add"}, "tagId"),
    "both": ({"search": {}, "action": "add", "tagId": "t", "segmentId": "s"}, "tagId"),
    "action": ({"search": {}, "action": "toggle", "tagId": "t"}, "action"),
    "no search": ({"action": "add", "tagId": "t"}, "search"),
    "filter": ({"search": {"tier": "wood"}, "action": "add", "tagId": "t"}, "search.tier"),
    "unknown": ({"search": {"limit": 3}, "action": "add", "tagId": "t"}, "search.limit"),
    "card": ({"search": {"q": "4111 1111 1111 1111"}, "action": "add", "tagId": "t"}, "search.q"),
}


@pytest.mark.parametrize("endpoint", ["create_bulk_assignment", "preview_bulk_assignment"])
@pytest.mark.parametrize(("body", "field"), BAD.values(), ids=BAD)
def test_what_makes_no_sense_is_400_and_names_the_field(
    call: Call, endpoint: str, body: dict[str, Any], field: str
) -> None:
    answer = call(endpoint, body=body)
    assert (answer.status, answer.json["errors"][0]["field"]) == (400, field)


@pytest.mark.usefixtures("recompute_queue")
@pytest.mark.parametrize(("endpoint", "status"), [("create_bulk_assignment", 409), ("preview_bulk_assignment", 400)])
def test_what_cannot_be_assigned_is_refused(call: Call, endpoint: str, status: int) -> None:
    automatic_id = a_segment(criteria={"field": "country", "op": "eq", "value": "FR"})
    with recorded() as calls:
        automatic = call(endpoint, body=request(SEGMENTS, automatic_id, {}))
        unknown = [call(endpoint, body=request(each, "unknown", {})) for each in (TAGS, SEGMENTS)]
    assert (automatic.status, "an automatic segment" in automatic.json["detail"]) == (status, True)
    assert [answer.status for answer in unknown] == [404, 404]
    assert sent(calls) == []


def test_it_is_asked_for_once_however_often_the_request_comes(call: Call, invoke: Invoke, take_in: TakeIn) -> None:
    word, _ = crowd(take_in, 3)
    body, key = request(TAGS, a_tag(), {"q": word}), {"Idempotency-Key": new_id("key")}
    job_id, messages = begin(call, body, headers=key)
    again, more = begin(call, body, headers=key)
    assert (again, more) == (job_id, [])
    work(invoke, *messages)
    other, _ = begin(call, body, headers={"Idempotency-Key": new_id("key")})
    assert other != job_id


@pytest.mark.parametrize("late", [False, True], ids=["before it was kept", "after it was kept"])
@pytest.mark.parametrize("sort_key", ["SHARD#all", "'JOB'"], ids=["its part", "itself"])
def test_a_job_whose_making_failed_is_made_by_the_repeated_request(
    call: Call, invoke: Invoke, take_in: TakeIn, monkeypatch: pytest.MonkeyPatch, sort_key: str, late: bool
) -> None:
    word, ids = crowd(take_in, 3)
    tag_id = a_tag()
    body, key = request(TAGS, tag_id, {"q": word}), {"Idempotency-Key": new_id("key")}
    watch(monkeypatch).fail("PutItem", no_answer(), about=sort_key, late=late)
    with recorded() as calls:
        assert call("create_bulk_assignment", body=body, role="manager", headers=key).status == 500
    first = sent(calls)
    monkeypatch.undo()
    left = work_once(invoke, *first)
    was_made = late and sort_key != "SHARD#all"
    assert left == ([] if was_made else first)  # dropped or waited for; or done already
    job_id, messages = begin(call, body, headers=key)
    assert {each["jobId"] for each in (*first, *messages)} == {job_id}
    work(invoke, *left, *messages)
    assert counts(call, job_id) == ("completed", 3, 3, 3, 0)
    assert have(TAGS, tag_id, ids) == ids


@pytest.mark.parametrize("role", ["viewer", "support"])
def test_who_may_not_manage_tags_is_refused(call: Call, role: str) -> None:
    for endpoint in ("create_bulk_assignment", "preview_bulk_assignment"):
        assert call(endpoint, body=request(TAGS, a_tag(), {}), role=role).status == 403


def test_one_customer_is_found_by_an_address_of_theirs(call: Call, invoke: Invoke, take_in: TakeIn) -> None:
    email, customer_id, tag_id = f"{new_id()}@example.com", new_id(), a_tag()
    take_in(customer(customer_id, email=email, updatedAt=instant()))
    make_findable(customer_id)
    claims = claims_of("manager") | {"name": "Mina Manager"}
    job_id, messages = begin(call, request(TAGS, tag_id, {"q": email}), claims=claims)
    work(invoke, *messages)
    assert counts(call, job_id)[3] == 1
    (tag,) = call("get_customer_360", customer_id=customer_id).json["tags"]
    assert tag["assignedBy"] == "Mina Manager"
