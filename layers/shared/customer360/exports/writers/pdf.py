"""Writes a document as a PDF that can be handed to somebody: cover, figures, explained scores, charts, tables.

Rows are drawn as they are read and then forgotten, so a long history does not fill the memory: what stays is the
drawing, some kilobytes a page. The same document always makes the same file.
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from itertools import chain
from pathlib import Path
from typing import Any

from customer360.exports.document import Cover, Document, Section, Table, value_at
from customer360.exports.writers.cells import Count
from customer360.exports.writers.pdf_blocks import (
    draw_bullets,
    draw_cover,
    draw_facts,
    draw_score,
    draw_tiles,
    facts_of,
)
from customer360.exports.writers.pdf_charts import Frame, Spending, draw_columns
from customer360.exports.writers.pdf_fonts import isolated, printable
from customer360.exports.writers.pdf_paper import ACCENT, INK, MARGIN, MUTED, Paper
from customer360.exports.writers.pdf_tables import draw_table
from customer360.exports.writers.pdf_values import NOTHING, Values, counted, grouped

CHART_HEIGHT = 165.0
# What has to fit below a heading, lest it stand alone at the foot of a page: a row of tiles, a score, a chart.
ROOM = {"metrics": 90.0, "health": 150.0, "churn": 150.0, "orders": CHART_HEIGHT + 110}

# What the orders of a file are limited to by its filters, and so its charts.
WITHIN = " in the time that this file is limited to"
LIMITS = frozenset({"from", "to"})

DAYS = ("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat")

Row = Mapping[str, Any]


def write(document: Document, path: Path, progress: Callable[[int], None]) -> int:
    """Writes the file and gives the number of rows in its tables."""
    count = Count(progress)
    cover = document.cover
    values = Values(cover.currency, cover.time_zone)
    sections = iter(document.sections)
    first = next(sections, None)
    headline = headline_of(cover, first)
    with closing(blank_paper(cover, headline, values)) as paper:
        paper.add_page()
        draw_cover(paper, cover, headline, values)
        writing = Writing(paper, values, count, "" if LIMITS.isdisjoint(cover.filters) else WITHIN)
        for section in chain([first] if first else [], sections):
            writing.add(section)
        paper.finish(path)
    return count.rows


def headline_of(cover: Cover, first: Section | None) -> str:
    """Of whom the document is: by the name in the profile, if it begins with one."""
    name = value_at(first.answer, "name") if first and first.name == "profile" else None
    return printable(str(name or cover.subject)).replace("\n", " ")


def blank_paper(cover: Cover, headline: str, values: Values) -> Paper:
    """Paper with what stands on all of its pages."""
    made_by = f"{isolated(printable(cover.made_by_name))} ({printable(cover.made_by_role)})"
    made_at = values.instant(cover.made_at, with_offset=True)
    return Paper(
        title=printable(cover.title),
        subject=headline,
        author=printable(cover.made_by_name),
        made_at=datetime.fromisoformat(cover.made_at).astimezone(values.zone),
        foot=f"Prepared by {made_by} · {made_at} · {printable(cover.export_id)}",
    )


@dataclass
class Writing:
    """A document under way."""

    paper: Paper
    values: Values
    count: Count
    within: str

    def add(self, section: Section) -> None:
        """A section, in the way that suits what it holds."""
        self._heading(section, room=ROOM.get(section.name, 100))
        match section.name:
            case "metrics":
                self._metrics(section)
            case "health" | "churn":
                self._score(section)
            case "orders":
                self._orders(section)
            case "analytics":
                self._analytics(section)
            case "customers":
                self._found(section)
            case _:
                self._facts(section)
                self._tables(section.tables, but_title=section.title)
        self.paper.y += 6

    def _heading(self, section: Section, room: float) -> None:
        paper = self.paper
        paper.make_room(room)
        paper.start_section(printable(section.title))
        paper.put(MARGIN, paper.y + 15, printable(section.title), 14, bold=True, color=ACCENT)
        changed = value_at(section.answer, "updatedAt")
        if changed and any(column.key == "updatedAt" for column in section.columns):
            text = f"Last changed {self.values.instant(changed)}"
            paper.put(MARGIN + paper.width, paper.y + 15, text, 7.5, color=MUTED, align="R")
        paper.rule(paper.y + 21, ACCENT)
        paper.y += 28

    def _facts(self, section: Section, but: Iterable[str] = ()) -> None:
        left_out = {"updatedAt", *but}
        columns = [column for column in section.columns if column.key not in left_out]
        if columns:
            draw_facts(self.paper, facts_of(section, columns, self.values))

    def _tables(
        self, tables: Iterable[Table], on_row: Callable[[Row], None] = lambda _: None, *, but_title: str = ""
    ) -> None:
        for table in tables:
            if table.title != but_title:
                self._title(table.title)
            draw_table(self.paper, replace(table, rows=self.count.through(table.rows)), self.values, on_row)

    def _title(self, title: str) -> None:
        self.paper.make_room(100)
        self.paper.put(MARGIN, self.paper.y + 10, printable(title), 10, bold=True, color=INK)
        self.paper.y += 17

    def _metrics(self, section: Section) -> None:
        columns = [column for column in section.columns if column.key not in {"currency", "updatedAt"}]
        figures = facts_of(section, columns, self.values)
        draw_tiles(self.paper, [(name, value) for name, value in figures if value != NOTHING])
        self._tables(section.tables)

    def _score(self, section: Section) -> None:
        contributions, others = [], []
        for table in section.tables:
            if table.name == "contributions":
                contributions = list(self.count.through(table.rows))
            else:
                others.append(table)
        draw_score(self.paper, section, contributions, is_risk=section.name == "churn")
        advice = [column for column in section.columns if column.key in ADVICE]
        for column in advice:
            draw_bullets(self.paper, printable(column.title), value_at(section.answer, column.key) or ())
        self._facts(section, but={"score", "level", *(column.key for column in advice)})
        self._tables(others)

    def _orders(self, section: Section) -> None:
        """The charts stand before the orders, but are drawn after them, when their sums are known."""
        self._facts(section)
        orders, *others = section.tables
        rows = iter(orders.rows)
        first = next(rows, None)
        if first is None:
            self.paper.put(MARGIN, self.paper.y + 9, f"No orders{self.within}.", 8.5, color=MUTED)
            self.paper.y += 14
            return
        # Sums over orders are only for those who may see them, as `totalRevenue` is.
        has_sums = any(column.key == "totalRevenue" for column in section.columns)
        spending = Spending(self.values, self.within)
        place = self._place_for_charts() if has_sums else None
        self._tables([replace(orders, rows=chain([first], rows))], spending.add)
        self._tables(others)
        if place:
            with self.paper.back_on(place.page):
                spending.draw(self.paper, place.frame)

    def _place_for_charts(self) -> "Place":
        paper = self.paper
        paper.make_room(CHART_HEIGHT + 20)
        frame = Frame(MARGIN, paper.y, paper.width, CHART_HEIGHT)
        paper.y += CHART_HEIGHT + 20
        return Place(paper.page, frame)

    def _found(self, section: Section) -> None:
        """How many customers were found stands beside the title, but is known after the last of them."""
        page, y, before = self.paper.page, self.paper.y, self.count.rows
        self._tables(section.tables, but_title=section.title)
        found = counted(self.count.rows - before, "customer")
        with self.paper.back_on(page):
            self.paper.put(MARGIN + self.paper.width, y - 13, f"{found} found", 7.5, color=MUTED, align="R")

    def _analytics(self, section: Section) -> None:
        """The shopping times are charts, whose columns carry the numbers that would else be a long list."""
        times = value_at(section.answer, "shoppingTimes") or {}
        charted = {column.key for column in section.columns if column.key.startswith(CHARTED)}
        self._facts(section, but=charted)
        if charted:
            paper = self.paper
            paper.make_room(CHART_HEIGHT)
            narrow = paper.width * 0.3
            days = [Decimal(str(times["dayOfWeek"].get(str(day), 0))) for day in range(7)]
            hours = [Decimal(str(times["hourOfDay"].get(str(hour), 0))) for hour in range(24)]
            frame = Frame(MARGIN, paper.y, narrow, CHART_HEIGHT - 30)
            draw_columns(paper, frame, "Orders by weekday", DAYS, days, grouped)
            frame = Frame(MARGIN + narrow + 18, paper.y, paper.width - narrow - 18, CHART_HEIGHT - 30)
            names = [f"{hour:02}" for hour in range(24)]
            draw_columns(paper, frame, "Orders by hour of the day", names, hours, grouped)
            paper.y += CHART_HEIGHT - 16
        self._tables(section.tables)


@dataclass(frozen=True)
class Place:
    """Where something is drawn later on."""

    page: int
    frame: Frame


# The values that are the columns of a chart.
CHARTED = ("shoppingTimes.dayOfWeek.", "shoppingTimes.hourOfDay.")
# The values that are sentences of advice.
ADVICE = frozenset({"recommendations", "retentionStrategies"})
