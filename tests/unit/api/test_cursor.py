"""A cursor goes on exactly where its own list ended, and nowhere else."""

import base64
from string import ascii_letters, digits

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer360.api.cursor import decode, encode
from customer360.errors import Invalid

POSITION = "ORDER#2026-01-01T00:00:00.000000Z#o1"
SCOPE = ("orders", "c1", "completed", None, "2026-01-01T00:00:00.000000Z")
ALPHABET = ascii_letters + digits + "-_"

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=80)
scopes = st.lists(st.none() | texts, max_size=6).map(tuple)


def refusal(cursor: str, *scope: str | None) -> Invalid:
    with pytest.raises(Invalid) as error:
        decode(cursor, *scope)
    return error.value


@given(texts.filter(bool), scopes)
def test_a_cursor_gives_back_its_position(position: str, scope: tuple[str | None, ...]) -> None:
    cursor = encode(position, *scope)
    assert decode(cursor, *scope) == position
    assert set(cursor) <= set(ALPHABET)


def test_no_cursor_is_the_beginning() -> None:
    assert decode(None, *SCOPE) is None


def test_nothing_is_no_position() -> None:
    """No key of the table may be empty."""
    assert refusal(encode("", *SCOPE), *SCOPE).field == "cursor"


@pytest.mark.parametrize("place", range(len(encode(POSITION, *SCOPE))))
def test_a_change_of_any_character_is_refused(place: int) -> None:
    cursor = encode(POSITION, *SCOPE)
    for character in ALPHABET + "+/=% é\n":
        if character != cursor[place]:
            assert refusal(cursor[:place] + character + cursor[place + 1 :], *SCOPE).field == "cursor"


@given(st.data())
def test_a_cursor_that_was_cut_or_lengthened_is_refused(data: st.DataObject) -> None:
    cursor = encode(POSITION, *SCOPE)
    place = data.draw(st.integers(0, len(cursor)))
    more = data.draw(st.text(ALPHABET, min_size=1, max_size=4))
    assert refusal(cursor[:place] + more + cursor[place:], *SCOPE)
    if place < len(cursor):
        assert refusal(cursor[:place], *SCOPE)
        assert refusal(cursor[place + 1 :], *SCOPE)


@given(st.text(max_size=60))
def test_an_invented_cursor_is_refused(cursor: str) -> None:
    assert refusal(cursor, *SCOPE).field == "cursor"


def test_a_made_up_position_is_refused() -> None:
    forged = base64.urlsafe_b64encode(b"0" * 12 + POSITION.encode()).rstrip(b"=").decode()
    assert refusal(forged, *SCOPE)


@pytest.mark.parametrize("part", range(len(SCOPE)))
def test_a_cursor_of_another_list_is_refused(part: int) -> None:
    other = [*SCOPE[:part], "other", *SCOPE[part + 1 :]]
    assert refusal(encode(POSITION, *other), *SCOPE).field == "cursor"


def test_the_parts_of_a_scope_do_not_run_together() -> None:
    assert refusal(encode(POSITION, "a", "bc"), "ab", "c")
    assert refusal(encode("b" + POSITION, "a"), "ab")
