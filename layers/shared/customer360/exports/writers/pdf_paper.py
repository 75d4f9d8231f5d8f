"""The paper of a PDF: pages with a running head and foot, and text of any script set on them. Lengths are in points.

A text is Latin more often than not, and then put down letter by letter. Any other text is shaped by HarfBuzz, run by
run: letters that join, marks above letters, writing from the right, emoji made of several characters.
"""

import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from pathlib import Path

from fpdf import FPDF
from fpdf.enums import TextDirection
from fpdf.fonts import TTFFont

from customer360.exports.writers import pdf_fonts
from customer360.exports.writers.pdf_fonts import BOLD, PLAIN

Color = tuple[int, int, int]
INK: Color = (31, 41, 55)
MUTED: Color = (100, 112, 128)
ACCENT: Color = (24, 95, 125)
TINT: Color = (236, 243, 246)
STRIPE: Color = (247, 249, 250)
RULE: Color = (208, 215, 222)
WHITE: Color = (255, 255, 255)
GREEN: Color = (34, 128, 82)
AMBER: Color = (178, 116, 12)
RED: Color = (180, 48, 48)

MARGIN = 42.0
LEADING = 1.36  # of the size, from line to line: room for the marks above and below Thai, Arabic and Indic letters
BASELINE = 1.0

# Where an over-long word may be broken: not before a mark, a joiner or a modifier, nor after a joiner.
_STUCK = re.compile(r"[\u200c\u200d\u20e3\ufe00-\ufe0f\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]")


class Paper(FPDF):
    """A document under way. `y` is where the next thing goes; nothing breaks the page by itself."""

    def __init__(self, *, title: str, author: str, subject: str, made_at: datetime, foot: str) -> None:
        super().__init__(unit="pt", format="A4")
        self.set_margin(MARGIN)
        self.c_margin = 0
        self.set_auto_page_break(auto=False)
        self.set_title(title)
        self.set_author(author)
        self.set_subject(subject)
        self.set_creator("Customer 360")
        self.set_producer("Customer 360")
        self.set_lang("en")
        self.set_creation_date(made_at)
        self.alias_nb_pages("")
        self._codes: dict[str, _Codes] = {}
        self._head = f"{title} · {pdf_fonts.isolated(subject)}"
        self._foot = foot

    # ------------------------------------------------------------ Pages

    @property
    def bottom(self) -> float:
        """Down to where a page may be filled."""
        return float(self.h) - MARGIN - 12

    @property
    def width(self) -> float:
        """Between the margins."""
        return float(self.epw)

    def make_room(self, height: float) -> bool:
        """Begin a page unless there is room for the height; whether it did."""
        if self.y + height <= self.bottom:
            return False
        self.add_page(same=True)
        return True

    @contextmanager
    def back_on(self, page: int) -> Iterator[None]:
        """Draw on an earlier page for once."""
        last, y = self.page, self.y
        self.page = page
        yield
        self.page, self.y = last, y

    def header(self) -> None:
        """What stands above every page but the first: whose document it is."""
        if self.page_no() > 1:
            self.put(MARGIN, 26, self.shortened(self._head, self.width, 7.5), 7.5, color=MUTED)
            self.rule(36)
            self.y = 50

    def finish(self, path: Path) -> None:
        """Say on every page who made it when, and which page of how many it is; then write the file."""
        for page in range(1, self.pages_count + 1):
            with self.back_on(page):
                baseline = float(self.h) - 26
                self.rule(baseline - 12)
                self.put(MARGIN, baseline, self.shortened(self._foot, self.width - 90, 7.5), 7.5, color=MUTED)
                number = f"Page {page} of {self.pages_count}"
                self.put(self.w - MARGIN, baseline, number, 7.5, color=MUTED, align="R")
        self.output(path)

    def close(self) -> None:
        """Let go of the font files."""
        for font in self.fonts.values():
            if isinstance(font, TTFFont):
                font.close()

    # ------------------------------------------------------------ Shapes

    # Each sets its own color and leaves none behind, so that it can be drawn on any page at any time.

    def stroke(self, x1: float, y1: float, x2: float, y2: float, color: Color = RULE, thickness: float = 0.5) -> None:
        """A straight line."""
        path = f"{x1:.2f} {self.h - y1:.2f} m {x2:.2f} {self.h - y2:.2f} l S"
        self._out(f"q {_color(color)} RG {thickness:.2f} w {path} Q")

    def rule(self, y: float, color: Color = RULE) -> None:
        """A thin line from margin to margin."""
        self.stroke(MARGIN, y, self.w - MARGIN, y, color)

    def box(self, x: float, y: float, width: float, height: float, color: Color) -> None:
        """A filled rectangle."""
        self._out(f"q {_color(color)} rg {x:.2f} {self.h - y:.2f} {width:.2f} {-height:.2f} re f Q")

    # ------------------------------------------------------------ Text

    def put(
        self, x: float, y: float, text: str, size: float, *, bold: bool = False, color: Color = INK, align: str = "L"
    ) -> None:
        """One printable line on the baseline `y`: from `x` on, or up to it (align R), or around it (C)."""
        if not text:
            return
        if pdf_fonts.is_simple(text):
            font = self._font(BOLD if bold else PLAIN)
            left = x if align == "L" else x - _before(align, self.width_of(text, size, bold=bold))
            codes = self._codes.setdefault(font.fontkey, _Codes(font))
            code = "".join(map(codes.__getitem__, text))
            operators = f"{self._select(font, size)} {left:.2f} {self.h - y:.2f} Td ({code}) Tj"
            self._out(f"q BT {_color(color)} rg {operators} ET Q")
        else:
            self._put_shaped(x, y, text, size, bold, color, align)

    def paragraph(
        self, text: str, size: float, *, x: float | None = None, width: float | None = None, color: Color = INK
    ) -> None:
        """A printable text of any length at `y`, over as many pages as it takes."""
        left = MARGIN if x is None else x
        for line in self.lines(text, self.width if width is None else width, size):
            self.make_room(size * LEADING)
            self.put(left, self.y + size * BASELINE, line, size, color=color)
            self.y += size * LEADING

    def width_of(self, text: str, size: float, *, bold: bool = False) -> float:
        """How wide a printable line is at most."""
        return pdf_fonts.width(text, is_bold=bold) * size / 1000

    def shortened(self, text: str, width: float, size: float, *, bold: bool = False) -> str:
        """The printable text on one line, cut with an ellipsis where it does not fit."""
        line = text.replace("\n", " ")
        if self.width_of(line, size, bold=bold) <= width:
            return line
        kept, *_ = self._broken(line, width - self.width_of("…", size, bold=bold), size, bold)
        return f"{kept.rstrip()}…"

    def lines(self, text: str, width: float, size: float, *, bold: bool = False) -> list[str]:
        """The printable text in lines of at most the width: broken between words, a longer word anywhere."""
        if "\n" not in text and self.width_of(text, size, bold=bold) <= width:
            return [text]
        lines: list[str] = []
        for paragraph in text.split("\n"):
            first, *further = self._filled(paragraph, width, size, bold)
            mark = pdf_fonts.direction_mark(paragraph) if further else ""
            lines += [first, *(f"{mark}{line}" for line in further)]
        return lines

    def _filled(self, paragraph: str, width: float, size: float, bold: bool) -> list[str]:
        space = self.width_of(" ", size, bold=bold)
        lines = []
        line = ""
        used = 0.0
        for word in paragraph.split(" "):
            wide = self.width_of(word, size, bold=bold)
            if line and used + space + wide <= width:
                line, used = f"{line} {word}", used + space + wide
                continue
            if line:
                lines.append(line)
            line, used = word, wide
            if wide > width:
                *full, line = self._broken(word, width, size, bold)
                lines += full
                used = self.width_of(line, size, bold=bold)
        return [*lines, line]

    def _broken(self, word: str, width: float, size: float, bold: bool) -> list[str]:
        parts, part, used = [], "", 0.0
        for character in word:
            wide = self.width_of(character, size, bold=bold)
            if part and used + wide > width and not _sticks(part, character):
                parts.append(part)
                part, used = "", 0.0
            part += character
            used += wide
        return [*parts, part]

    def _put_shaped(self, x: float, y: float, text: str, size: float, bold: bool, color: Color, align: str) -> None:
        placed: list[tuple[str, list[tuple[float, float, str]]]] = []
        total = 0.0
        for run in pdf_fonts.runs(text, is_bold=bold):
            font = self._font(run.font)
            direction = TextDirection.RTL if run.is_right_to_left else TextDirection.LTR
            shaped = font.shape_text(run.text, size, {"features": {}, "fragment_direction": direction})
            unit = font.scale * size / 1000
            glyphs = []
            for one in shaped:
                if one["mapped_char"] is None:  # an invisible character that the font does not know
                    continue
                code = font.escape_text(chr(one["mapped_char"]))
                glyphs.append((total + one["x_offset"] * unit, one["y_offset"] * unit, code))
                total += one["x_advance"] * unit
            placed.append((self._select(font, size), glyphs))
        left = x - _before(align, total)
        said = text.encode("utf-16-be").hex()
        content = [f"/Span <</ActualText <feff{said}>>> BDC q BT {_color(color)} rg"]
        for select, glyphs in placed:
            content.append(select)
            content += [f"1 0 0 1 {left + dx:.2f} {self.h - y + dy:.2f} Tm ({code}) Tj" for dx, dy, code in glyphs]
        self._out(" ".join([*content, "ET Q EMC"]))

    def _select(self, font: TTFFont, size: float) -> str:
        """The operator that selects a font, which the page is told to have."""
        return self._set_font_for_page(font, size, wrap_in_text_object=False)

    def _font(self, font: str) -> TTFFont:
        key = font.lower()
        if key not in self.fonts:
            self.add_font(font, fname=pdf_fonts.font_file(font))
        added = self.fonts[key]
        if not isinstance(added, TTFFont):
            raise TypeError(f"{font} is not an outline font")
        return added


class _Codes(dict[str, str]):
    """How a font's characters are written in the content of a page."""

    def __init__(self, font: TTFFont) -> None:
        super().__init__()
        self._font = font

    def __missing__(self, character: str) -> str:
        # With its parentheses and the operator, between which the code stands.
        self[character] = self._font.encode_text(character)[1:-4]
        return self[character]


@cache
def _color(color: Color) -> str:
    return " ".join(f"{part / 255:.3f}" for part in color)


@cache
def _sticks_to_what_is_before(character: str) -> bool:
    return bool(_STUCK.match(character)) or unicodedata.category(character).startswith("M")


def _sticks(before: str, character: str) -> bool:
    return before[-1] == "\u200d" or _sticks_to_what_is_before(character)


def _before(align: str, width: float) -> float:
    """How far left of its place a line of that width begins."""
    return {"L": 0.0, "C": width / 2, "R": width}[align]
