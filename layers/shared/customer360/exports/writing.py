"""Picks what writes a format. Its library is loaded when it is used, and by nobody else."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from customer360.exports.document import Document
from customer360.exports.request import Format


class Write(Protocol):
    """Writes the file, tells now and then how many rows it has written, and gives how many there are."""

    def __call__(self, document: Document, path: Path, progress: Callable[[int], None]) -> int: ...


def writer_of(format: Format) -> Write:
    if format == "pdf":
        from customer360.exports.writers.pdf import write as write_pdf  # noqa: PLC0415

        return write_pdf
    if format == "xlsx":
        from customer360.exports.writers.xlsx import write as write_xlsx  # noqa: PLC0415

        return write_xlsx
    if format == "csv":
        from customer360.exports.writers.comma_separated import write as write_csv  # noqa: PLC0415

        return write_csv
    from customer360.exports.writers.json_document import write as write_json  # noqa: PLC0415

    return write_json
