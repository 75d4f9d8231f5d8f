"""`make bench-removal`: how fast a deleted tag is taken from its customers, and what one of them costs.

Plants customers who have nothing but the tag, deletes it, and lets the job's worker go through them: first one shard
after the other, then (the same again) eight at a time, as many as the template allows.
"""

import argparse
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial

from benchmarks.bench import Calls, table, tables, write_units

SHARDS = range(8)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--customers", type=int, default=2000)
    options = parser.parse_args()
    with tables():
        print(removal(options.customers))


def removal(customers: int) -> str:
    rows: list[list[object]] = []
    for workers in (1, len(SHARDS)):
        job_id = f"job-{workers}"
        planted(customers, f"tag-{workers}", job_id)
        with Calls().recorded() as calls:
            started = time.perf_counter()
            with ThreadPoolExecutor(workers) as pool:
                assert all(pool.map(partial(worked, job_id), SHARDS))
            seconds = time.perf_counter() - started
        writes = [arguments for arguments, _ in calls.named("TransactWriteItems")]
        first = writes[0]["TransactItems"]
        units = sum(
            write_units(item["Put"]["Item"], transactional=True) if "Put" in item else 2  # a deleted or small item
            for item in first
        )
        rate = customers / seconds
        rows.append(
            [workers, f"{customers:,}", f"{len(calls.made) / customers:.1f}", len(first), units, f"{rate:.0f}",
             f"{100_000 / rate / 60:.0f}"]
        )  # fmt: skip
    header = [
        "workers", "customers", "calls a customer", "items", "write units", "customers/s", "100,000 customers, minutes",
    ]  # fmt: skip
    return table(header, rows)


def planted(customers: int, tag_id: str, job_id: str) -> None:
    from customer360.access.caller import Caller
    from customer360.catalog import store
    from customer360.catalog.kinds import TAG_KIND, shard_of
    from customer360.catalog.table import TAGS, CatalogItem, MemberItem, TagItem
    from customer360.storage.items import AssignmentItem, CommitItem, CustomerItem
    from customer360.storage.keys import COMMIT, TAG, partition

    now, ids = datetime.now(UTC), [f"{tag_id}-{number}" for number in range(customers)]
    store.create(TAG_KIND, TagItem(TAGS, tag_id, name=tag_id, color="#112233", created_at=now, updated_at=now))
    with CustomerItem.batch_write() as batch:
        for pk in map(partition, ids):
            batch.save(
                CommitItem(
                    pk, COMMIT, version=1, committed_at=now, sections={}, freshness={}, changed={}, updated_at=now
                )
            )
            batch.save(AssignmentItem(pk, TAG + tag_id, assigned_at=now, assigned_by="Bench"))
    with CatalogItem.batch_write() as members:
        for customer_id in ids:
            members.save(MemberItem(TAG_KIND.members(tag_id, shard_of(customer_id)), customer_id))
    store.delete(TAG_KIND, tag_id, Caller("bench", "Bench", "bench@example.com", "admin"), job_id)


def worked(job_id: str, shard: int) -> bool:
    from customer360.catalog.removal import remove_from_customers
    from customer360.jobs import service as jobs

    return remove_from_customers(jobs.find(job_id), shard, lambda: True)


if __name__ == "__main__":
    main()
