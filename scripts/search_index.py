"""`make verify-search`, `make rebuild-search`: whether everybody can be found by what they are, and making it so.

    python -m search_index [--repair | --rebuild] [--stack customer360-local] [--customer ID …] [--workers 8]

Compares the row and the terms of every customer with the customer, and looks for rows and terms of nobody. With
`--repair`, what differs is written anew; with `--rebuild`, everything is. Safe while the stack is serving: the search
goes on to find what it found. A customer for whom it fails is named, and the others go on. Exits with 1 if it failed
for somebody, or something differs and was left so. It goes through whole tables, so it is an operator's command: no
function of the stack may Scan.
"""

import argparse
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from stack.aws import environment
from stack.testing import stack_of_up
from verify import LOCAL_STACK, function_environment

BATCH = 500


def main() -> int:
    options = _options()
    if options.stack == LOCAL_STACK:
        os.environ.update(environment(stack_of_up().endpoint))
    os.environ.update(function_environment(options.stack))
    with ThreadPoolExecutor(options.workers) as pool:
        found = _customers(options, pool)
        if not options.customer:
            found.update(_strays(options.repair or options.rebuild, pool))
    return 1 if found["failed"] or (found["wrong"] and not (options.repair or options.rebuild)) else 0


def _customers(options: argparse.Namespace, pool: ThreadPoolExecutor) -> Counter[str]:
    # Imported now, because the models read the names of their tables when they are defined.
    from customer360.search.checking import differences
    from customer360.search.projecting import project

    def check(customer_id: str) -> list[str]:
        now = datetime.now(UTC)
        found = [] if options.rebuild else differences(customer_id, now)
        if found or options.rebuild:
            _ = (options.repair or options.rebuild) and project(customer_id, now, anew=True)
        return found

    counts: Counter[str] = Counter()
    for customer_id, found in _each(pool, check, options.customer or everybody()):
        counts.update(done=1, wrong=int(bool(found)), failed=int(found is None))
        if found:
            print(f"{customer_id}: {', '.join(found)}")
        if counts["done"] % BATCH == 0:
            print(f"{counts['done']} customers", file=sys.stderr)
    what = "written anew" if options.rebuild else f"compared, {counts['wrong']} differ"
    print(f"{counts['done']} customers {what}{_failed(counts)}")
    return counts


def everybody() -> Iterator[str]:
    """Every customer, shard by shard."""
    from customer360.storage.everyone import customers_of_shard, shard_numbers

    for number in shard_numbers():
        after = None
        while page := customers_of_shard(number, after=after, limit=BATCH):
            yield from page
            after = page[-1]


def _strays(removes: bool, pool: ThreadPoolExecutor) -> Counter[str]:
    """Rows and terms of nobody. A term too many finds nobody whom a row does not confirm, so it only costs."""
    from customer360.search.checking import by_customer, differences, remove_strays
    from customer360.search.projecting import project
    from customer360.search.table import DirectoryItem, SearchItem

    def nobody(customer_id: str) -> bool:
        now = datetime.now(UTC)
        is_wrong = "a row of nobody" in differences(customer_id, now)
        _ = is_wrong and removes and project(customer_id, now)
        return is_wrong

    def removed_of(terms: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        return _each(pool, lambda customer_id: remove_strays(customer_id, terms[customer_id]), terms)

    counts: Counter[str] = Counter()
    rows = (item.customer_id for item in DirectoryItem.scan(attributes_to_get=["shard", "customerId"]))
    for _, is_wrong in _each(pool, nobody, rows):
        counts.update(wrong=int(is_wrong is True), failed=int(is_wrong is None))
    for batch in _batches(SearchItem.scan(), BATCH) if removes else ():
        for _, removed in removed_of(by_customer(batch)):
            counts.update(terms=removed or 0, failed=int(removed is None))
    terms = f", {counts['terms']} terms of nobody" if removes else ""
    print(f"{counts['wrong']} rows of nobody{terms}{_failed(counts)}")
    return counts


def _each(pool: ThreadPoolExecutor, work: Callable[[str], Any], customers: Iterable[str]) -> Iterator[tuple[str, Any]]:
    """What `work` gives for each of them; None where it fails: that one is named, and the others go on."""

    def attempted(customer_id: str) -> Any:
        try:
            return work(customer_id)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is one customer's
            print(f"{customer_id}: failed, {type(error).__name__}")
            return None

    for batch in _batches(customers, BATCH):
        yield from zip(batch, pool.map(attempted, batch), strict=True)


def _failed(counts: Counter[str]) -> str:
    return f", {counts['failed']} failed" if counts["failed"] else ""


def _batches(values: Iterable[Any], size: int) -> Iterator[list[Any]]:
    iterator = iter(values)
    while batch := list(islice(iterator, size)):
        yield batch


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repair", action="store_true", help="write anew what differs")
    parser.add_argument("--rebuild", action="store_true", help="write everything anew")
    parser.add_argument("--stack", default=LOCAL_STACK, help="on AWS: its name, with credentials as usual")
    parser.add_argument("--customer", action="append", help="only these")
    parser.add_argument("--workers", type=int, default=8)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
