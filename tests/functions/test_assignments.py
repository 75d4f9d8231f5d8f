"""Tags and segments of a customer, given and taken: POST and DELETE …/customers/{id}/tags and …/segments"""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from customer360.catalog.table import CountItem, MemberItem
from customer360.errors import Conflict, NotFound
from support.builders import customer, new_id
from support.catalogs import SEGMENTS, TAGS, Catalog, of_both
from support.collection import collection, version
from support.faults import watch
from support.gateway import Answer, claims_of
from support.parallel import all_at_once
from support.repeated import forget_keys

pytestmark = pytest.mark.engine

Call = Callable[..., Answer]
TakeIn = Callable[..., list[str]]


def members(catalog: Catalog, identifier: str) -> list[str]:
    """Who is listed as having it, over all shards."""
    return sorted(item.sk for shard in range(8) for item in MemberItem.query(catalog.kind.members(identifier, shard)))


def new_customers(take_in: TakeIn, count: int) -> list[str]:
    ids = [new_id() for _ in range(count)]
    take_in(*map(customer, ids))
    return ids


# ---------------------------------------------------------------- Giving and taking


@of_both
def test_it_is_given_by_somebody_and_shown_at_once(
    call: Call, catalog: Catalog, known_customer: str, pause_caches: None
) -> None:
    identifier = catalog.made(name := new_id())
    before = datetime.now(UTC).replace(microsecond=0)
    claims = claims_of("manager") | {"name": "Zoë"}
    answer = catalog.give(call, known_customer, identifier, claims=claims)
    assert answer.status == 201, answer.text
    assert (answer.json["id"], answer.json["name"], answer.json["assignedBy"]) == (identifier, name, "Zoë")
    assert before <= datetime.fromisoformat(answer.json["assignedAt"]) <= datetime.now(UTC)
    assert call("get_customer_360", customer_id=known_customer).json[catalog.plural] == [answer.json]
    assert (catalog.count(call, identifier), members(catalog, identifier)) == (1, [known_customer])


@of_both
def test_taken_it_is_gone_at_once(call: Call, catalog: Catalog, known_customer: str) -> None:
    identifier, kept = catalog.made(new_id()), catalog.made(new_id())
    for each in (identifier, kept):
        catalog.give(call, known_customer, each)
    answer = catalog.take(call, known_customer, identifier)
    assert (answer.status, answer.text) == (204, "")
    assert catalog.shown(call, known_customer) == [kept]
    assert (catalog.count(call, identifier), members(catalog, identifier)) == (0, [])


@of_both
def test_twice_given_is_409_and_twice_taken_404(call: Call, catalog: Catalog, known_customer: str) -> None:
    identifier = catalog.made(name := new_id())
    assert catalog.give(call, known_customer, identifier).status == 201
    again = catalog.give(call, known_customer, identifier)
    assert (again.status, again.json["detail"]) == (409, f"the customer has this {catalog.noun} already")
    assert catalog.take(call, known_customer, identifier).status == 204
    gone = catalog.take(call, known_customer, identifier)
    assert (gone.status, gone.json["detail"]) == (404, f"no such {catalog.noun} of this customer")
    title = f"{catalog.noun.capitalize()} {name}"
    assert catalog.told(call, known_customer) == [f"{title} removed", f"{title} added"]


@of_both
def test_whom_or_what_nobody_knows_is_404(call: Call, catalog: Catalog, known_customer: str) -> None:
    identifier = catalog.made(new_id())
    answers = [
        (catalog.give(call, new_id(), identifier), "no such customer"),
        (catalog.take(call, new_id(), identifier), "no such customer"),
        (catalog.give(call, known_customer, new_id()), f"no such {catalog.noun}"),
        (catalog.take(call, known_customer, new_id()), f"no such {catalog.noun}"),
    ]
    for answer, detail in answers:
        assert (answer.status, answer.json["detail"]) == (404, detail)
    assert catalog.count(call, identifier) == 0


def test_a_tag_is_no_segment(call: Call, known_customer: str) -> None:
    assert SEGMENTS.give(call, known_customer, TAGS.made(new_id())).status == 404
    assert TAGS.give(call, known_customer, SEGMENTS.made(new_id())).status == 404


@of_both
@pytest.mark.parametrize("value", [None, "", 7, ["a"], "a b", "x" * 65, "4111/1111", "\ud800"])
def test_what_is_no_id_is_400(call: Call, catalog: Catalog, known_customer: str, value: Any) -> None:
    field = f"{catalog.noun}Id"
    for body in ({field: value}, {}, {field: "a", "by": "me"}):
        answer = call(catalog.giving, customer_id=known_customer, body=body)
        named = "by" if "by" in body else field
        assert (answer.status, answer.json["errors"][0]["field"]) == (400, named)


@of_both
def test_each_change_is_one_version_one_entry_and_says_which(call: Call, catalog: Catalog, known_customer: str) -> None:
    identifier, started = catalog.made(name := new_id()), version(collection(known_customer))
    for number, (change, word, pair) in enumerate(
        [(catalog.give, "added", (None, name)), (catalog.take, "removed", (name, None))], start=1
    ):
        change(call, known_customer, identifier, claims=claims_of("manager"))
        commit = collection(known_customer)["HEAD#COMMIT"]
        assert int(commit["version"]["N"]) == started + number
        assert json.loads(commit["changed"]["S"]) == {catalog.plural: [identifier]}
        assert catalog.plural in commit["freshness"]["M"]
        query = {"type": catalog.noun, "limit": "1"}
        (event,) = call("list_timeline_events", customer_id=known_customer, query=query).json["events"]
        assert event["title"] == f"{catalog.noun.capitalize()} {name} {word}"
        assert event["metadata"] == {
            f"{catalog.noun}Id": identifier,
            "field": catalog.noun,
            "before": pair[0],
            "after": pair[1],
            "by": {"id": "sub-manager", "name": "manager@example.com"},
        }


@of_both
def test_a_repeated_request_gets_the_same_answer_and_gives_once(
    call: Call, catalog: Catalog, known_customer: str
) -> None:
    identifier, headers = catalog.made(new_id()), {"Idempotency-Key": "k1"}
    first = catalog.give(call, known_customer, identifier, headers=headers)
    again = catalog.give(call, known_customer, identifier, headers=headers)
    assert (first.status, again.status, again.text) == (201, 201, first.text)
    assert catalog.give(call, known_customer, catalog.made(new_id()), headers=headers).status == 409
    assert catalog.give(call, known_customer, identifier).status == 409
    assert len(catalog.told(call, known_customer)) == catalog.count(call, identifier) == 1


@of_both
def test_a_request_repeated_after_it_was_taken_away_does_not_give_it_again(
    call: Call, catalog: Catalog, known_customer: str
) -> None:
    identifier, headers = catalog.made(new_id()), {"Idempotency-Key": "k1"}
    first = catalog.give(call, known_customer, identifier, headers=headers)
    assert catalog.take(call, known_customer, identifier).status == 204
    forget_keys()  # as if the first one had died before it was remembered
    again = catalog.give(call, known_customer, identifier, headers=headers)
    assert (again.status, again.text) == (201, first.text)
    assert catalog.shown(call, known_customer) == []
    assert len(catalog.told(call, known_customer)) == 2


# ---------------------------------------------------------------- Many at once


@of_both
def test_of_many_who_give_the_same_one_succeeds(call: Call, catalog: Catalog, known_customer: str) -> None:
    identifier, started = catalog.made(new_id()), version(collection(known_customer))
    outcomes = all_at_once([partial(catalog.give_by_service, known_customer, identifier)] * 20)
    refusals = [str(outcome) for outcome in outcomes if outcome is not None]
    assert refusals == [f"the customer has this {catalog.noun} already"] * 19
    assert len(catalog.told(call, known_customer)) == 1
    assert (catalog.count(call, identifier), members(catalog, identifier)) == (1, [known_customer])
    assert version(collection(known_customer)) == started + 1


@of_both
def test_the_same_request_at_once_gives_once(call: Call, catalog: Catalog, known_customer: str) -> None:
    identifier = catalog.made(new_id())
    give = partial(catalog.give_by_service, known_customer, identifier, new_id("a"))
    assert all_at_once([give] * 6) == [None] * 6
    assert len(catalog.told(call, known_customer)) == catalog.count(call, identifier) == 1


@of_both
def test_given_to_many_at_once_all_are_counted(call: Call, catalog: Catalog, take_in: TakeIn) -> None:
    identifier, ids = catalog.made(new_id()), new_customers(take_in, 20)
    assert all_at_once([partial(catalog.give_by_service, each, identifier) for each in ids]) == [None] * 20
    assert (catalog.count(call, identifier), members(catalog, identifier)) == (20, sorted(ids))


@of_both
def test_given_and_taken_at_once_counts_and_customers_agree(call: Call, catalog: Catalog, take_in: TakeIn) -> None:
    identifier, ids = catalog.made(new_id()), new_customers(take_in, 3)
    works = [partial(work, each, identifier) for each in ids for work in (catalog.give_by_service,) * 3]
    works += [partial(catalog.take_by_service, each, identifier) for each in ids for _ in range(3)]
    outcomes = all_at_once(works)
    assert {type(outcome) for outcome in outcomes} <= {type(None), Conflict, NotFound}
    have = [each for each in ids if f"{catalog.kind.head}{identifier}" in collection(each)]
    assert (catalog.count(call, identifier), members(catalog, identifier)) == (len(have), sorted(have))
    for each in ids:
        told = [title.rsplit(" ", 1)[1] for title in reversed(catalog.told(call, each))]
        assert told == (["added", "removed"] * 3)[: len(told)]
        assert (told[-1:] == ["added"]) == (each in have)


@hypothesis_settings(max_examples=10)
@given(steps=st.lists(st.tuples(st.sampled_from(["give", "take"]), st.integers(0, 2)), max_size=12))
def test_whatever_is_given_and_taken_a_customer_has_it_at_most_once(
    call: Call, take_in: TakeIn, steps: list[tuple[str, int]]
) -> None:
    ids, (customer_id,) = [TAGS.made(new_id()) for _ in range(3)], new_customers(take_in, 1)
    have: set[str] = set()
    for step, which in steps:
        tag_id = ids[which]
        if step == "give":
            assert TAGS.give(call, customer_id, tag_id).status == (409 if tag_id in have else 201)
            have.add(tag_id)
        else:
            assert TAGS.take(call, customer_id, tag_id).status == (204 if tag_id in have else 404)
            have.discard(tag_id)
        assert sorted(TAGS.shown(call, customer_id)) == sorted(have)
    assert [TAGS.count(call, tag_id) for tag_id in ids] == [int(tag_id in have) for tag_id in ids]


# ---------------------------------------------------------------- Deleted meanwhile


@of_both
def test_a_deleted_one_cannot_be_given_or_taken_any_more(
    call: Call, catalog: Catalog, known_customer: str, take_in: TakeIn
) -> None:
    identifier = catalog.made(new_id())
    catalog.give(call, known_customer, identifier)
    catalog.delete_by_service(identifier, new_id("job"))
    (other,) = new_customers(take_in, 1)
    for answer in (catalog.give(call, other, identifier), catalog.take(call, known_customer, identifier)):
        assert (answer.status, answer.json["detail"]) == (404, f"no such {catalog.noun}")
    assert members(catalog, identifier) == [known_customer]


@of_both
def test_deleted_between_the_look_and_the_write_it_is_not_given(
    call: Call, catalog: Catalog, known_customer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    identifier = catalog.made(new_id())
    calls = watch(monkeypatch)
    calls.before("TransactWriteItems", lambda: catalog.delete_by_service(identifier, new_id("job")))
    with pytest.raises(NotFound):
        catalog.give_by_service(known_customer, identifier)
    assert not members(catalog, identifier)
    assert not [count for count in CountItem.query(catalog.kind.counts) if count.sk.startswith(identifier)]
