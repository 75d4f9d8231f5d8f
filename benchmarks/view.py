"""`make bench-view`: what the 360 view costs, and whether history changes it.

Prints round trips, capacity and times at several history lengths, the handler against the bare Query it makes, the
import of a read handler against that of boto3 with a client, and the view computed from SQL on demand instead.
"""

import argparse
import os
import resource
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from typing import Any
from unittest.mock import patch

from benchmarks.bench import ROOT, Calls, milliseconds, paired, read_units, table, tables, write_units


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--orders", type=int, nargs="+", default=[10, 1000, 10_000])
    parser.add_argument("--rounds", type=int, default=200)
    options = parser.parse_args()
    with tables():
        print(view_by_history(options.orders, options.rounds), end="\n\n")
    print(imports(), end="\n\n")
    print(sql_on_demand(options.orders, options.rounds))


def view_by_history(sizes: list[int], rounds: int) -> str:
    from customer360.ingestion.intake import take_in
    from customer360.scores.rescoring import rescore
    from support import builders
    from support.gateway import call_function, claims_of, context, handler_of, http_event

    rows: list[list[object]] = []
    for size in sizes:
        customer_id = f"bench-{size}"
        started = time.perf_counter()
        take_in("customer.upserted", builders.customer(customer_id))
        for number in range(size):
            placed = builders.instant(number * 300 / size)
            event = builders.order(customer_id, f"o{number}", placedAt=placed, updatedAt=placed, total=Decimal("19.99"))
            take_in("order.upserted", event)
        loaded = time.perf_counter() - started
        rescore(customer_id, datetime.now(UTC), [])  # as the follower of the stream does after a change

        call_function("get_customer_360", customer_id=customer_id)  # what is kept in memory is in it from now on
        with Calls().recorded() as calls:
            assert call_function("get_customer_360", customer_id=customer_id).status == 200
        ((query, answer),) = calls.named("Query")
        ((audit, _),) = calls.named("PutItem")
        handler = handler_of("get_customer_360")
        event = http_event("get_customer_360", claims=claims_of("admin"), customer_id=customer_id)
        # The local engine's Query takes time in proportion to the partition, so fewer rounds tell as much there.
        enough = max(20, rounds * 10 // max(size, 10))
        look, ask = partial(handler.lambda_handler, event, context()), partial(bare_query, query)
        whole, bare, ratio = paired(look, ask, rounds=enough)
        with patch("customer360.access.audit.record"):
            _, _, without_audit = paired(look, ask, rounds=enough)
        with network(milliseconds=5):
            _, _, far_away = paired(look, ask, rounds=enough)
        rows.append(
            [
                f"{size:,}",
                len(calls.named("Query")),
                len(calls.made) - 1,
                read_units(answer["Items"]),
                write_units(audit["Item"], transactional=False),
                f"{whole:.2f}",
                f"{bare:.2f}",
                f"{ratio:.2f}",
                f"{without_audit:.2f}",
                f"{far_away:.2f}",
                f"{size / loaded:.0f}",
            ]
        )
    header = [
        "orders", "Query", "other calls", "read units", "write units (audit)", "handler ms", "bare Query ms",
        "handler / Query", "without its audit line", "with 5 ms of network", "loaded at events/s",
    ]  # fmt: skip
    return table(header, rows)


@contextmanager
def network(milliseconds: float) -> Iterator[None]:
    """Puts every call so much further away, so that calls sent side by side overlap as they do on AWS: the local engine
    works off one after the other."""
    from botocore.httpsession import URLLib3Session

    send = URLLib3Session.send

    def send_far(session: URLLib3Session, request: Any) -> Any:
        time.sleep(milliseconds / 1000)
        return send(session, request)

    with patch.object(URLLib3Session, "send", send_far):
        yield


def bare_query(arguments: dict[str, Any]) -> Any:
    """The handler's own Query, sent by the same client with nothing around it."""
    from customer360.storage.items import CustomerItem

    return CustomerItem._get_connection().connection.client._make_api_call("Query", dict(arguments))


def imports(rounds: int = 15) -> str:
    """Fresh isolated processes on the layer as it is built, bytecode included, in turn: wall and processor time."""
    with tempfile.TemporaryDirectory() as folder:
        build = ["make", "-s", "-C", str(ROOT / "layers/shared"), "build-SharedLayer", f"ARTIFACTS_DIR={folder}"]
        path = f"{ROOT / '.tools/bin'}:{os.environ['PATH']}"
        subprocess.run(build, env=os.environ | {"PATH": path}, check=True)
        layer = f"import sys; sys.path.insert(0, {folder + '/python'!r}); "
        base = "import boto3; boto3.client('dynamodb')"
        programs = {f"`{base}`": layer + base}
        for name in ("get_customer_360", "list_orders", "get_order"):
            programs[f"`{name}`"] = f"{layer}sys.path.insert(0, {str(ROOT / 'functions' / name)!r}); import handler"
        times: dict[str, list[tuple[float, float]]] = {name: [] for name in programs}
        for _ in range(rounds + 1):
            for name, program in programs.items():
                times[name].append(_process_times(program))
    first = next(iter(times.values()))
    rows: list[list[object]] = []
    for name, measured in times.items():
        pairs = list(zip(measured[1:], first[1:], strict=True))
        rows.append(
            [
                name,
                f"{statistics.median(wall for wall, _ in measured[1:]):.0f}",
                f"{statistics.median(one[0] / other[0] for one, other in pairs):.2f}",
                f"{statistics.median(processor for _, processor in measured[1:]):.0f}",
                f"{statistics.median(one[1] / other[1] for one, other in pairs):.2f}",
            ]
        )
    return table(["fresh process", "wall ms", "ratio", "processor ms", "ratio"], rows)


def _process_times(program: str) -> tuple[float, float]:
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run([sys.executable, "-I", "-S", "-B", "-c", program], check=True)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall * 1000, (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1000


def fetch(database: sqlite3.Connection, query: str) -> Any:
    return database.execute(query).fetchall()


def sql_on_demand(sizes: list[int], rounds: int) -> str:
    """The obvious alternative at its best: SQLite in this process, indexed, no network, only the metrics."""
    rows: list[list[object]] = []
    for size in sizes:
        with sqlite3.connect(":memory:") as database:
            database.execute("CREATE TABLE orders (customer TEXT, id TEXT, placed TEXT, status TEXT, total INTEGER)")
            database.execute("CREATE INDEX by_customer ON orders (customer, placed)")
            database.executemany(
                "INSERT INTO orders VALUES ('c', ?, ?, 'completed', 1999)",
                ((f"o{number}", f"2026-{number % 12 + 1:02}-01") for number in range(size)),
            )
            sums = (
                "SELECT count(*), sum(status IN ('completed', 'delivered')),"
                " sum(CASE WHEN status IN ('completed', 'delivered') THEN total END), max(placed), min(placed),"
                " count(DISTINCT placed) FROM orders WHERE customer = 'c'"
            )
            times = milliseconds(partial(fetch, database, sums), rounds=rounds)
        rows.append([f"{size:,}", f"{statistics.median(times):.3f}"])
    return table(["orders", "SQLite in process, metrics only, ms"], rows)


if __name__ == "__main__":
    main()
