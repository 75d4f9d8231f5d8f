"""Lists within the rows of a list (the lines of orders) as tables of their own, though the rows are read but once."""

import weakref
from collections.abc import Iterator, Mapping, Sequence
from tempfile import SpooledTemporaryFile
from typing import Any

from customer360.exact_json import dumps, loads

Row = Mapping[str, Any]

# More than this waits on the disk.
IN_MEMORY_BYTES = 1_000_000


class Parts:
    """The lists `name` in rows, one after the other, each element with `of`: the fields of the row it is part of.

    They are put aside while the rows are gone through, so they can be gone through after those.
    """

    def __init__(self, name: str, of: Sequence[str]) -> None:
        self._name = name
        self._of = of
        self._kept = SpooledTemporaryFile(IN_MEMORY_BYTES)  # noqa: SIM115  # closed with this object
        self._is_whole = False
        weakref.finalize(self, self._kept.close)

    def __iter__(self) -> Iterator[Row]:
        """Raises RuntimeError before the rows have been gone through."""
        if not self._is_whole:
            raise RuntimeError(f"{self._name} are known once what they are part of has been gone through")
        self._kept.seek(0)
        return (loads(line) for line in self._kept)

    def keep(self, row: Row) -> None:
        of = {field: row[field] for field in self._of if field in row}
        for part in row[self._name]:
            self._kept.write(dumps({"of": of, **part}).encode(errors="replace") + b"\n")

    def end(self) -> None:
        self._is_whole = True


def keeping(rows: Iterator[Row], *parts: Parts) -> Iterator[Row]:
    """The same rows, their parts being put aside on the way."""
    for row in rows:
        for part in parts:
            part.keep(row)
        yield row
    for part in parts:
        part.end()
