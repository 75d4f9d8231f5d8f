"""What a PDF shows beside tables and charts: the cover, tiles of figures, values with their names, and scores."""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from customer360.exports.document import Column, Cover, Section, value_at
from customer360.exports.writers.pdf_charts import draw_shares
from customer360.exports.writers.pdf_fonts import printable
from customer360.exports.writers.pdf_paper import (
    ACCENT,
    AMBER,
    GREEN,
    INK,
    LEADING,
    MARGIN,
    MUTED,
    RED,
    TINT,
    WHITE,
    Color,
    Paper,
)
from customer360.exports.writers.pdf_values import NOTHING, Values, grouped, is_in, words

GAP = 8.0
NAME_WIDTH = 104.0
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
CAPITAL = re.compile(r"(?<=[a-z])[A-Z]")
# What a filter is called where the name it has in the API says little.
FILTERS: Mapping[str, str] = {
    "q": "words",
    "clvMin": "lifetime value min",
    "clvMax": "lifetime value max",
    "emailOptIn": "accepts e-mail",
}
LEVELS: Mapping[str, Color] = {
    "excellent": GREEN,
    "good": GREEN,
    "low": GREEN,
    "fair": AMBER,
    "medium": AMBER,
    "poor": RED,
    "high": RED,
}


def draw_cover(paper: Paper, cover: Cover, headline: str, values: Values) -> None:
    """The block a document opens with: of whom it is, who made it, when, and what it was limited to."""
    paper.box(0, 0, paper.w, 108, ACCENT)
    paper.put(MARGIN, 46, paper.shortened(printable(cover.title), paper.width, 11), 11, color=TINT)
    paper.put(MARGIN, 80, paper.shortened(headline, paper.width, 24, bold=True), 24, bold=True, color=WHITE)
    paper.y = 124
    facts = [
        ("Of", printable(cover.subject)),
        ("Prepared", values.instant(cover.made_at, with_offset=True)),
        ("Prepared by", f"{printable(cover.made_by_name)} ({printable(cover.made_by_role)})"),
        ("Prepared by, id", printable(cover.made_by_id)),
        ("Export id", printable(cover.export_id)),
        ("Times", f"{values.zone.key}, the shop's time zone"),
        ("Currency", f"{values.currency}, the shop's, unless another stands beside an amount"),
    ]
    if cover.version is not None:
        facts.append(("Version of the customer", grouped(cover.version)))
    facts += [shown_filter(name, value, values) for name, value in cover.filters.items()]
    draw_facts(paper, facts)


def shown_filter(name: str, value: Any, values: Values) -> tuple[str, str]:
    """What the content was limited to, in words: an instant on the shop's clock, anything else as it was asked for."""
    if name == "sort":
        order = "descending" if value.startswith("-") else "ascending"
        return "Sorted by", f"{printable(in_words(value.removeprefix('-')))}, {order}"
    is_instant = isinstance(value, str) and INSTANT.fullmatch(value)
    label = f"Limited to: {printable(FILTERS.get(name, in_words(name)))}"
    return label, values.instant(value) if is_instant else words(value)


def in_words(name: str) -> str:
    """`last purchase from` of `lastPurchaseFrom`."""
    return CAPITAL.sub(lambda capital: f" {capital[0].lower()}", name)


def draw_facts(paper: Paper, facts: Sequence[tuple[str, str]]) -> None:
    """Printable names and values, in two columns; what is long takes a line of its own."""
    half = (paper.width - 24) / 2
    side = 0
    for name, value in facts:
        size = fitting(paper, value, half - NAME_WIDTH, 9)
        is_long = size < 7.5 or "\n" in value
        if is_long and side:
            paper.y, side = paper.y + 15, 0
        if not side:
            paper.make_room(15)
        left = MARGIN + side * (half + 24)
        paper.put(left, paper.y + 10, name, fitting(paper, name, NAME_WIDTH - 6, 8.5), color=MUTED)
        if is_long:
            paper.y += 1
            paper.paragraph(value, 9, x=left + NAME_WIDTH, width=paper.width - NAME_WIDTH)
            paper.y += 2
            continue
        paper.put(left + NAME_WIDTH, paper.y + 10, value, size)
        paper.y, side = (paper.y + 15, 0) if side else (paper.y, 1)
    paper.y += 15 * side + 8


def facts_of(section: Section, columns: Sequence[Column], values: Values) -> list[tuple[str, str]]:
    """The names and values of the columns that a section says something about."""
    told = (column for column in columns if is_in(section.answer, column.key))
    return [(printable(column.title), values.shown(section.answer, column)) for column in told]


def draw_tiles(paper: Paper, figures: Sequence[tuple[str, str]]) -> None:
    """Figures side by side, four in a row: what they are, and large what they come to."""
    width = (paper.width - 3 * GAP) / 4
    for at, (name, value) in enumerate(figures):
        column = at % 4
        if column == 0:
            paper.make_room(46 + GAP)
        left = MARGIN + column * (width + GAP)
        paper.box(left, paper.y, width, 46, TINT)
        paper.put(left + 8, paper.y + 16, name, fitting(paper, name, width - 16, 7.5), color=MUTED)
        size = fitting(paper, value, width - 16, 13, bold=True)
        paper.put(left + 8, paper.y + 35, value, size, bold=True)
        if column == 3 or at == len(figures) - 1:
            paper.y += 46 + GAP
    paper.y += 4


def fitting(paper: Paper, text: str, width: float, size: float, *, bold: bool = False) -> float:
    """The size, or the smaller one at which the text fits."""
    return size * min(1.0, width / max(paper.width_of(text, size, bold=bold), 1.0))


def draw_score(paper: Paper, section: Section, contributions: Sequence[Mapping[str, Any]], *, is_risk: bool) -> None:
    """A score with its level, then what it is made of: the points of all factors add up to it."""
    answer = section.answer
    score, level = value_at(answer, "score"), str(value_at(answer, "level") or "")
    paper.make_room(60 + 15.0 * len(contributions))
    text = f"{grouped(score)}"
    paper.put(MARGIN, paper.y + 26, text, 26, bold=True)
    beside = MARGIN + paper.width_of(text, 26, bold=True) + 6
    paper.put(beside, paper.y + 26, "of 100", 9, color=MUTED)
    beside += paper.width_of("of 100", 9) + 12
    badge = paper.width_of(level.capitalize(), 9, bold=True) + 16
    paper.box(beside, paper.y + 13, badge, 17, LEVELS.get(level, MUTED))
    paper.put(beside + badge / 2, paper.y + 25, level.capitalize(), 9, bold=True, color=WHITE, align="C")
    paper.put(beside + badge + 12, paper.y + 25, meaning(answer, is_risk=is_risk), 8.5, color=MUTED)
    paper.y += 42
    if contributions:
        up, down = (RED, GREEN) if is_risk else (ACCENT, RED)
        draw_shares(paper, [_share(one) for one in contributions], up=up, down=down)


def meaning(answer: Mapping[str, Any], *, is_risk: bool) -> str:
    """What the score says, in a sentence."""
    probability, days = value_at(answer, "probability"), value_at(answer, "horizonDays")
    if is_risk and probability is not None and days is not None:
        percent = grouped((Decimal(str(probability)) * 100).quantize(Decimal("0.1")))
        return f"{percent}\u00a0% likely to buy nothing within {days} days"
    return "The factors below add up to it" if not is_risk else ""


def draw_bullets(paper: Paper, title: str, sentences: Sequence[Any]) -> None:
    """A list of sentences with a title; nothing if there are none."""
    if not sentences:
        return
    paper.make_room(14 + 9 * LEADING)
    paper.put(MARGIN, paper.y + 9, title, 9, bold=True, color=INK)
    paper.y += 14
    for sentence in sentences:
        paper.make_room(9 * LEADING)
        paper.put(MARGIN + 4, paper.y + 9, "•", 9, color=ACCENT)
        paper.paragraph(words(sentence), 9, x=MARGIN + 16, width=paper.width - 16)
    paper.y += 8


def _share(contribution: Mapping[str, Any]) -> tuple[str, str, Decimal]:
    """A factor's name, its weight, value and sections, and its points."""
    name = words(contribution.get("factor", NOTHING)).replace("_", " ")
    remarks = []
    if contribution.get("weight") is not None:
        remarks.append(f"weight {grouped((Decimal(str(contribution['weight'])) * 100).normalize())}\u00a0%")
    if contribution.get("value") is not None:
        remarks.append(f"value {grouped(contribution['value'])}")
    if contribution.get("sections"):
        remarks.append(f"see {words(contribution['sections'])}")
    return name[:1].upper() + name[1:], " · ".join(remarks), Decimal(str(contribution.get("points") or 0))
