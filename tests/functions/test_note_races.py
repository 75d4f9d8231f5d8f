"""Notes are written, edited and deleted by many at once."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from customer360.api.etags import Precondition
from customer360.errors import NotFound, Stale
from customer360.notes import service as notes
from customer360.notes.schemas import NewNote, NoteChange
from support.builders import new_id
from support.collection import collection, version
from support.faults import watch
from support.gateway import Answer
from support.makers import MAKER, a_note
from support.notes import ANYTHING, SUPPORT, head, kept_of_notes, listed, told, whole
from support.parallel import all_at_once

pytestmark = pytest.mark.engine

Call = Callable[..., Answer]


def test_the_same_request_many_times_at_once_makes_one_note(call: Call, known_customer: str) -> None:
    add = partial(notes.add, known_customer, NewNote(content="Once."), SUPPORT, new_id())
    made = all_at_once([add] * 8)
    assert len({answer.note.id for answer in made}) == 1  # type: ignore[union-attr]
    assert len(listed(call, known_customer)) == len(told(call, known_customer)) == 1


def test_notes_added_at_once_are_all_kept(call: Call, known_customer: str) -> None:
    started = version(collection(known_customer))
    adds = [partial(notes.add, known_customer, NewNote(content=str(n)), MAKER, new_id()) for n in range(20)]
    made = all_at_once(adds)
    assert not [refusal for refusal in made if isinstance(refusal, Exception)]
    assert {note["content"] for note in listed(call, known_customer)} == {str(n) for n in range(20)}
    assert version(collection(known_customer)) == started + 20


def test_edits_made_at_once_lose_nothing_of_the_history(call: Call, known_customer: str) -> None:
    note_id = a_note(known_customer, content="first")
    edits = [
        partial(notes.update, known_customer, note_id, NoteChange(content=str(n)), MAKER, new_id(), ANYTHING)
        for n in range(10)
    ]
    assert not [refusal for refusal in all_at_once(edits) if isinstance(refusal, Exception)]
    after = whole(call, known_customer, note_id)
    texts = [after["note"]["content"], *(edit["content"] for edit in after["history"])]
    assert texts[-1] == "first"
    assert sorted(texts[:-1]) == [str(n) for n in range(10)]
    assert len(told(call, known_customer)) == 11


def test_of_edits_of_the_same_version_made_at_once_one_wins(call: Call, known_customer: str) -> None:
    note_id = a_note(known_customer)
    etag = call("get_note", customer_id=known_customer, note_id=note_id).headers["ETag"]
    seen = Precondition(etag, MAKER.permissions)
    edits = [
        partial(notes.update, known_customer, note_id, NoteChange(content=str(n)), MAKER, new_id(), seen)
        for n in range(6)
    ]
    refusals = [refusal for refusal in all_at_once(edits) if isinstance(refusal, Exception)]
    assert [type(refusal) for refusal in refusals] == [Stale] * 5
    assert len(whole(call, known_customer, note_id)["history"]) == 1


def test_a_note_deleted_and_edited_at_once_leaves_nothing_behind(call: Call, known_customer: str) -> None:
    note_id = a_note(known_customer)
    works: list[Callable[[], Any]] = [
        partial(notes.update, known_customer, note_id, NoteChange(content=str(n)), MAKER, new_id(), ANYTHING)
        for n in range(4)
    ]
    works += [partial(notes.delete, known_customer, note_id, MAKER, new_id())] * 2
    refusals = [refusal for refusal in all_at_once(works) if isinstance(refusal, Exception)]
    assert {type(refusal) for refusal in refusals} == {NotFound}
    assert not kept_of_notes(known_customer)


def test_who_is_refused_after_a_lost_race_keeps_nobody_waiting(
    known_customer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The claim a loser makes is given back, whatever then becomes of the request."""
    note_id = a_note(known_customer)
    calls = watch(monkeypatch)
    calls.before("TransactWriteItems", lambda: notes.delete(known_customer, note_id, MAKER, new_id()))
    with pytest.raises(NotFound):
        notes.update(known_customer, note_id, NoteChange(content="Late."), MAKER, new_id(), ANYTHING)
    assert "claimedBy" not in head(known_customer)
