"""JSON: what the API answers, section by section, under the cover; written as it is read, so it may be of any length.

`{"export": {cover}, "<section>": {…the answer's own fields, "<list>": […]}, …}`. A list within another's rows stays
there. Numbers are exact: an amount has the decimals the API gives it.
"""

from collections.abc import Callable
from pathlib import Path
from typing import IO

from customer360.exact_json import dumps
from customer360.exports.document import Document, Section
from customer360.exports.writers.cells import Count, cover_answer


def write(document: Document, path: Path, progress: Callable[[int], None]) -> int:
    """Writes the file and gives the number of rows in its lists."""
    count = Count(progress)
    # Half a surrogate pair, which no file can hold, must not cost the reader the rest.
    with path.open("w", encoding="utf-8", errors="replace", newline="") as file:
        file.write('{"export":' + dumps(cover_answer(document.cover)))
        for section in document.sections:
            file.write(f",\n{dumps(section.name)}:")
            _write_section(section, file, count)
        file.write("}\n")
    return count.rows


def _write_section(section: Section, file: IO[str], count: Count) -> None:
    file.write("{")
    separator = ""
    for name, value in section.answer.items():
        file.write(f"{separator}{dumps(name)}:{dumps(value)}")
        separator = ","
    for table in section.tables:
        if "." in table.name:
            continue  # its rows are within those of the table, or the field, that it is part of
        file.write(f"{separator}{dumps(table.name)}:[")
        separator = ","
        for position, row in enumerate(count.through(table.rows)):
            file.write(("," if position else "") + "\n" + dumps(row))
        file.write("]")
    file.write("}")
