"""Writes the file of an export, and what belongs beside it, into the bucket."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from customer360.api.schema import rendered
from customer360.errors import NotFound
from customer360.exact_json import dumps
from customer360.exports import contents, files
from customer360.exports.answers import manifest_of
from customer360.exports.document import Cover, Document, Section
from customer360.exports.findings import Findings
from customer360.exports.naming import extension_of, manifest_key, members_key
from customer360.exports.sections import SECTIONS
from customer360.exports.table import ExportItem
from customer360.exports.telling import ALMOST, GATHERED, Progress
from customer360.exports.writing import writer_of
from customer360.instants import answered
from customer360.privacy import holdings
from customer360.settings import settings
from customer360.storage.heads import some_heads

TITLES: Final = {"customer": "Customer", "search": "Customers found", "privacy": "All data of a customer"}


def compose(item: ExportItem, now: datetime, progress: Progress) -> None:
    """Stores the file, its manifest and, of a search, who is in it; the item then says what the manifest says.

    Raises NotFound if there is no such customer, unless it is of all that is held: somebody who never came has no
    version. Raises TakenOver if the export is another's by now.
    """
    version = None if item.customer_id is None else _version_of(item.customer_id, may_be_unknown=item.kind == "privacy")
    cover = _cover(item, now, version)
    if item.kind == "search":
        found = Findings(item)
        rows, stored = _store(item, found.document(cover), _by_rows(item.gathered, progress))
        files.store_bytes(b"".join(sorted(found.members)), members_key(item.key))
    else:
        document = _counted(_of_customer(item, cover), len(item.sections or SECTIONS), progress)
        rows, stored = _store(item, document, lambda _: progress.repeat())
    item.write(
        [
            ExportItem.made_at.set(now),
            ExportItem.rows.set(rows),
            ExportItem.size.set(stored.size),
            ExportItem.sha256.set(stored.sha256),
            *([ExportItem.version.set(version)] if version is not None else []),
        ]
    )
    manifest = rendered(manifest_of(item), item.request.maker.permissions)
    files.store_bytes(dumps(manifest).encode(errors="replace"), manifest_key(item.key))


def _version_of(customer_id: str, *, may_be_unknown: bool) -> int | None:
    try:
        return int(some_heads(customer_id).commit.version)
    except NotFound:
        if may_be_unknown:
            return None
        raise


def _of_customer(item: ExportItem, cover: Cover) -> Document:
    request = item.request
    document_of = contents.document_of if request.kind == "customer" else holdings.document_of
    return document_of(request, request.maker, cover)


def _store(item: ExportItem, document: Document, written: Callable[[int], None]) -> tuple[int, files.Stored]:
    """The number of rows, and the file as it is stored."""
    request = item.request
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"export.{extension_of(request)}"
        rows = writer_of(request.format)(document, path, written)
        return rows, files.store(path, item.key)


def _by_rows(total: int, progress: Progress) -> Callable[[int], None]:
    return lambda rows: progress.report(GATHERED + (ALMOST - GATHERED) * rows // max(total, 1))


def _counted(document: Document, total: int, progress: Progress) -> Document:
    """Each section is as much of the progress as any other; there may be more of them than were thought."""

    def sections() -> Iterator[Section]:
        for number, section in enumerate(document.sections):
            progress.report(ALMOST * number // max(total, number + 1))
            yield section

    return replace(document, sections=sections())


def _cover(item: ExportItem, now: datetime, version: int | None) -> Cover:
    return Cover(
        title=TITLES[item.kind],
        subject=item.customer_id or "Customers",
        export_id=item.id,
        made_at=answered(now),
        made_by_id=item.made_by,
        made_by_name=item.made_by_name,
        made_by_role=item.made_by_role,
        currency=settings().shop_currency,
        time_zone=settings().shop_time_zone,
        filters=item.request.filters,
        version=version,
    )
