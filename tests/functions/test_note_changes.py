"""Notes are edited and deleted: PATCH and DELETE …/notes/{noteId}"""

import json
from collections.abc import Callable
from typing import Any

import pytest

from customer360.notes import service as notes
from customer360.notes.schemas import NewNote, NoteChange
from support.builders import new_id
from support.collection import collection, version
from support.gateway import Answer
from support.makers import MAKER, a_note
from support.notes import ANYTHING, SUPPORT, head, kept_of_notes, listed, patch, told, whole

pytestmark = pytest.mark.engine

Call = Callable[..., Answer]


# ---------------------------------------------------------------- Editing


def test_an_edit_changes_what_it_names_and_keeps_what_was(call: Call, known_customer: str) -> None:
    note_id = a_note(known_customer, content="First.")
    before = whole(call, known_customer, note_id)["note"]
    answer = patch(call, known_customer, note_id, {"content": " Second. "}, role="manager")
    assert answer.status == 200, answer.text
    note = answer.json["note"]
    assert note == before | {"content": "Second.", "updatedAt": note["updatedAt"]}
    after = whole(call, known_customer, note_id)
    (edit,) = after["history"]
    assert after["note"] == note
    assert edit == {
        "content": "First.",
        "visibility": "team",
        "pinned": False,
        "replacedAt": note["updatedAt"],
        "replacedBy": {"id": "sub-manager", "name": "manager@example.com"},
    }
    assert listed(call, known_customer) == [note]
    assert told(call, known_customer) == [("Note edited", "team"), ("Note added", "team")]


def test_pinning_moves_a_note_to_the_front_and_back(call: Call, known_customer: str) -> None:
    older, newer = a_note(known_customer), a_note(known_customer)
    patch(call, known_customer, older, {"pinned": True})
    assert [note["id"] for note in listed(call, known_customer)] == [older, newer]
    patch(call, known_customer, older, {"pinned": False})
    assert [note["id"] for note in listed(call, known_customer)] == [newer, older]


@pytest.mark.parametrize("body", [{}, {"content": "First."}, {"content": " First.\n", "pinned": False}])
def test_an_edit_that_changes_nothing_leaves_no_trace(call: Call, known_customer: str, body: Any) -> None:
    note_id = a_note(known_customer, content="First.")
    items = collection(known_customer)
    assert patch(call, known_customer, note_id, body).json["note"]["content"] == "First."
    assert collection(known_customer) == items


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"content": ""}, "content"),
        ({"content": "x" * 5001}, "content"),
        ({"content": "\ud800"}, "content"),
        ({"content": 5}, "content"),
        ({"visibility": "all"}, "visibility"),
        ({"pinned": "yes"}, "pinned"),
        ({"createdBy": {"id": "me"}}, "createdBy"),
        ({"createdAt": "2020-01-01T00:00:00Z"}, "createdAt"),
        ({"id": "x"}, "id"),
        ([], "body"),
        (None, "body"),
    ],
)
def test_what_is_wrong_is_named(call: Call, known_customer: str, body: Any, field: str) -> None:
    note_id = a_note(known_customer)
    answer = patch(call, known_customer, note_id, body)
    assert (answer.status, [fault["field"] for fault in answer.json["errors"]]) == (400, [field])
    assert not whole(call, known_customer, note_id)["history"]


def test_an_author_edits_and_deletes_their_own_but_a_colleague_may_not(call: Call, known_customer: str) -> None:
    own = notes.add(known_customer, NewNote(content="Mine."), SUPPORT, new_id()).note.id
    of_another = a_note(known_customer)
    assert patch(call, known_customer, own, {"content": "Still mine."}, role="support").status == 200
    refused = [
        patch(call, known_customer, of_another, {"content": "Theirs."}, role="support"),
        patch(call, known_customer, of_another, {}, role="support"),
        call("delete_note", customer_id=known_customer, note_id=of_another, role="support"),
    ]
    assert {(answer.status, answer.json["detail"]) for answer in refused} == {
        (403, "the permission notes:read-managers is missing")
    }
    assert not whole(call, known_customer, of_another)["history"]
    assert call("delete_note", customer_id=known_customer, note_id=own, role="support").status == 204
    assert call("delete_note", customer_id=known_customer, note_id=of_another, role="manager").status == 204


def test_an_author_who_hides_their_note_from_the_team_no_longer_sees_it(call: Call, known_customer: str) -> None:
    note_id = notes.add(known_customer, NewNote(content="Mine."), SUPPORT, new_id()).note.id
    assert patch(call, known_customer, note_id, {"visibility": "managers"}, role="support").status == 200
    assert patch(call, known_customer, note_id, {"visibility": "team"}, role="support").status == 404
    assert patch(call, known_customer, note_id, {"visibility": "team"}, role="manager").status == 200


def test_what_a_note_was_for_managers_stays_theirs(call: Call, known_customer: str) -> None:
    """Also once the note is for all: neither that version nor the changes from and to it are shown to the team."""
    note_id = a_note(known_customer, content="Open.")
    patch(call, known_customer, note_id, {"visibility": "managers", "content": "Secret."})
    patch(call, known_customer, note_id, {"visibility": "team", "content": "Open again."})
    by_managers = whole(call, known_customer, note_id, "manager")
    assert [edit["content"] for edit in by_managers["history"]] == ["Secret.", "Open."]
    by_support = whole(call, known_customer, note_id, "support")
    assert by_support["note"]["content"] == "Open again."
    assert [edit["content"] for edit in by_support["history"]] == ["Open."]
    assert told(call, known_customer, "support") == [("Note added", "team")]
    assert [title for title, _ in told(call, known_customer, "manager")] == ["Note edited", "Note edited", "Note added"]


# ---------------------------------------------------------------- What was seen


def test_an_edit_of_what_is_no_longer_so_is_refused(call: Call, known_customer: str) -> None:
    note_id = a_note(known_customer)
    seen = call("get_note", customer_id=known_customer, note_id=note_id).headers["ETag"]
    assert patch(call, known_customer, note_id, {"pinned": True}, If_Match=seen).status == 200
    late = patch(call, known_customer, note_id, {"content": "Mine."}, If_Match=seen)
    assert (late.status, late.json["code"]) == (412, "precondition_failed")
    assert whole(call, known_customer, note_id)["note"]["content"] != "Mine."


@pytest.mark.parametrize("role", ["support", "manager"])
def test_what_was_seen_counts_wherever_it_was_seen(call: Call, known_customer: str, role: str) -> None:
    """In the answer of the write that made it, by itself, or in the list."""
    made = call("add_note", customer_id=known_customer, role=role, body={"content": "0"})
    note_id = made.json["note"]["id"]
    path = {"customer_id": known_customer, "role": role}
    edited = patch(call, known_customer, note_id, {"content": "1"}, role, If_Match=made.headers["ETag"])
    assert edited.status == 200
    again = patch(call, known_customer, note_id, {"content": "2"}, role, If_Match=edited.headers["ETag"])
    assert again.status == 200
    single = call("get_note", note_id=note_id, **path).headers["ETag"]
    assert patch(call, known_customer, note_id, {"content": "3"}, role, If_Match=single).status == 200
    page = call("list_notes", **path).headers["ETag"]
    assert patch(call, known_customer, note_id, {"content": "4"}, role, If_Match=f'"other", {page}').status == 200
    assert patch(call, known_customer, note_id, {"content": "5"}, role, If_Match="*").status == 200
    for useless in (page, single, '"other"', "", made.headers["ETag"].strip('"')):
        assert patch(call, known_customer, note_id, {"content": "6"}, role, If_Match=useless).status == 412
    assert whole(call, known_customer, note_id)["note"]["content"] == "5"


def test_an_unknown_note_is_404_and_anothers_403_whatever_was_seen(call: Call, known_customer: str) -> None:
    assert patch(call, known_customer, new_id(), {}, If_Match='"seen"').status == 404
    assert patch(call, known_customer, a_note(known_customer), {}, "support", If_Match='"seen"').status == 403


# ---------------------------------------------------------------- History, deletion


@pytest.mark.parametrize("edits", [49, 50, 53])
def test_the_latest_fifty_edits_are_kept_and_go_with_the_note(call: Call, known_customer: str, edits: int) -> None:
    note_id = a_note(known_customer, content="0")
    for number in range(1, edits + 1):
        notes.update(known_customer, note_id, NoteChange(content=str(number)), MAKER, new_id(), ANYTHING)
    history = [edit["content"] for edit in whole(call, known_customer, note_id)["history"]]
    assert history == [str(number) for number in reversed(range(edits))][:50]
    assert len(kept_of_notes(known_customer)) == 1 + min(edits, 50)
    assert call("delete_note", customer_id=known_customer, note_id=note_id).status == 204
    assert not kept_of_notes(known_customer)


def test_fifty_of_the_longest_edits_can_be_kept_and_deleted(call: Call, known_customer: str) -> None:
    note_id = a_note(known_customer)
    for number in range(51):
        change = NoteChange(content=chr(0x1F600 + number) * 5000)
        notes.update(known_customer, note_id, change, MAKER, new_id(), ANYTHING)
    assert len(whole(call, known_customer, note_id)["history"]) == 50
    assert call("delete_note", customer_id=known_customer, note_id=note_id).status == 204
    assert not kept_of_notes(known_customer)


def test_a_deleted_note_is_gone(call: Call, known_customer: str) -> None:
    note_id, other = a_note(known_customer), a_note(known_customer)
    first = call("delete_note", customer_id=known_customer, note_id=note_id)
    assert (first.status, first.text) == (204, "")
    path = {"customer_id": known_customer, "note_id": note_id}
    assert call("delete_note", **path).status == 404
    assert call("get_note", **path).status == 404
    assert call("update_note", body={"pinned": True}, **path).status == 404
    assert [note["id"] for note in listed(call, known_customer)] == [other]
    assert told(call, known_customer)[0] == ("Note deleted", None)


def test_each_change_is_one_version_and_says_which_note(call: Call, known_customer: str) -> None:
    started = version(collection(known_customer))
    note_id = a_note(known_customer)
    steps: list[Callable[[], Any]] = [
        lambda: None,
        lambda: patch(call, known_customer, note_id, {"pinned": True}),
        lambda: call("delete_note", customer_id=known_customer, note_id=note_id),
    ]
    for number, step in enumerate(steps, start=1):
        step()
        commit = head(known_customer)
        assert int(commit["version"]["N"]) == started + number
        assert json.loads(commit["changed"]["S"]) == {"notes": [note_id]}
        assert int(commit["sections"]["M"]["notes"]["N"]) == started + number
        updated_at = call("list_notes", customer_id=known_customer).json["updatedAt"]
        assert commit["freshness"]["M"]["notes"]["S"].startswith(updated_at.rstrip("Z"))
    assert call("get_customer_360", customer_id=known_customer).json["version"] == started + 3
