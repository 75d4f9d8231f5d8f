"""Notes are written, listed and read: GET and POST …/notes, GET …/notes/{noteId}"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from customer360.api.etags import Precondition
from customer360.notes import service as notes
from customer360.notes.schemas import NoteChange
from support.builders import customer, new_id
from support.gateway import Answer, claims_of
from support.makers import MAKER, a_note
from support.pages import pages
from support.tables import everything_kept

pytestmark = pytest.mark.engine

Call = Callable[..., Answer]
CARDS = ["4111111111111111", "call 4111 1111 1111 1111 back", "5555-5555-5555-4444", "4111\u00a01111\u20101111 1111"]
ANYTHING = Precondition(None, frozenset())
SEEN_BY = {"team": {"support", "manager", "admin"}, "managers": {"manager", "admin"}}


def add(call: Call, customer_id: str, body: Any = None, **request: Any) -> Answer:
    return call("add_note", customer_id=customer_id, body={"content": "Hello."} if body is None else body, **request)


def listed(call: Call, customer_id: str, role: str = "admin", **query: str) -> list[str]:
    """The ids on the first page."""
    answer = call("list_notes", customer_id=customer_id, role=role, query=query)
    assert answer.status == 200, answer.text
    return [note["id"] for note in answer.json["notes"]]


def about_notes(call: Call, customer_id: str, role: str) -> list[dict[str, Any]]:
    """What the timeline tells of notes, newest first."""
    answer = call("list_timeline_events", customer_id=customer_id, role=role, query={"type": "note"})
    found: list[dict[str, Any]] = answer.json["events"]
    return found


# ---------------------------------------------------------------- Writing one


def test_a_note_says_what_who_and_when(call: Call, known_customer: str) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    claims = claims_of("support") | {"name": "Zoë Sørensen"}
    answer = add(call, known_customer, {"content": "  Prefers mornings.\n"}, claims=claims)
    assert answer.status == 201, answer.text
    note = answer.json["note"]
    assert before <= datetime.fromisoformat(note["createdAt"]) <= datetime.now(UTC)
    assert note == {
        "id": note["id"],
        "content": "Prefers mornings.",
        "visibility": "team",
        "pinned": False,
        "createdBy": {"id": "sub-support", "name": "Zoë Sørensen"},
        "createdAt": note["createdAt"],
    }
    page = call("list_notes", customer_id=known_customer)
    assert page.json == {"notes": [note], "updatedAt": note["createdAt"]}
    whole = call("get_note", customer_id=known_customer, note_id=note["id"])
    assert whole.json == {"note": note, "history": []}


def test_who_has_no_name_goes_by_their_email(call: Call, known_customer: str) -> None:
    assert add(call, known_customer, role="manager").json["note"]["createdBy"]["name"] == "manager@example.com"


JSON = st.recursive(st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=5), st.lists, max_leaves=3)
CLAIMED = ["createdBy", "createdAt", "updatedAt", "id", "author", "created_by", "createdby", "timestamp", "edits", ""]


@hypothesis_settings(max_examples=20)
@example(name="\ud800", value=None)
@example(name="x" * 5000, value=None)
@given(name=st.sampled_from(CLAIMED) | st.text(st.characters(exclude_categories=[]), max_size=8), value=JSON)
def test_author_and_time_are_the_servers_whatever_the_request_claims(
    call: Call, known_customer: str, name: str, value: Any
) -> None:
    body = {"content": "Mine.", name: value}
    before = datetime.now(UTC).replace(microsecond=0)
    answer = add(call, known_customer, body, role="support")
    if name in {"content", "visibility", "pinned"}:
        return
    assert answer.status == 400, answer.text
    assert answer.json["errors"][0]["field"] in {name, "body"}
    answer.text.encode()
    kept = add(call, known_customer, {"content": "Mine."}, role="support").json["note"]
    assert kept["createdBy"] == {"id": "sub-support", "name": "support@example.com"}
    assert before <= datetime.fromisoformat(kept["createdAt"]) <= datetime.now(UTC) + timedelta(seconds=1)


@hypothesis_settings(max_examples=25)
@given(
    core=st.text(st.characters(exclude_categories=["Cs", "Z", "Cc", "Nd"]), min_size=1, max_size=30),
    before=st.text(" \t\n\u00a0\u3000", max_size=3),
    after=st.text(" \r\n\u2003", max_size=3),
)
def test_any_text_is_kept_as_written_without_space_around_it(
    call: Call, known_customer: str, core: str, before: str, after: str
) -> None:
    note = add(call, known_customer, {"content": before + core + after}).json["note"]
    assert note["content"] == core
    assert call("get_note", customer_id=known_customer, note_id=note["id"]).json["note"]["content"] == core


@pytest.mark.parametrize(
    "content", ["x" * 5000, " " + "👩‍💻" * 1666 + " ", "\x00\x1b[31m\u202e\u2028.", "a\n\n\tb", "𝔘" * 5000, "\u200b"]
)
def test_long_and_strange_texts_come_back_unharmed(call: Call, known_customer: str, content: str) -> None:
    answer = add(call, known_customer, {"content": content})
    assert answer.status == 201, answer.text
    (note,) = call("list_notes", customer_id=known_customer).json["notes"]
    assert note["content"] == content.strip(" ")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "content"),
        ({"content": ""}, "content"),
        ({"content": " \n\u00a0"}, "content"),
        ({"content": "x" * 5001}, "content"),
        ({"content": None}, "content"),
        ({"content": 7}, "content"),
        ({"content": ["a"]}, "content"),
        ({"content": "\ud800"}, "content"),
        ({"content": "a\udfffb"}, "content"),
        ({"content": "a", "visibility": "everybody"}, "visibility"),
        ({"content": "a", "visibility": None}, "visibility"),
        ({"content": "a", "pinned": "true"}, "pinned"),
        ({"content": "a", "pinned": 1}, "pinned"),
        ([], "body"),
        ("content", "body"),
        (7, "body"),
    ],
)
def test_what_is_wrong_is_named(call: Call, known_customer: str, body: Any, field: str) -> None:
    answer = call("add_note", customer_id=known_customer, body=body)
    assert answer.status == 400, answer.text
    assert [fault["field"] for fault in answer.json["errors"]] == [field]
    assert not listed(call, known_customer)


def test_a_request_without_a_body_is_400(call: Call, known_customer: str) -> None:
    answer = call("add_note", customer_id=known_customer)
    assert (answer.status, answer.json["errors"][0]["field"]) == (400, "body")


@pytest.mark.parametrize(
    "content_type", ["text/plain;charset=UTF-8", "application/x-www-form-urlencoded", "multipart/form-data", "x", ""]
)
def test_a_body_is_json_whatever_it_is_called(call: Call, known_customer: str, content_type: str) -> None:
    for name in ("content-type", "Content-Type"):
        assert add(call, known_customer, headers={name: content_type}).status == 201


def test_how_long_a_note_may_be_is_said_in_characters(call: Call, known_customer: str) -> None:
    details = [add(call, known_customer, {"content": text}).json["detail"] for text in ("", "x" * 5001)]
    assert details == [
        "content: String should have at least 1 character",
        "content: String should have at most 5000 characters",
    ]


@pytest.mark.parametrize("content", CARDS)
def test_a_card_number_is_refused_and_kept_nowhere(call: Call, known_customer: str, content: str) -> None:
    answer = add(call, known_customer, {"content": content}, headers={"Idempotency-Key": new_id()})
    assert answer.status == 400
    assert answer.json["detail"] == "content: holds a full card number, which is never accepted"
    assert content not in answer.text
    note_id = a_note(known_customer)
    patched = call("update_note", customer_id=known_customer, note_id=note_id, body={"content": content})
    assert (patched.status, patched.json["errors"][0]["field"]) == (400, "content")
    assert content not in everything_kept()


def test_a_text_of_any_length_is_refused_at_once(call: Call, known_customer: str) -> None:
    """Looking for card numbers in it would take longer than the function may run."""
    assert add(call, known_customer, {"content": "4 " * 2_000_000}).json["errors"][0]["field"] == "content"


def test_a_customers_id_may_hold_what_a_path_may_not(call: Call, take_in: Callable[..., Any]) -> None:
    customer_id = new_id("a@b:c")
    take_in(customer(customer_id))
    note_id = add(call, quote(customer_id, safe="")).json["note"]["id"]
    assert listed(call, customer_id) == [note_id]


# ---------------------------------------------------------------- Who sees it


@pytest.mark.parametrize("visibility", ["team", "managers"])
@pytest.mark.parametrize("role", ["support", "manager", "admin"])
def test_a_note_is_seen_by_those_it_is_for(call: Call, known_customer: str, visibility: str, role: str) -> None:
    body = {"content": "Between us.", "visibility": visibility}
    note_id = add(call, known_customer, body, role="support").json["note"]["id"]
    may = role in SEEN_BY[visibility]
    assert listed(call, known_customer, role) == ([note_id] if may else [])
    answers = [
        call("get_note", customer_id=known_customer, note_id=note_id, role=role),
        call("update_note", customer_id=known_customer, note_id=note_id, role=role, body={"pinned": True}),
        call("delete_note", customer_id=known_customer, note_id=note_id, role=role),
    ]
    assert [answer.status for answer in answers] == ([200, 200, 204] if may else [404, 404, 404])
    hidden = call("get_note", customer_id=known_customer, note_id=note_id, role=role)
    unknown = call("get_note", customer_id=known_customer, note_id=new_id(), role=role)
    assert hidden.json["detail"] == unknown.json["detail"] == "no such note"


def test_the_timeline_tells_of_a_note_without_its_text_to_those_who_may_see_it(call: Call, known_customer: str) -> None:
    for visibility in ("team", "managers"):
        a_note(known_customer, visibility, "Something private.")
    seen = {role: about_notes(call, known_customer, role) for role in ("viewer", "support", "manager")}
    assert [len(events) for events in seen.values()] == [0, 1, 2]
    assert [event["metadata"]["after"]["visibility"] for event in seen["manager"]] == ["managers", "team"]
    (event,) = seen["support"]
    assert (event["title"], event["description"]) == ("Note added", "")
    assert event["metadata"]["by"] == {"id": MAKER.id, "name": MAKER.name}
    assert "private" not in str(seen)


def test_notes_of_another_customer_are_unknown_here(call: Call, known_customer: str, take_in: Any) -> None:
    other = new_id()
    take_in(customer(other))
    path = {"customer_id": other, "note_id": a_note(known_customer)}
    assert call("get_note", **path).status == 404
    assert call("update_note", body={"pinned": True}, **path).status == 404
    assert call("delete_note", **path).status == 404
    assert len(listed(call, known_customer)) == 1


# ---------------------------------------------------------------- The list


def test_pinned_notes_come_first_then_the_newest(call: Call, known_customer: str) -> None:
    pinned = (True, False, False, True, False)
    made = [a_note(known_customer, content=str(n), pinned=is_pinned) for n, is_pinned in enumerate(pinned)]
    assert listed(call, known_customer) == [made[n] for n in (3, 0, 4, 2, 1)]


def test_who_has_no_notes_has_an_empty_list(call: Call, known_customer: str) -> None:
    assert call("list_notes", customer_id=known_customer).json == {"notes": [], "updatedAt": None}


@hypothesis_settings(max_examples=12)
@given(data=st.data(), size=st.integers(1, 4), visibilities=st.lists(st.sampled_from(["team", "managers"]), max_size=7))
def test_a_walk_shows_every_older_note_once_whatever_happens_meanwhile(
    call: Call, take_in: Callable[..., Any], data: st.DataObject, size: int, visibilities: list[str]
) -> None:
    customer_id, role = new_id(), data.draw(st.sampled_from(["support", "manager"]))
    take_in(customer(customer_id))
    there = [
        a_note(customer_id, visibility, pinned=data.draw(st.booleans()))  # type: ignore[arg-type]
        for visibility in visibilities
    ]
    expected = listed(call, customer_id, role, limit="100")
    seen: list[str] = []
    moved: set[str] = set()
    for page in pages(call, "list_notes", {"limit": str(size)}, customer_id=customer_id, role=role):
        assert len(page["notes"]) <= size
        seen += [note["id"] for note in page["notes"]]
        match data.draw(st.sampled_from(["add", "pin", "delete", "nothing"])), [x for x in there if x not in moved]:
            case "add", _:
                moved.add(a_note(customer_id, pinned=data.draw(st.booleans())))
            case "pin", [_, *_] as left:
                moved.add(note := data.draw(st.sampled_from(left)))
                change = NoteChange(pinned=data.draw(st.booleans()))
                notes.update(customer_id, note, change, MAKER, new_id(), ANYTHING)
            case "delete", [_, *_] as left:
                moved.add(note := data.draw(st.sampled_from(left)))
                notes.delete(customer_id, note, MAKER, new_id())
    assert [note for note in seen if note not in moved] == [note for note in expected if note not in moved]


@pytest.mark.parametrize("query", [{"limit": "0"}, {"limit": "101"}, {"limit": "x"}, {"cursor": "AAAA"}])
def test_a_bad_limit_or_cursor_is_400(call: Call, known_customer: str, query: dict[str, str]) -> None:
    answer = call("list_notes", customer_id=known_customer, query=query)
    assert (answer.status, answer.json["errors"][0]["field"]) == (400, next(iter(query)))


def test_a_cursor_of_another_customer_is_400(call: Call, known_customer: str, take_in: Callable[..., Any]) -> None:
    other = new_id()
    take_in(customer(other))
    for _ in range(2):
        a_note(other)
    cursor = call("list_notes", customer_id=other, query={"limit": "1"}).json["nextCursor"]
    assert call("list_notes", customer_id=known_customer, query={"cursor": cursor}).status == 400


def test_the_list_is_not_sent_again_until_it_changes(call: Call, known_customer: str) -> None:
    a_note(known_customer)
    etag = call("list_notes", customer_id=known_customer).headers["ETag"]
    known = {"If-None-Match": etag}
    assert call("list_notes", customer_id=known_customer, headers=known).status == 304
    a_note(known_customer)
    assert call("list_notes", customer_id=known_customer, headers=known).status == 200
