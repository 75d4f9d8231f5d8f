"""The search: who is found, in which order, how many, page by page, and what it tells whom."""

import random
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from unittest.mock import patch
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from customer360.api.cursor import encode
from customer360.catalog import store
from customer360.catalog.kinds import SEGMENT_KIND
from customer360.catalog.table import SEGMENTS, SegmentItem
from customer360.scores.rescoring import rescore
from customer360.search import candidates, planning
from customer360.segments.automatic import automatic_segments
from customer360.segments.membership import membership_key
from support.builders import account, customer, instant, new_id, order
from support.finding import found_by, ids, make_findable, new_word, search
from support.gateway import Answer
from support.makers import a_segment, a_tag, give_segment, give_tag
from support.scores import follow
from support.search_shop import open_shop
from support.searching import Shopper, a_query, found_in

pytestmark = pytest.mark.engine

Call = Callable[..., Answer]
TakeIn = Callable[..., list[str]]
Shop = tuple[list[Shopper], list[str], list[str]]
Found = list[tuple[str, str | None]]


@pytest.fixture(scope="module")
def shop(engine: str) -> Shop:
    return open_shop(40)


def asked(parameters: dict[str, Any]) -> dict[str, Any]:
    """As it stands in a query string."""

    def text(value: Any) -> Any:
        return value if isinstance(value, list) else str(value).lower() if isinstance(value, bool) else str(value)

    return {name: text(value) for name, value in parameters.items()}


def walked(call: Call, query: dict[str, Any], **how: Any) -> tuple[Found, Answer]:
    """All pages, and the first answer."""
    found: Found = []
    first = answer = call("search_customers", query=query, **how)
    for _ in range(1000):
        assert answer.status == 200, answer.text
        found += [(row["id"], row.get("match")) for row in answer.json["customers"]]
        if "nextCursor" not in answer.json:
            return found, first
        answer = call("search_customers", query=query | {"cursor": answer.json["nextCursor"]}, **how)
    raise AssertionError("the list goes in circles")


@settings(max_examples=60)
@given(seed=st.integers(0, 2**32), limit=st.sampled_from([1, 3, 20, 100]), role=st.sampled_from(["support", "manager"]))
def test_exactly_the_matching_customers_are_found_in_order_and_counted(
    call: Call, shop: Shop, seed: int, limit: int, role: str
) -> None:
    customers, tags, segments = shop
    random_ = random.Random(seed)
    query = a_query(random_, tags, segments)
    if role == "support":
        query = {name: value for name, value in query.items() if not name.startswith("clv")}
        query["sort"] = query.get("sort", "name").replace("lifetimeValue", "totalOrders")
    right = found_in(customers, query)
    found, first = walked(call, asked(query) | {"limit": str(limit)}, role=role)
    assert found == right
    assert (first.json["total"], first.json["totalIsExact"]) == (len(right), True)
    assert first.headers["X-Total-Count"] == str(len(right))


SMALL = {"MOST": [1, 5, 20], "A_SHARD": [1, 2, 4], "FEW": [0, 3], "WIDE": [0, 2], "GLANCE": [1, 10]}


@settings(max_examples=60)
@given(
    seed=st.integers(0, 2**32),
    limit=st.sampled_from([1, 3, 7]),
    small=st.fixed_dictionaries({name: st.sampled_from(values) for name, values in SMALL.items()}),
    narrow=st.sampled_from([1, 4]),
)
def test_in_a_shop_too_large_to_count_everybody_is_still_found_in_order(
    call: Call, shop: Shop, seed: int, limit: int, small: dict[str, Any], narrow: int
) -> None:
    customers, tags, segments = shop
    query = a_query(random.Random(seed), tags, segments)
    right = found_in(customers, query)
    with patch.multiple(planning, **small), patch.object(candidates, "NARROW", narrow):
        found, first = walked(call, asked(query) | {"limit": str(limit)}, role="manager")
    if first.json["totalIsExact"]:
        assert (found, first.json["total"]) == (right, len(right))
    else:
        # While it does not know that nobody matches exactly, it does not go on to typos.
        assert found in (right, [one for one in right if one[1] != "typo"])
        assert first.json["total"] <= len(found)


@pytest.mark.parametrize("status", [None, "active", "closed"])
def test_many_who_are_found_by_one_word_are_counted_with_the_filters_beside_it(
    call: Call, shop: Shop, status: str | None
) -> None:
    customers, tags, _ = shop
    for query in ({"q": "a"}, {"q": "example"}, {"tag": [tags[0]]}):
        filters = {"accountStatus": status} if status else {}
        right = found_in(customers, query | filters)
        with patch.object(planning, "WIDE", 0):
            found, first = walked(call, query | filters | {"limit": "3"})
        assert (found, first.json["total"]) == (right, len(right))


def test_a_row_shows_what_the_page_shows(call: Call, take_in: TakeIn) -> None:
    customer_id, word = new_id(), new_word()
    tag_id, segment_id = a_tag("Zebra"), a_segment(word)
    take_in(customer(customer_id, name=f"Ada {word}", updatedAt=instant()), account(customer_id), order(customer_id))
    give_tag(customer_id, tag_id)
    give_segment(customer_id, segment_id)
    make_findable(customer_id)
    (row,) = search(call, {"q": word})
    page = call("get_customer_360", customer_id=customer_id).json
    profile, metrics = page["profile"], page["metrics"]
    assert row == {
        "id": customer_id,
        "name": profile["name"],
        "email": profile["email"],
        "phone": profile["phone"],
        "accountStatus": profile["accountStatus"],
        "loyaltyTier": profile["loyaltyTier"],
        "totalOrders": metrics["totalOrders"],
        "lifetimeValue": metrics["lifetimeValue"],
        "registeredAt": profile["registrationDate"],
        "lastPurchaseAt": metrics["lastPurchaseAt"],
        "healthScore": page["healthScore"]["score"],
        "healthLevel": page["healthScore"]["level"],
        "churnScore": page["churnRisk"]["score"],
        "churnLevel": page["churnRisk"]["level"],
        "segments": [{"id": segment_id, "name": word}],
        "tags": [{"id": tag_id, "name": "Zebra", "color": "#3366CC"}],
    }


@pytest.fixture
def wilma(take_in: TakeIn) -> dict[str, str]:
    """Somebody with contact data of her own, and some she had before; by what each is."""
    customer_id, name, local, former = new_id(), new_word(), new_word(), new_word()
    digits, before = str(uuid4().int)[:9], str(uuid4().int)[:9]
    number = f"ORD-{new_word()}"
    take_in(
        customer(customer_id, name=name, email=f"{former}@old.example", phone=f"+33 {before}", updatedAt=instant(1)),
        customer(customer_id, name=name, email=f"{local}@new.example", phone=f"+33 {digits}", updatedAt=instant(2)),
        order(customer_id, number=number),
    )
    make_findable(customer_id)
    return {
        "id": customer_id,
        "name": name,
        "email": local,
        "phone": digits,
        "formerEmail": former,
        "formerPhone": before,
        "number": number,
    }


@pytest.mark.parametrize("what", ["name", "email", "phone", "number", "formerEmail", "formerPhone"])
def test_whoever_may_see_contact_data_finds_by_it(call: Call, wilma: dict[str, str], what: str) -> None:
    (row,) = search(call, {"q": wilma[what]}, "support")
    assert row["id"] == wilma["id"]
    assert row.get("match") == ("former" if what.startswith("former") else None)


def test_a_viewer_finds_by_names_and_order_numbers_only(call: Call, wilma: dict[str, str]) -> None:
    assert found_by(call, wilma["name"], "viewer") == [wilma["id"]]
    assert found_by(call, wilma["number"], "viewer") == [wilma["id"]]
    for what in ("email", "phone", "formerEmail", "formerPhone"):
        answer = call("search_customers", query={"q": wilma[what]}, role="viewer")
        assert (answer.json["customers"], answer.json["total"]) == ([], 0)
        assert answer.headers["X-Total-Count"] == "0"
        assert found_by(call, f"{wilma['name']} {wilma[what]}", "viewer") == []


def test_a_viewers_row_is_masked(call: Call, wilma: dict[str, str]) -> None:
    (row,) = search(call, {"q": wilma["name"]}, "viewer")
    assert row["email"] == f"{wilma['email'][:2]}***@new.example"
    assert row["phone"] == f"***{wilma['phone'][-4:]}"
    assert "lifetimeValue" not in row
    (row,) = search(call, {"q": wilma["name"]}, "support")
    assert row["email"] == f"{wilma['email']}@new.example"
    assert "lifetimeValue" not in row


@pytest.mark.parametrize(
    ("query", "refused", "missing"),
    [
        ({"clvMin": "1"}, ["viewer", "support"], "financials:read"),
        ({"clvMax": "1"}, ["viewer", "support"], "financials:read"),
        ({"sort": "lifetimeValue"}, ["viewer", "support"], "financials:read"),
        ({"sort": "-lifetimeValue"}, ["viewer", "support"], "financials:read"),
        ({"emailOptIn": "false"}, ["viewer"], "marketing:read"),
        ({"debug": "true"}, ["viewer", "support", "manager"], "ingestion:manage"),
    ],
)
def test_nobody_learns_by_filter_or_order_what_they_may_not_see(
    call: Call, query: dict[str, str], refused: list[str], missing: str
) -> None:
    for role in ("viewer", "support", "manager", "admin"):
        answer = call("search_customers", query=query, role=role)
        assert answer.status == (403 if role in refused else 200)
        assert role not in refused or missing in answer.json["detail"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"registrationFrom": "2026-02-01", "registrationTo": "2026-01-01"}, "registrationTo"),
        ({"healthMin": "60", "healthMax": "40"}, "healthMax"),
        ({"orderCountMin": "many"}, "orderCountMin"),
        ({"sort": "email"}, "sort"),
        ({"tier": "wood"}, "tier"),
        ({"q": "x" * 201}, "q"),
        ({"tag": "a b"}, "tag"),
        ({"limit": "0"}, "limit"),
        ({"cursor": "AAAA"}, "cursor"),
        ({"tier": ["gold", "silver"]}, "tier"),
        ({"q": ["anna", "berta"]}, "q"),
        ({"limit": ["1", "2"]}, "limit"),
        ({"debug": ["true", "false"]}, "debug"),
        ({"churnlevel": "high"}, "churnlevel"),
        ({"status": "closed", "limit": "1"}, "status"),
        ({"clv_min": "5"}, "clv_min"),
    ],
)
def test_what_makes_no_sense_is_told_by_its_name(call: Call, query: dict[str, Any], field: str) -> None:
    answer = call("search_customers", query=query)
    assert answer.status == 400
    assert [fault["field"].split(".")[0] for fault in answer.json["errors"]] == [field]


def test_an_unknown_parameter_is_refused_as_an_unknown_field_of_a_search_is(call: Call) -> None:
    by_query = call("search_customers", query={"churnlevel": "high"}).json["errors"]
    by_body = call("create_search_export", body={"format": "csv", "search": {"churnlevel": "high"}}).json["errors"]
    assert by_body == [{**fault, "field": f"search.{fault['field']}"} for fault in by_query]


def test_a_cursor_belongs_to_one_search_of_one_kind_of_caller(call: Call, shop: Shop) -> None:
    cursor = call("search_customers", query={"limit": "1", "q": "a"}, role="support").json["nextCursor"]
    assert call("search_customers", query={"limit": "2", "q": "a", "cursor": cursor}, role="manager").status == 200
    for query, role in (({"q": "an"}, "support"), ({"q": "a", "sort": "name"}, "support"), ({"q": "a"}, "viewer")):
        answer = call("search_customers", query={**query, "cursor": cursor}, role=role)
        assert (answer.status, answer.json["errors"][0]["field"]) == (400, "cursor")


@pytest.mark.parametrize(
    "position",
    ["5", "[]", '["a", "b", true, false]', '["a", null, true, false]', '["a", 1e999, true, true]', "[" * 600],
)
def test_a_cursor_that_is_made_up_with_its_checksum_is_refused(call: Call, position: str) -> None:
    cursor = encode(position, "search", "{}", "True")
    answer = call("search_customers", query={"cursor": cursor})
    assert (answer.status, answer.json["errors"]) == (400, [{"field": "cursor", "message": "is not one of ours"}])


def test_whoever_comes_or_changes_meanwhile_moves_nobody_else(call: Call, shop: Shop, take_in: TakeIn) -> None:
    customers, _, _ = shop
    query: dict[str, Any] = {"sort": "name", "limit": "7"}
    right = [one for one, _ in found_in(customers, query)]
    answer = call("search_customers", query=query)
    found = [row["id"] for row in answer.json["customers"]]
    come, tag_id = [], a_tag()
    while "nextCursor" in answer.json:
        come.append(new_id())
        take_in(customer(come[-1], name=new_word()))
        give_tag(customers[len(come)].id, tag_id)
        make_findable(come[-1], customers[len(come)].id)
        answer = call("search_customers", query=query | {"cursor": answer.json["nextCursor"]})
        found += [row["id"] for row in answer.json["customers"]]
    assert [one for one in found if one in right] == right


def test_an_admin_sees_how_a_search_was_answered_and_what_it_cost(call: Call, wilma: dict[str, str]) -> None:
    answer = call("search_customers", query={"q": wilma["name"], "debug": "true"})
    debug = answer.json["debug"]
    assert debug["wayIn"] == "terms"
    assert debug["itemsRead"] == 2  # the term and the row
    assert debug["readUnits"] > 0
    assert {step["name"] for step in debug["steps"]} == {"orders", "terms", "rows"}
    assert "terms;dur=" in answer.headers["Server-Timing"]
    plain = call("search_customers", query={"q": wilma["name"]})
    assert "debug" not in plain.json
    assert "terms;dur=" not in plain.headers["Server-Timing"]


@pytest.mark.usefixtures("pause_caches")
def test_a_tag_is_a_filter_once_it_is_given_and_none_once_it_is_deleted(
    call: Call, known_customer: str, removal_queue: str
) -> None:
    tag_id = a_tag()
    make_findable(known_customer)
    assert ids(call, {"tag": tag_id}) == []
    give_tag(known_customer, tag_id)
    make_findable(known_customer)
    assert ids(call, {"tag": tag_id}) == [known_customer]
    assert ids(call, {"tag": [tag_id, new_id("tag")]}) == []
    assert call("delete_tag", tag_id=tag_id).status == 204
    assert ids(call, {"tag": tag_id}) == []


@pytest.mark.usefixtures("pause_caches", "recompute_queue", "event_bus")
def test_changed_criteria_of_a_segment_filter_anew_with_no_row_written(
    call: Call, invoke: Callable[..., Any], take_in: TakeIn
) -> None:
    """What applies them in the background keeps memberships nobody sees yet: its commits name no section."""
    customer_id, now = new_id(), datetime.now(UTC)
    take_in(customer(customer_id, name=new_word()), order(customer_id, total=Decimal(50)))
    follow(invoke, customer_id)
    segment_id = a_segment()
    common: dict[str, Any] = {"name": segment_id, "created_at": now, "updated_at": now}
    criteria = '{"field":"lifetimeValue","op":"gte","value":10}'
    SegmentItem(SEGMENTS, segment_id, criteria=criteria, generation=0, building=1, **common).save()
    for count in store.no_members_yet(SEGMENT_KIND, membership_key(segment_id, 1)):
        count.save()
    rescore(customer_id, now, automatic_segments())
    follow(invoke, customer_id)
    assert ids(call, {"segment": segment_id}) == []
    SegmentItem(SEGMENTS, segment_id, criteria=criteria, generation=1, applied=criteria, **common).save()
    assert ids(call, {"segment": segment_id}) == [customer_id]


def test_text_of_nothing_but_spaces_asks_for_nothing(call: Call, shop: Shop) -> None:
    everybody = call("search_customers", query={}).json["total"]
    assert call("search_customers", query={"q": "   "}).json["total"] == everybody > 0


def test_an_unchanged_answer_is_not_sent_again(call: Call, wilma: dict[str, str]) -> None:
    answer = call("search_customers", query={"q": wilma["name"]})
    again = call("search_customers", query={"q": wilma["name"]}, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status, again.text) == (304, "")
