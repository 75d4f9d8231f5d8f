"""Which font has a character, and into which pieces of one font and one direction a line of text falls.

The fonts are the package `document_fonts` of the documents layer: one for Latin, Greek and Cyrillic, in two weights,
and one for each other script, in one. What a document does not need to look into is not opened.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import as_file, files
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from fontTools.ttLib import TTFont  # type: ignore[import-untyped]
from fpdf.bidi import BidiParagraph, auto_detect_base_direction
from fpdf.enums import TextDirection

PLAIN, BOLD, EMOJI = "NotoSans", "NotoSans-Bold", "NotoEmoji"

# In the order in which they are asked. The large ones are last, and emoji before the Chinese font, which has a few.
OTHERS = (
    "NotoSansArabic",
    "NotoSansHebrew",
    "NotoSansDevanagari",
    "NotoSansBengali",
    "NotoSansGurmukhi",
    "NotoSansGujarati",
    "NotoSansOriya",
    "NotoSansTamil",
    "NotoSansTelugu",
    "NotoSansKannada",
    "NotoSansMalayalam",
    "NotoSansSinhala",
    "NotoSansThai",
    "NotoSansLao",
    "NotoSansMyanmar",
    "NotoSansGeorgian",
    "NotoSansEthiopic",
    "NotoSansKhmer",
    "NotoSansArmenian",
    "NotoSansThaana",
    "NotoSerifTibetan",
    EMOJI,
    "NotoSansSC",
    "NotoSansKR",
)

# Stands for a character that no font has. Every reader knows the sign, and text copied from the file has it too.
UNKNOWN = "\ufffd"

_RIGHT_TO_LEFT = re.compile(r"[\u0590-\u08ff\u200f\u202b\u202e\u2067\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff]")
_DIRECTION = "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
# No signs of their own: they join, separate or vary their neighbours. A font need not have them.
_INVISIBLE = re.compile(rf"[\u00ad\u034f\u061c\u200b-\u200d{_DIRECTION}\u2060\ufe00-\ufe0f\ufeff\U000e0020-\U000e01ef]")
# The fonts for Latin have it, too, but are not asked for it: a run is shaped by the rules of its first script, and its
# signs would be neither joined nor put in order after Latin letters.
_DEVANAGARI = range(0x0900, 0x0980)
_SIMPLER = str.maketrans({"\t": " ", "\r": "\n", "\u2028": "\n", "\u2029": "\n", "\u00ad": "", "\ufeff": ""})
# One emoji: a flag, or a sign with what varies it, joined to others.
_EMOJI = re.compile(
    "[\U0001f1e6-\U0001f1ff]{2}|.(?:[\ufe0f\u20e3\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]|\u200d.)*", re.DOTALL
)
_AS_EMOJI = "\ufe0f\u20e3"


class Run(NamedTuple):
    """A piece of a line in one font and one direction, in the order in which it is read."""

    font: str
    text: str
    is_right_to_left: bool


class Face(NamedTuple):
    """What is known of a font: its glyphs' names by character, their widths by name, in units of which its size has
    so many."""

    glyphs: Mapping[int, str]
    metrics: Mapping[str, tuple[int, int]]
    units: int


class Glyph(NamedTuple):
    """A character's font and how wide it is alone, in thousandths of the size."""

    font: str
    width: float


def font_file(font: str) -> Path:
    """Where the font is."""
    with as_file(files("document_fonts") / f"{font}.ttf") as path:
        return path


def characters(font: str) -> Mapping[int, str]:
    """The characters that the font has, and the names of their glyphs."""
    return _face(font).glyphs


@cache
def glyph(character: str, *, is_bold: bool) -> Glyph | None:
    """The first font that has the character, or None: nobody does."""
    if unicodedata.category(character) == "Cc":  # some fonts have an empty glyph for what controls a terminal
        return None
    for font in (BOLD if is_bold else PLAIN, *OTHERS):
        face = _face(font)
        name = face.glyphs.get(ord(character))
        if name is not None:
            return Glyph(font, face.metrics[name][0] * 1000 / face.units)
    return None


def printable(text: str) -> str:
    """The text with every character that no font has replaced by a sign that can be seen, in its composed form."""
    if text.isascii() and text.isprintable():
        return text
    composed = unicodedata.normalize("NFC", text.replace("\r\n", "\n").translate(_SIMPLER))
    return "".join(character if _can_be_set(character) else UNKNOWN for character in composed)


def isolated(text: str) -> str:
    """The text as a part of a sentence of ours: writing from the right inside does not turn around what is beside."""
    return f"\u2068{text}\u2069" if _RIGHT_TO_LEFT.search(text) else text


def direction_mark(paragraph: str) -> str:
    """What goes before each further line of a paragraph, so that it runs in the direction of the first: the algorithm
    would ask each line anew which letter comes first."""
    if not _RIGHT_TO_LEFT.search(paragraph):
        return ""
    return "\u200f" if auto_detect_base_direction(paragraph) == TextDirection.RTL else "\u200e"


def is_simple(text: str) -> bool:
    """Whether it is Latin letters that only have to be put next to each other, in the plain and the bold font."""
    return text.isascii() or max(text) < "\u0300"


def width(text: str, *, is_bold: bool) -> float:
    """How wide a printable text is at most, in thousandths of the size: what is joined takes less than its letters."""
    return sum(map(_WIDTHS[is_bold].__getitem__, text))


def runs(line: str, *, is_bold: bool) -> list[Run]:
    """The runs of a printable line in the order in which they stand on paper, from the left."""
    pieces: list[tuple[int, Run]] = []
    letters = zip(_levels(line), _fonts(line, is_bold), line, strict=True)
    for (level, font), part in groupby(letters, lambda letter: letter[:2]):
        text = "".join(character for _, _, character in part if character not in _DIRECTION)
        is_right_to_left = bool(level % 2)
        if font == EMOJI and is_right_to_left:
            # Shaping from the right would take apart what several characters make up.
            pieces += ((level, Run(font, emoji, is_right_to_left=False)) for emoji in _EMOJI.findall(text))
        else:
            pieces.append((level, Run(font, text, is_right_to_left)))
    # What is invisible throughout need not be in its font, and a run without any glyph cannot be shaped.
    return [run for _, run in _as_seen(pieces) if not all(map(_INVISIBLE.match, run.text))]


@cache
def _face(font: str) -> Face:
    with TTFont(font_file(font), lazy=True) as opened:
        glyphs = opened.getBestCmap()
        if font in (PLAIN, BOLD):
            glyphs = {code: name for code, name in glyphs.items() if code not in _DEVANAGARI}
        return Face(glyphs, opened["hmtx"].metrics, opened["head"].unitsPerEm)


def _can_be_set(character: str) -> bool:
    return character == "\n" or bool(_INVISIBLE.match(character)) or glyph(character, is_bold=False) is not None


class _Widths(dict[str, float]):
    """The width of every character that was asked for, as `width` has it."""

    def __init__(self, *, is_bold: bool) -> None:
        super().__init__()
        self._is_bold = is_bold

    def __missing__(self, character: str) -> float:
        found = glyph(character, is_bold=self._is_bold)
        has_none = found is None or _INVISIBLE.match(character) or unicodedata.combining(character)
        self[character] = 0 if found is None or has_none else found.width
        return self[character]


_WIDTHS = (_Widths(is_bold=False), _Widths(is_bold=True))


def _levels(line: str) -> list[int]:
    """The levels of the Unicode Bidirectional Algorithm: odd ones are read from the right."""
    if not _RIGHT_TO_LEFT.search(line):
        return [0] * len(line)
    paragraph = BidiParagraph(text=line, preserve_bn_chars=True)
    levels: list[int] = []
    for character in paragraph.characters:
        stays = levels and _INVISIBLE.match(character.character) and character.character not in _DIRECTION
        levels.append(levels[-1] if stays else character.embedding_level)
    return levels


def _fonts(line: str, is_bold: bool) -> Iterator[str]:
    """Each character's font: marks and joiners take that of what they belong to, or nothing would join."""
    font = BOLD if is_bold else PLAIN
    for character, following in zip(line, f"{line[1:]} ", strict=True):
        belongs = bool(_INVISIBLE.match(character)) or unicodedata.category(character).startswith("M")
        if belongs and (_INVISIBLE.match(character) or ord(character) in characters(font)):
            yield font
            continue
        as_emoji = following in _AS_EMOJI and ord(character) in characters(EMOJI)
        found = glyph(character, is_bold=is_bold)
        font = EMOJI if as_emoji else found.font if found else PLAIN
        yield font


def _as_seen(pieces: list[tuple[int, Run]]) -> list[tuple[int, Run]]:
    """Rule L2 of the algorithm: from the highest level down, what is of at least that level is turned around."""
    highest = max((level for level, _ in pieces), default=0)
    for level in range(highest, 0, -1):
        begin = 0
        while begin < len(pieces):
            end = begin
            while end < len(pieces) and pieces[end][0] >= level:
                end += 1
            pieces[begin:end] = reversed(pieces[begin:end])
            begin = end + 1
    return pieces
