"""Notes about a customer: who may see them, who may change them, and what they were before.

Guarantees: author and time are the server's, whatever the request says; a note, its earlier text and its entry in the
timeline are written together; a repeated request with the same action id gives the note of the first one. The text is
nowhere but in the note and its history, so there is one place to guard it.
"""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from typing import Any, TypeVar

from customer360.access.caller import Caller
from customer360.access.policy import MODERATES_NOTES, READS_NOTES
from customer360.api import cursor as cursors
from customer360.api.etags import Precondition
from customer360.errors import NotAllowed, NotFound
from customer360.instants import from_sortable, sortable
from customer360.notes.schemas import Author, NewNote, Note, NoteAnswer, NoteChange, NoteEdit, NoteHistory, NotePage
from customer360.storage.base import Turn, until_won
from customer360.storage.commit import Commit
from customer360.storage.heads import some_heads
from customer360.storage.items import CustomerItem, NoteEditItem, NoteItem
from customer360.storage.keys import NOTE, partition
from customer360.storage.paging import By, index_stream, page_of
from customer360.storage.parallel import at_once
from customer360.timeline.actions import action_item
from customer360.timeline.entries import Entry

KEPT_EDITS = 50
WAITING_SECONDS = 8

Summary = dict[str, Any]
Done = TypeVar("Done")


def page(customer_id: str, by: Caller, limit: int = 20, cursor: str | None = None) -> NotePage:
    """Pinned first, then newest first. Raises NotFound, and Invalid for a cursor of another list."""
    position = cursors.decode(cursor, "notes", customer_id)
    streams = [
        index_stream(partition(customer_id), By.STATE, NOTE + visibility)
        for visibility, needed in READS_NOTES.items()
        if needed in by.permissions
    ]
    found, heads = at_once((partial(page_of, streams, limit, position), partial(some_heads, customer_id)))
    return NotePage(
        notes=[_note(row.summary) for row in found.rows],
        updated_at=heads.updated_at("notes"),
        next_cursor=cursors.encode(found.next_position, "notes", customer_id) if found.next_position else None,
    )


def get(customer_id: str, note_id: str, by: Caller) -> NoteHistory:
    """A note and what it was before. Raises NotFound, also for one the caller may not see."""
    some_heads(customer_id)
    pk = partition(customer_id)
    item = _visible(pk, note_id, by)
    return NoteHistory(note=_note(item.summary), history=history(customer_id, note_id, by))


def history(customer_id: str, note_id: str, by: Caller) -> list[NoteEdit]:
    """What a note was before, newest first, as far as the caller may see it; nothing for one that is not there."""
    edits = _edits(partition(customer_id), note_id)
    return [_edit(edit.summary) for edit in edits if _may_read(edit.summary, by)]


def add(customer_id: str, new: NewNote, by: Caller, action_id: str) -> NoteAnswer:
    """Raises NotFound for the customer."""
    return _won(partial(_add, customer_id, new, by, action_id))


def _add(customer_id: str, new: NewNote, by: Caller, action_id: str, turn: Turn) -> NoteAnswer:
    commit = Commit.of_known(customer_id, turn)
    now = datetime.now(UTC)
    summary = {
        "id": action_id,
        "content": new.content,
        "visibility": new.visibility,
        "pinned": new.pinned,
        "createdBy": {"id": by.id, "name": by.name},
        "createdAt": sortable(now),
        "updatedAt": None,
    }
    for known in NoteItem.query(commit.pk, NoteItem.sk == NOTE + action_id, consistent_read=True):
        # As it was then: since, others may have put into it what this author may not read.
        commit.abandon()
        return NoteAnswer(note=_note(summary | {"createdAt": known.summary["createdAt"]}))
    commit.put(_item(commit.pk, summary, edits=0))
    _record(commit, action_id, "added", None, summary, by, now)
    commit.write()
    return NoteAnswer(note=_note(summary))


def update(
    customer_id: str, note_id: str, change: NoteChange, by: Caller, action_id: str, unchanged: Precondition
) -> NoteAnswer:
    """For its author, or managers. Raises NotFound (also for one they may not see), NotAllowed and Stale."""
    return _won(partial(_update, customer_id, note_id, change, by, action_id, unchanged))


def _update(
    customer_id: str,
    note_id: str,
    change: NoteChange,
    by: Caller,
    action_id: str,
    unchanged: Precondition,
    turn: Turn,
) -> NoteAnswer:
    commit = Commit.of_known(customer_id, turn)
    item = _changeable(commit.pk, note_id, by)
    before: Summary = item.summary
    unchanged.require(
        lambda: NoteAnswer(note=_note(before)), lambda: get(customer_id, note_id, by), lambda: page(customer_id, by)
    )
    changes = change.model_dump(by_alias=False, exclude_none=True)
    if all(before[name] == value for name, value in changes.items()):
        commit.abandon()
        return NoteAnswer(note=_note(before))
    now = datetime.now(UTC)
    after = before | changes | {"updatedAt": sortable(now)}
    replaced = before | {"replacedAt": sortable(now), "replacedBy": {"id": by.id, "name": by.name}}
    commit.put(NoteEditItem(commit.pk, _edit_key(note_id, item.edits), summary=replaced))
    if item.edits >= KEPT_EDITS:
        commit.delete(NoteEditItem(commit.pk, _edit_key(note_id, item.edits - KEPT_EDITS)))
    commit.put(_item(commit.pk, after, edits=item.edits + 1))
    _record(commit, action_id, "edited", before, after, by, now)
    commit.write()
    return NoteAnswer(note=_note(after))


def delete(customer_id: str, note_id: str, by: Caller, action_id: str) -> None:
    """Deletes the note and its history, for its author or managers. Raises NotFound and NotAllowed."""
    _won(partial(_delete, customer_id, note_id, by, action_id))


def _delete(customer_id: str, note_id: str, by: Caller, action_id: str, turn: Turn) -> None:
    commit = Commit.of_known(customer_id, turn)
    item = _changeable(commit.pk, note_id, by)
    commit.delete(item)
    for edit in _edits(commit.pk, note_id):
        commit.delete(edit)
    _record(commit, action_id, "deleted", item.summary, None, by, datetime.now(UTC))
    commit.write()


def _visible(pk: str, note_id: str, by: Caller) -> NoteItem:
    try:
        item = NoteItem.get(pk, NOTE + note_id, consistent_read=True)
    except NoteItem.DoesNotExist:
        raise NotFound("note") from None
    if not _may_read(item.summary, by):
        raise NotFound("note")
    return item


def _changeable(pk: str, note_id: str, by: Caller) -> NoteItem:
    """What one may not read one may not change; what one may read, only if it is one's own or one is a manager."""
    item = _visible(pk, note_id, by)
    if item.summary["createdBy"]["id"] != by.id and MODERATES_NOTES not in by.permissions:
        raise NotAllowed(MODERATES_NOTES)
    return item


def _may_read(summary: Summary, by: Caller) -> bool:
    return READS_NOTES[summary["visibility"]] in by.permissions


def _item(pk: str, summary: Summary, *, edits: int) -> NoteItem:
    listed = f"{NOTE}{summary['visibility']}#{int(summary['pinned'])}#{summary['createdAt']}#{summary['id']}"
    return NoteItem(pk, NOTE + summary["id"], by_state=listed, summary=summary, edits=edits)


def _edit_key(note_id: str, number: int) -> str:
    return f"{NOTE}{note_id}#EDIT#{number:06}"


def _edits(pk: str, note_id: str) -> Iterator[CustomerItem]:
    """What the note was before, newest first."""
    prefix = NoteEditItem.sk.startswith(f"{NOTE}{note_id}#EDIT#")
    edits = NoteEditItem.query(pk, prefix, scan_index_forward=False, consistent_read=True)
    return islice(edits, KEPT_EDITS + 1)


def _record(
    commit: Commit,
    action_id: str,
    done: str,
    before: Summary | None,
    after: Summary | None,
    by: Caller,
    at: datetime,
) -> None:
    """The entry in the timeline, without the text; for managers only if the note is, or was until now."""
    versions = [version for version in (before, after) if version]
    audience = "managers" if any(version["visibility"] == "managers" for version in versions) else "team"
    metadata = {
        "noteId": versions[0]["id"],
        "before": _shown(before),
        "after": _shown(after),
        "by": {"id": by.id, "name": by.name},
    }
    commit.put(action_item(commit.pk, action_id, Entry(done, "note", f"Note {done}", "", at, metadata, audience)))
    # Live messages name what changed to whoever may read notes: of one for managers not even the id.
    commit.touch(["notes"], versions[0]["id"] if audience == "team" else None)
    commit.refresh(["notes"], at)


def _shown(version: Summary | None) -> Summary | None:
    return version and {"visibility": version["visibility"], "pinned": version["pinned"]}


def _note(summary: Summary) -> Note:
    return Note(
        id=summary["id"],
        content=summary["content"],
        visibility=summary["visibility"],
        pinned=summary["pinned"],
        created_by=Author(**summary["createdBy"]),
        created_at=from_sortable(summary["createdAt"]),
        updated_at=from_sortable(summary["updatedAt"]) if summary["updatedAt"] else None,
    )


def _edit(summary: Summary) -> NoteEdit:
    return NoteEdit(
        content=summary["content"],
        visibility=summary["visibility"],
        pinned=summary["pinned"],
        replaced_at=from_sortable(summary["replacedAt"]),
        replaced_by=Author(**summary["replacedBy"]),
    )


def _won(attempt: Callable[[Turn], Done]) -> Done:
    return until_won(attempt, deadline=time.monotonic() + WAITING_SECONDS)
