"""`make fonts`: makes the fonts of the PDF documents anew: downloads what is pinned here, checks it, cuts it down.

The result is committed, so that neither a build nor a test needs the download. It needs npm and its registry.
"""

import base64
import hashlib
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from fontTools import subset  # type: ignore[import-untyped]
from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

FOLDER = Path(__file__).parents[2] / "layers" / "documents" / "document_fonts"
LICENCES = FOLDER / "licences"

# What most scripts share: spaces and dashes, the joiners and marks of direction, the dotted circle under a lone mark.
SHARED = (range(0x2000, 0x2070), range(0x25CC, 0x25CD))
# Outlines and shaping stay. Hints are for small screens, glyph names for editors; nothing here is set vertically.
DROPPED = ("vhea", "vmtx", "VORG", "BASE", "STAT", "DSIG", "meta", "gasp")


class Source(NamedTuple):
    """A font of a package: `ranges` are the characters to keep (empty: all)."""

    package: str
    version: str
    sha512: str
    weight: str = "400Regular"
    ranges: tuple[range, ...] = ()
    shaped: bool = True


def main() -> None:
    """Write every font and its licence anew."""
    for old in (*FOLDER.glob("*.ttf"), *LICENCES.glob("*.txt")):
        old.unlink()
    LICENCES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for source in SOURCES:
            unpacked = unpacked_package(source, Path(folder))
            (original,) = (unpacked / source.weight).glob("*.ttf")
            name = original.name.replace("_400Regular", "").replace("_700Bold", "-Bold")
            cut_down(original, FOLDER / name, source)
            shutil.copy(unpacked / "LICENSE_FONT", LICENCES / f"{original.name.partition('_')[0]}.txt")
            print(f"{name}: {(FOLDER / name).stat().st_size:,} bytes")


def unpacked_package(source: Source, folder: Path) -> Path:
    """The package's folder. Raises ValueError if what was downloaded is not what was pinned."""
    wanted = f"@expo-google-fonts/{source.package}@{source.version}"
    npm = ["npm", "pack", "--silent", "--pack-destination", str(folder), wanted]
    archive = folder / subprocess.run(npm, check=True, capture_output=True, text=True).stdout.strip()
    found = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if found != source.sha512:
        raise ValueError(f"{wanted} has the checksum {found}")
    target = folder / source.package
    with tarfile.open(archive) as packed:
        packed.extractall(target, filter="data")
    return target / "package"


def cut_down(original: Path, result: Path, source: Source) -> None:
    """Write the font with the characters that are kept and what shapes them."""
    options = subset.Options(hinting=False, glyph_names=False, notdef_outline=True, recalc_timestamp=False)
    options.layout_features = ["*"] if source.shaped else []
    options.drop_tables += DROPPED
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    font = subset.load_font(str(original), options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=kept(font, source.ranges))
    subsetter.subset(font)
    subset.save_font(font, str(result), options)


def kept(font: TTFont, ranges: tuple[range, ...]) -> Iterable[int]:
    """The characters of the font that are in a range, or all."""
    return [code for code in font.getBestCmap() if not ranges or any(code in one for one in (*ranges, *SHARED))]


HAN = (
    range(0x2190, 0x27C0),  # arrows, mathematical operators, shapes, dingbats
    range(0x2E80, 0x3130),  # radicals, punctuation, kana, bopomofo
    range(0x3190, 0xA000),  # compatibility forms, Extension A, the ideographs
    range(0xF900, 0xFB00),
    range(0xFF00, 0xFFF0),
    range(0x20000, 0x40000),
)
HANGUL = (range(0x1100, 0x1200), range(0x3130, 0x3190), range(0xA960, 0xA980), range(0xAC00, 0xD800))
ARABIC = (
    range(0x600, 0x700),
    range(0x750, 0x780),
    range(0x870, 0x900),
    range(0xFB50, 0xFE00),
    range(0xFE70, 0xFEFF),
)
DANDAS = range(0x964, 0x966)  # Indic scripts share the full stops of Devanagari, and its signs for Vedic texts
SOURCES = (
    Source(
        "noto-sans", "0.4.2", "zYD8G2ijWLxqmquoQgghNh/x9p0yxWwArD0oxO1oXY1qx5vOd4t0Kbhnu/Cx8RTy08OgA8RtxuULZFaXwVPnPw=="
    ),
    Source(
        "noto-sans",
        "0.4.2",
        "zYD8G2ijWLxqmquoQgghNh/x9p0yxWwArD0oxO1oXY1qx5vOd4t0Kbhnu/Cx8RTy08OgA8RtxuULZFaXwVPnPw==",
        "700Bold",
    ),
    Source(
        "noto-sans-arabic",
        "0.4.3",
        "YvtxyuegxPegu2g5urXJ+gQxRp8i798nQswTmEjwXOWR/fqy0Gvey6h5IoNRBrc43SxRxPezqCiR9ivpfPAXSg==",
        ranges=ARABIC,
    ),
    Source(
        "noto-sans-hebrew",
        "0.4.1",
        "NR3vP6GT/hSINLrk4JHJBQnuzh/C1mlMrphNlI2dQaO53a3oTjSRoG4JyYb1B6bHadjsGh0wPZbT4kMJBKjT/w==",
        ranges=(range(0x590, 0x600), range(0xFB1D, 0xFB50)),
    ),
    Source(
        "noto-sans-devanagari",
        "0.4.1",
        "26boYPNKGP1r4R5MxsMAY/zCQOwiXLOJzX8sh1a2oEWyQurQsyniaCv4992c+9jjwshEEt2NNVv5GcnyzaL7QQ==",
        ranges=(range(0x900, 0x980), range(0x1CD0, 0x1D00), range(0xA8E0, 0xA900)),
    ),
    Source(
        "noto-sans-bengali",
        "0.4.4",
        "Ya58tLTEdP4P5EF3ZXTM829/g57mbfW8OrD16MMZr2sC3nIKItl/3J9tZlk1nrtqfFGzIgxb+zt/hLjAaTAQgQ==",
        ranges=(range(0x980, 0xA00), DANDAS),
    ),
    Source(
        "noto-sans-gurmukhi",
        "0.4.1",
        "yAaWoUawvVD/50HnZWN1lABWOy9eNcbS3i9bRjoXwEueaoI7E2dTd7liA2BcJ/uTkFUgYWd5QOjIfoCXnTo44Q==",
        ranges=(range(0xA00, 0xA80), DANDAS),
    ),
    Source(
        "noto-sans-gujarati",
        "0.4.2",
        "KtJySkho6C2Yf28dZx1SYwAs671hncIpBpIlTDzxLv7i7iOFJ2p74nzyP23aY04HUm28ELX7r86Dmui/qpLpMg==",
        ranges=(range(0xA80, 0xB00), DANDAS),
    ),
    Source(
        "noto-sans-oriya",
        "0.4.2",
        "sKGcpny4wTSs3ooReAN2Nrore5tkVtEdgBkDN2qsxubpY2UBmtrE+DOQSYLq0zqkiH5rtIuQJwr0GcLXH3DbaQ==",
        ranges=(range(0xB00, 0xB80), DANDAS),
    ),
    Source(
        "noto-sans-tamil",
        "0.4.3",
        "1TBkwJ8gJPnt1UIC+um987hYb/QmRDATGKbtwDW6dajISxr8b7+EVjwMESMJaQxfNS8VWE4IBT2jYmpBGw4D+w==",
        ranges=(range(0xB80, 0xC00), DANDAS),
    ),
    Source(
        "noto-sans-telugu",
        "0.4.2",
        "t5wZI1/2u69ugVr2v9P4Qqt9BHHwDQ/26+1p9MLrwf1lNSW64Mw16AIRzGWIOcRMd0drYWeZzZO1DqoFts3KiA==",
        ranges=(range(0xC00, 0xC80), DANDAS),
    ),
    Source(
        "noto-sans-kannada",
        "0.4.3",
        "nFDeSKVlpCJpd4x4E+W5WwfJVJ5fGN5pa/szOvE9GotDEYTPuhd8SzKYsQ4F2PVbzXRT21jMXxJ70tKPvItuGA==",
        ranges=(range(0xC80, 0xD00), DANDAS),
    ),
    Source(
        "noto-sans-malayalam",
        "0.4.2",
        "TZfS4nKhsQftD4nJr5R4fOO7EKe0L5RAscmYehignHr5JJVzW49Nxom0w0rnmHDU2iV3zWIOeyx3rN3bkHGI0A==",
        ranges=(range(0xD00, 0xD80), DANDAS),
    ),
    Source(
        "noto-sans-sinhala",
        "0.4.2",
        "pczEE8p3aAvnMuVSppyW8d9dqlg9wxr8R3BfEUB9qPQHAWlR9TsSlaGbF/G/j8k4fSU21swf+v5p4BeTuFeMtA==",
        ranges=(range(0xD80, 0xE00), DANDAS),
    ),
    Source(
        "noto-sans-thai",
        "0.4.2",
        "PGBBBDGfJJ/5y2hNweLBZWD4YmVT4uOO4chsOPXyl0TktaBJamDKVKv/WbGiDTeBGdkegLiytsWo+lhnkHP5qA==",
        ranges=(range(0xE00, 0xE80),),
    ),
    Source(
        "noto-sans-lao",
        "0.4.2",
        "gM/grIG03BWSk8lqiR1IC7WHpGH/8TrvwU0ZjEvs236YiN0LK2qQythq6lqcJbENo/0HMxdk13n35yhqnHVJ8g==",
        ranges=(range(0xE80, 0xF00),),
    ),
    Source(
        "noto-serif-tibetan",
        "0.4.2",
        "e3PdLzPldwsirxE0xUN3IQ69XG6QOTQT1jxm2AnB3RrYPHLC+043AM4VZCkYXfepr1oPqK4caEKkuXyehF6y5Q==",
        ranges=(range(0xF00, 0x1000),),
    ),
    Source(
        "noto-sans-myanmar",
        "0.4.2",
        "qG8DHmy+7xFvW5z8lN3r5jjEXoQBhjpjoxXR/Y8/WcywirPIBZnFpAy5IlwCRSobJdCw3+i7gvmIz1bl6mp7bg==",
        ranges=(range(0x1000, 0x10A0), range(0xA9E0, 0xAA00), range(0xAA60, 0xAA80)),
    ),
    Source(
        "noto-sans-georgian",
        "0.4.3",
        "qvQ/DE/F10hZPD/vYSm68aNWjOLyxGrCC3NzZR3L0RWpo2njqePvNjXcAcR9yvLwrREOmlWGtUD7GTAuIjlkzA==",
        ranges=(range(0x10A0, 0x1100), range(0x1C90, 0x1CC0), range(0x2D00, 0x2D30)),
    ),
    Source(
        "noto-sans-ethiopic",
        "0.4.2",
        "puS0u1/7b0kZ6fqOYaSlCdai8zHuD9CQY2qlyJEtYzUC5Nd1fH3QENmQc0a1Gcqe0q9s3n7440eNJSLK2mGouw==",
        ranges=(range(0x1200, 0x13A0), range(0x2D80, 0x2DE0), range(0xAB00, 0xAB30)),
    ),
    Source(
        "noto-sans-khmer",
        "0.4.3",
        "vBG7J/w4j+tPTPA53a43zb/s/K3AjHRTDbEG4omn/xs4dThknBh4aVRJ4zwROLy7OeZnhQPDkGRUEPAi8C/btg==",
        ranges=(range(0x1780, 0x1800), range(0x19E0, 0x1A00)),
    ),
    Source(
        "noto-sans-armenian",
        "0.4.2",
        "AHnwnabRI64hwenSeePxp2TICbYK6Wg56o2y5shFTLWLWzwnPXv30r4LGy6NQYk9PliXizDU9Qeyvob6e3tsgQ==",
        ranges=(range(0x530, 0x590), range(0xFB13, 0xFB18)),
    ),
    Source(
        "noto-sans-thaana",
        "0.4.2",
        "nidXdOuvsuuhdb0bXxSQxxg7uW0eAEXtqU3wmJ5Yo7m5VmCe1Zdy5MX+2EWo86qlWG4NK9YoGjmU04/dCt+FIw==",
        ranges=(range(0x780, 0x7C0),),
    ),
    Source(
        "noto-sans-sc",
        "0.4.3",
        "9rAwdFTFHbO/u6Cs0gj2jZbW74TGIiaFNQnXYH2s5wA1bzVkwbaviL4t8YUV642eGYjg86eH6DkAEQmfNHDncQ==",
        ranges=HAN,
        shaped=False,
    ),
    Source(
        "noto-sans-kr",
        "0.4.3",
        "EVS/uJPcf1TgJtjmQmrFr0oGdcl7ml09CSu0E/AyGzR0UfzdR2pBbzWWPsnuzZiGUl643ODYwYiXK5+B+fLjhQ==",
        ranges=HANGUL,
    ),
    Source(
        "noto-emoji",
        "0.4.7",
        "Gs7URwtKmCzzdGUTYbG8MIohyaQPgGxIaQG5hvyEAaQiEGJpQy6gyP3NDICE0EJkOJFoe1JFD3Hf1L4a3qe4KA==",
    ),
)

if __name__ == "__main__":
    main()
