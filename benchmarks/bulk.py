"""`make bench-bulk`: how fast one worker gives a tag to all customers of a search, and what one of them costs.

Plants customers with what the search and a commit need, lets the worker give everybody a tag, and then undo it: with
one thread, with four and with the eight it has.
"""

import argparse
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import islice
from unittest.mock import patch

from benchmarks.bench import Calls, table, tables, write_units
from benchmarks.search import a_row

THREADS = (1, 4, 8)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--customers", type=int, default=2000)
    options = parser.parse_args()
    with tables(), ThreadPoolExecutor(8) as pool:
        list(pool.map(plant, batches(options.customers, 250)))
        print(bulk(options.customers))


def batches(customers: int, size: int) -> list[list[int]]:
    numbers = iter(range(customers))
    return list(iter(lambda: list(islice(numbers, size)), []))


def plant(numbers: list[int]) -> None:
    """Their rows in the directory, and their commits."""
    from customer360.search.projecting import directory_item
    from customer360.search.table import DirectoryItem
    from customer360.storage.items import CommitItem, CustomerItem
    from customer360.storage.keys import COMMIT, partition

    now = datetime.now(UTC)
    rows = [a_row(number, now) for number in numbers]
    with DirectoryItem.batch_write() as directory:
        for row in rows:
            directory.save(directory_item(row, 1))
    with CustomerItem.batch_write() as batch:
        for row in rows:
            commit = CommitItem(partition(row.id), COMMIT, version=1, committed_at=now, updated_at=now)
            commit.sections, commit.freshness, commit.changed = {}, {}, {}
            batch.save(commit)


def bulk(customers: int) -> str:
    rows: list[list[object]] = []
    for threads in THREADS:
        for name, job_id in (("give", f"job-{threads}"), ("undo", f"undo-{threads}")):
            begin(name, threads, customers)
            with Calls().recorded() as calls, patch("customer360.bulk.walking.SHARDS", threads):
                started = time.perf_counter()
                assert worked(job_id) == customers
                rate = customers / (time.perf_counter() - started)
            first = calls.named("TransactWriteItems")[0][0]["TransactItems"]
            units = sum(
                write_units(item["Put"]["Item"], transactional=True) if "Put" in item else 2  # deleted or small
                for item in first
            )
            rows.append(
                [name, threads, f"{len(calls.made) / customers:.1f}", len(first), units, f"{rate:.0f}",
                 f"{100_000 / rate / 60:.0f}"]
            )  # fmt: skip
    header = [
        "work", "threads", "calls a customer", "items", "write units", "customers/s", "100,000 customers, minutes",
    ]  # fmt: skip
    return table(header, rows)


def begin(name: str, threads: int, customers: int) -> None:
    from customer360.access.caller import Caller
    from customer360.bulk import undoing
    from customer360.bulk.parts import ADD, job_of, part_of
    from customer360.catalog import store
    from customer360.catalog.kinds import TAG_KIND
    from customer360.catalog.table import TAGS, TagItem

    by, now, tag_id = Caller("bench", "Bench", "bench@example.com", "admin"), datetime.now(UTC), f"tag-{threads}"
    if name == "give":
        store.create(TAG_KIND, TagItem(TAGS, tag_id, name=tag_id, color="#112233", created_at=now, updated_at=now))
        job = job_of(f"job-{threads}", "bulk-add", ADD, (f"TAGS#{tag_id}", tag_id), by, now, search="{}")
        part_of(job, customers).save()
        job.save()
    else:
        with patch("customer360.bulk.queue.announce"):
            undoing.undo(f"job-{threads}", by, f"undo-{threads}")


def worked(job_id: str) -> int:
    """Goes through the job, and gives how many customers it changed."""
    from customer360.bulk.parts import find, part_kept
    from customer360.bulk.walking import work_on

    job = find(job_id)
    assert work_on(job, lambda: True) is None
    return part_kept(job.pk).changed or 0


if __name__ == "__main__":
    main()
