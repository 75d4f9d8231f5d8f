"""Which columns of a table stand side by side, how wide they are, and what is put below each row instead.

A row of an order has more values than a page has room for columns. What tells most stays a column; the rest follows
the row in one line of names and values, without those that are empty.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from customer360.exports.document import Column, Kind, value_at
from customer360.exports.writers.pdf_fonts import isolated, printable
from customer360.exports.writers.pdf_paper import LEADING, Paper
from customer360.exports.writers.pdf_values import NOTHING, NUMERIC, Values

Row = Mapping[str, Any]

SIZE = 8.0
PADDING = 3.5
MOST_COLUMNS = 9
WIDEST_WISH = 210.0
WIDEST_NEED = 125.0
USUAL_NEED = 42.0
NARROWEST_NEED = 22.0
# By how much the columns may wish for more than the page is wide, before the less telling ones go below.
CROWDED = 1.15
# A text of more lines than this, in a column narrower than that part of the page, reads better across the whole of it.
MOST_LINES = 12
NARROW = 0.35
UNBROKEN = NUMERIC | {Kind.DAY, Kind.YES_NO}


class Layout(NamedTuple):
    """How a table is set: the columns with their widths, which add up to the page's, and what goes below a row."""

    columns: tuple[Column, ...]
    widths: tuple[float, ...]
    below: tuple[Column, ...]
    size: float = SIZE

    @property
    def line(self) -> float:
        """From line to line."""
        return self.size * LEADING

    def details(self, row: Row, values: Values) -> str:
        """What goes below the row: `Items: 3 · Payment method: card`; empty if there is nothing."""
        shown = ((column.title, values.shown(row, column)) for column in self.below)
        return "  ·  ".join(f"{printable(title)}: {isolated(value)}" for title, value in shown if value != NOTHING)


class Wish(NamedTuple):
    """The width a column cannot do without, a comfortable one, and the one with which nothing would be broken."""

    need: float
    wish: float
    whole: float


def chosen_layout(paper: Paper, columns: Sequence[Column], sample: Sequence[Row], values: Values) -> Layout:
    """The layout for a table whose first rows are the sample."""
    wanted = [column for column in columns if not _says_what_another_does(column, columns)]
    wishes = {column: _wish(paper, column, sample, values) for column in wanted}
    beside = wanted
    if len(wanted) > MOST_COLUMNS or sum(wishes[column].whole for column in wanted) > paper.width * CROWDED:
        beside = []
        for column in (column for column in wanted if _tells(column, columns, sample)):
            if len(beside) < MOST_COLUMNS and _need(wishes, [*beside, column]) <= paper.width:
                beside.append(column)
        beside = _without_towers(beside or wanted[:1], wishes, paper.width)
    widths = _shared_out([wishes[column] for column in beside], paper.width)
    return Layout(tuple(beside), widths, tuple(column for column in wanted if column not in beside))


def _without_towers(beside: Sequence[Column], wishes: Mapping[Column, Wish], room: float) -> list[Column]:
    """The columns but those whose texts would stand as towers, the tallest first: the others get wider without it."""
    kept = list(beside)
    while len(kept) > 1:
        widths = _shared_out([wishes[column] for column in kept], room)
        lines = {column: wishes[column].whole / width for column, width in zip(kept, widths, strict=True)}
        narrow = [column for column, width in zip(kept, widths, strict=True) if width < NARROW * room]
        tower = max(narrow, key=lines.__getitem__, default=None)
        if tower is None or lines[tower] <= MOST_LINES:
            break
        kept.remove(tower)
    return kept


def _says_what_another_does(column: Column, columns: Sequence[Column]) -> bool:
    """A currency stands before each of its amounts. Of what a row is part of, a number people know says it all."""
    if any(other.currency == column.key for other in columns):
        return True
    return column.key == "of.id" and any(other.key in {"of.orderNumber", "of.ticketNumber"} for other in columns)


def _tells(column: Column, columns: Sequence[Column], sample: Sequence[Row]) -> bool:
    """Whether people look for it: not an id, the parts of an address, when a row was last touched, or what is rare."""
    holder = column.key.rpartition(".")[0]
    is_part_of_much = holder not in {"", "of"} and sum(other.key.startswith(f"{holder}.") for other in columns) > 2
    if is_part_of_much or column.key.lower().endswith("id") or column.key == "updatedAt":
        return False
    return 2 * sum(value_at(row, column.key) not in (None, "", []) for row in sample) >= len(sample)


def _wish(paper: Paper, column: Column, sample: Sequence[Row], values: Values) -> Wish:
    title = max(paper.width_of(word, SIZE, bold=True) for word in printable(column.title).split(" "))
    texts = [line for row in sample for line in values.shown(row, column).split("\n")]
    whole = max(paper.width_of(text, SIZE) for text in texts)
    if column.kind in UNBROKEN:
        need = whole
    else:
        longest = max(paper.width_of(word, SIZE) for text in texts for word in text.split(" "))
        need = min(WIDEST_NEED, max(longest, min(whole, USUAL_NEED)))
    need = max(title, need, NARROWEST_NEED)
    room = 2 * PADDING + 1  # one point more, or rounding could break what fits exactly
    return Wish(need + room, max(need, min(whole, WIDEST_WISH)) + room, max(need, whole) + room)


def _need(wishes: Mapping[Column, Wish], columns: Sequence[Column]) -> float:
    return sum(wishes[column].need for column in columns)


def _shared_out(wishes: Sequence[Wish], room: float) -> tuple[float, ...]:
    """Widths that fill the room: to each what it needs, then what it wishes for, then the rest in proportion."""
    need, wish = sum(one.need for one in wishes), sum(one.wish for one in wishes)
    if need > room:
        return tuple(one.need * room / need for one in wishes)
    if wish > room:
        return tuple(one.need + (one.wish - one.need) * (room - need) / (wish - need) for one in wishes)
    return tuple(one.wish * room / wish for one in wishes)
