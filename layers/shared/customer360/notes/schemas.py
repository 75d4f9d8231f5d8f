"""What the endpoints of notes take and answer."""

from typing import Annotated, Literal

from pydantic import StringConstraints

from customer360.api.free_text import NoCardNumbers
from customer360.api.schema import Instant, Request, Response, absent_if_none

Visibility = Literal["team", "managers"]
Content = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=5000), NoCardNumbers]


class NewNote(Request):
    """`managers`: only managers and administrators will see it, not even its author if they are neither."""

    content: Content
    visibility: Visibility = "team"
    pinned: bool = False


class NoteChange(Request):
    """What is left out stays as it is."""

    content: Content | None = None
    visibility: Visibility | None = None
    pinned: bool | None = None


class Author(Response):
    id: str
    name: str


class Note(Response):
    id: str
    content: str
    visibility: Visibility
    pinned: bool
    created_by: Author
    created_at: Instant
    updated_at: Instant | None = absent_if_none()


class NoteAnswer(Response):
    note: Note


class NotePage(Response):
    """A page of notes: pinned ones first, then newest first. Only those the caller may see."""

    notes: list[Note]
    updated_at: Instant | None
    next_cursor: str | None = absent_if_none()


class NoteEdit(Response):
    """What a note was until `replacedAt`, and who replaced it."""

    content: str
    visibility: Visibility
    pinned: bool
    replaced_at: Instant
    replaced_by: Author


class NoteHistory(Response):
    """A note with what it was before, newest first; of many edits the latest 50."""

    note: Note
    history: list[NoteEdit]
