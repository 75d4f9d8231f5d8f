"""An export from asking for it to its file: by HTTP, queue, bucket and link, and told over the maker's live session."""

import hashlib
import io
import json
import zipfile
from typing import Any

import httpx
import pytest

from e2e.live import watchers
from e2e.shop import Shop, eventually
from support.builders import customer, new_id, order
from support.exports import csv_rows

pytestmark = pytest.mark.e2e


def ready(shop: Shop, export_id: str, role: str) -> dict[str, Any]:
    """The answer once the file is there."""

    def finished() -> dict[str, Any] | None:
        answer: dict[str, Any] = shop.get(f"/api/admin/exports/{export_id}", role).json()
        return answer if answer["status"] in {"ready", "failed"} else None

    answer: dict[str, Any] = eventually(finished)
    assert answer["status"] == "ready", answer
    return answer


def fetched(answer: dict[str, Any]) -> bytes:
    """The file behind the link, without a token."""
    file = httpx.get(answer["url"], timeout=60)
    assert file.status_code == 200
    assert hashlib.sha256(file.content).hexdigest() == answer["manifest"]["sha256"]
    assert file.headers["content-disposition"].startswith('attachment; filename="export-')
    return file.content


def test_files_of_a_customer_and_of_a_search_are_made_told_of_and_fetched(shop: Shop) -> None:
    customer_id, word = new_id(), new_id("w").replace("-", "")
    shop.send(customer(customer_id, name=f"Ada {word}"), order(customer_id, "o1"), order(customer_id, "o2"))
    shop.view(customer_id, orders=2)
    search = f"/api/admin/customers/search?q={word}"
    eventually(lambda: [row for row in shop.get(search).json()["customers"] if row["totalOrders"] == 2])
    with watchers(shop, "manager", "support") as (maker, other):
        path = f"/api/admin/customers/{customer_id}/exports"
        asked = {
            format_: shop.post(path, "manager", {"format": format_}).json()["exportId"]
            for format_ in ("json", "csv", "xlsx", "pdf")
        }
        asked["search"] = shop.post("/api/admin/exports", "manager", {"format": "csv", "search": {"q": word}}).json()[
            "exportId"
        ]
        files = {what: fetched(ready(shop, export_id, "manager")) for what, export_id in asked.items()}
        for export_id in asked.values():
            maker.hears(
                lambda told, each=export_id: (  # type: ignore[misc]  # bound here, for this one
                    told == {"type": "export", "exportId": each, "status": "ready", "progress": 100}
                )
            )
        assert not [told for _, told in other.heard if told["type"] == "export"]
    told = json.loads(files["json"])
    assert {row["id"] for row in told["orders"]["orders"]} == {"o1", "o2"}
    with zipfile.ZipFile(io.BytesIO(files["csv"])) as archive:
        assert {"orders.csv", "profile.csv", "manifest.json"} <= set(archive.namelist())
    assert files["xlsx"].startswith(b"PK")
    assert files["pdf"].startswith(b"%PDF-")
    assert [row["Customer id"] for row in csv_rows(files["search"])] == [customer_id]
    assert shop.get(f"/api/admin/exports/{asked['json']}", "support").status_code == 404
