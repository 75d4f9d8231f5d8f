"""Tables of a PDF: as many rows as there are, one at a time, with the head repeated on every page."""

from collections.abc import Callable, Iterator, Sequence
from itertools import chain, islice

from customer360.exports.document import Table
from customer360.exports.writers.pdf_columns import PADDING, Layout, Row, chosen_layout
from customer360.exports.writers.pdf_fonts import printable
from customer360.exports.writers.pdf_paper import ACCENT, BASELINE, INK, LEADING, MARGIN, MUTED, STRIPE, TINT, Paper
from customer360.exports.writers.pdf_values import NUMERIC, Values

# How many rows are looked at to choose the columns and their widths.
SAMPLE = 100
# A row taller than this part of a page is broken over pages; any other stays whole.
BREAKABLE = 0.25
DETAIL_SIZE = 7.5

Cells = list[list[str]]


def draw_table(paper: Paper, table: Table, values: Values, on_row: Callable[[Row], None]) -> None:
    """Put the table where the paper stands, calling `on_row` with each row. Holds no more than a sample of them."""
    rows = iter(table.rows)
    sample = list(islice(rows, SAMPLE))
    if not sample:
        paper.put(MARGIN, paper.y + 9, "None.", 8.5, color=MUTED)
        paper.y += 14
        return
    drawing = Drawing(paper, chosen_layout(paper, table.columns, sample, values))
    drawing.begin()
    for row in chain(sample, rows):
        on_row(row)
        drawing.add(
            [values.shown(row, column) for column in drawing.layout.columns], drawing.layout.details(row, values)
        )
    drawing.end()


class Drawing:
    """A table under way on paper."""

    def __init__(self, paper: Paper, layout: Layout) -> None:
        self.layout = layout
        self._paper = paper
        self._head = self._cells([printable(column.title) for column in layout.columns], bold=True)
        self._is_striped = False
        self._has_rows = False

    def begin(self) -> None:
        """The head, with room for a few lines below it."""
        self._paper.make_room(self._height(self._head) + 3 * (self.layout.line + 2 * PADDING))
        self._draw_head()

    def add(self, texts: Sequence[str], details: str) -> None:
        """A row: whole on one page, or, if it is very tall, on the pages it takes."""
        cells = self._cells(texts)
        below = self._paper.lines(details, self._paper.width - 4 * PADDING, DETAIL_SIZE) if details else []
        for part, rest in self._parts(cells, below):
            self._draw(part, rest, background=STRIPE if self._is_striped else None)
        self._is_striped = not self._is_striped
        self._has_rows = True

    def end(self) -> None:
        """The line below the last row."""
        self._paper.rule(self._paper.y)
        self._paper.y += 8

    def _cells(self, texts: Sequence[str], *, bold: bool = False) -> Cells:
        return [
            self._paper.lines(text, width - 2 * PADDING, self.layout.size, bold=bold)
            for text, width in zip(texts, self.layout.widths, strict=True)
        ]

    def _parts(self, cells: Cells, below: list[str]) -> Iterator[tuple[Cells, list[str]]]:
        """The row as it goes onto the page or pages, each of them begun when its part is taken.

        The first is broken rather than put onto the next page, or the head would stand alone at the foot of this one.
        """
        height = self._height(cells, below)
        is_low = height <= (self._paper.bottom - MARGIN) * BREAKABLE
        if is_low and (self._has_rows or self._paper.y + height <= self._paper.bottom):
            self._make_room(height)
            yield cells, below
            return
        while any(cells):
            fitting = self._fitting(self.layout.line)
            yield [cell[:fitting] for cell in cells], []
            cells = [cell[fitting:] for cell in cells]
        while below:
            fitting = self._fitting(DETAIL_SIZE * LEADING)
            yield [], below[:fitting]
            below = below[fitting:]

    def _fitting(self, line: float) -> int:
        """How many lines fit on this page, or on the next if it is nearly full."""
        self._make_room(3 * line + 2 * PADDING)
        return int((self._paper.bottom - self._paper.y - 2 * PADDING) / line)

    def _make_room(self, height: float) -> None:
        if self._paper.make_room(height):
            self._draw_head()

    def _draw_head(self) -> None:
        self._draw(self._head, [], background=TINT, is_head=True)
        self._paper.rule(self._paper.y, ACCENT)

    def _draw(
        self, cells: Cells, below: list[str], *, background: tuple[int, int, int] | None, is_head: bool = False
    ) -> None:
        paper, layout, left = self._paper, self.layout, MARGIN
        height = self._height(cells, below)
        if background:
            paper.box(MARGIN, paper.y, paper.width, height, background)
        color = ACCENT if is_head else INK
        for column, width, lines in zip(layout.columns, layout.widths, cells, strict=bool(cells)):
            align, x = ("R", left + width - PADDING) if column.kind in NUMERIC else ("L", left + PADDING)
            y = paper.y + PADDING + layout.size * BASELINE
            for line in lines:
                paper.put(x, y, line, layout.size, bold=is_head, color=color, align=align)
                y += layout.line
            left += width
        y = paper.y + height - PADDING - len(below) * DETAIL_SIZE * LEADING + DETAIL_SIZE * BASELINE
        for line in below:
            paper.put(MARGIN + 2 * PADDING, y, line, DETAIL_SIZE, color=MUTED)
            y += DETAIL_SIZE * LEADING
        paper.y += height

    def _height(self, cells: Cells, below: Sequence[str] = ()) -> float:
        beside = max((len(lines) for lines in cells), default=0) * self.layout.line
        return beside + len(below) * DETAIL_SIZE * LEADING + 2 * PADDING
