"""`make bench-search`: what typical searches cost and take, and whether the size of the shop changes it.

Fills the two tables of the search, and orders by number, with what projecting such customers would write, in batches;
then searches through the function. Runs on DynamoDB Local, whose times and consumed capacity are those of a page. To
be filled in reasonable time, only every tenth customer's name can be found with a typo.
"""

import argparse
import random
import statistics
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from itertools import islice
from typing import Any

from benchmarks.bench import milliseconds, table
from benchmarks.dynamodb_local import dynamodb_local

FIRST = ["amelie", "anna", "ben", "carla", "david", "elena", "felix", "greta", "hanna", "ines", "jonas", "karim", "lea"]
FIRST += ["maria", "nora", "omar", "paul", "rosa", "sofia", "tom"]
LAST = ["laurent", "lee", "muller", "novak", "okafor", "petrov", "quinn", "rossi", "santos", "tanaka", "ueda", "vogel"]
TAG, RARE_TAG = "tag-every-tenth", "tag-every-thousandth"
THREADS = 16

# By what is asked; `{cursor}` is that of the page before.
SEARCHES: dict[str, dict[str, Any]] = {
    "everybody, newest first": {},
    "the next page of it": {"cursor": "{cursor}"},
    "full name": {"q": "{name}"},
    "beginning of a name, `am`": {"q": "am"},
    "one letter, `a`": {"q": "a"},
    "an e-mail": {"q": "c770@example.com"},
    "last four digits of a phone": {"q": "0770"},
    "an order number": {"q": "ORD-770"},
    "a name with a typo": {"q": "{typo}"},
    "a name nobody has": {"q": "zzyzx"},
    "a tag that few have": {"tag": RARE_TAG, "sort": "-lifetimeValue"},
    "a tag that a tenth has": {"tag": TAG, "sort": "-lifetimeValue"},
    "the best 0.5 % by value": {"clvMin": "9950"},
    "high churn risk, most valuable first": {"churnLevel": "high", "sort": "-lifetimeValue"},
    "gold, opted in, poor health, by name": {
        "tier": "gold",
        "emailOptIn": "true",
        "healthLevel": "poor",
        "sort": "name",
    },
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--customers", type=int, nargs="+", default=[1000, 10_000, 100_000])
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    columns, filled = [], 0
    with dynamodb_local():
        for size in sorted(options.customers):
            started = time.perf_counter()
            fill(filled, size)
            filled = size
            print(f"{size:,} customers after {time.perf_counter() - started:.0f} s more", flush=True)
            columns.append(searched(options.rounds))
    header = ["search"]
    for size in sorted(options.customers):
        header += [f"found of {size:,}", "by", "items", "read units", "ms"]
    rows: list[list[object]] = [[name, *(cell for column in columns for cell in column[name])] for name in SEARCHES]
    print(table(header, rows))


def fill(first: int, size: int) -> None:
    """Adds the customers from number `first` to a shop that then has so many."""
    from customer360.catalog.table import CountItem, TagItem

    now = datetime.now(UTC)
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(partial(write, now=now), _batches(iter(range(first, size)), 250)))
    for tag, share in ((TAG, 10), (RARE_TAG, 1000)):
        TagItem("TAGS", tag, name=tag, color="#112233", created_at=now, updated_at=now).save()
        CountItem("COUNTS#TAGS", f"{tag}#0", customers=size // share).save()


def write(numbers: list[int], now: datetime) -> None:
    from customer360.search.projecting import directory_item, search_item
    from customer360.search.row import terms_of
    from customer360.search.table import DirectoryItem, SearchItem

    rows = {number: a_row(number, now) for number in numbers}
    with DirectoryItem.batch_write() as batch:
        for row in rows.values():
            batch.save(directory_item(row, 1))
    with SearchItem.batch_write() as terms:
        for number, row in rows.items():
            for term in terms_of(row):
                if number % 10 == 0 or not term.bucket.startswith("TYPO#"):
                    terms.save(search_item(term, row.id))
    write_beside(rows, now)


def write_beside(rows: dict[int, Any], now: datetime) -> None:
    """An order of each, and who has the tags."""
    from customer360.catalog.kinds import TAG_KIND, shard_of
    from customer360.catalog.table import MemberItem
    from customer360.storage.items import CustomerItem, RecordItem
    from customer360.storage.keys import partition

    with MemberItem.batch_write() as members:
        for row in rows.values():
            for tag in row.tags:
                members.save(MemberItem(TAG_KIND.members(tag, shard_of(row.id)), row.id))
    with CustomerItem.batch_write() as orders:
        for number, row in rows.items():
            order = RecordItem(partition(row.id), "ORDER#o", source="order.upserted", record="{}", event_id="e")
            order.version_at, order.by_order_number = now, f"ord-{number}"
            orders.save(order)


def a_row(number: int, now: datetime) -> Any:
    """Customer number so-and-so, always the same."""
    from customer360.instants import sortable
    from customer360.search.row import Row

    random_ = random.Random(number)
    rare = word(number)
    return Row(
        id=f"c-{number:07}",
        name=f"{random_.choice(FIRST).title()} {random_.choice(LAST).title()} {rare.title()}",
        email=f"c{number}@example.com",
        phone=f"+33 6 {number:08}",
        former_emails=(),
        former_phones=(),
        registered_at=sortable(now - timedelta(minutes=random_.randrange(2_000_000))),
        account_status=random_.choice(["active", "active", "active", "pending", "closed"]),
        email_opt_in=random_.random() < 0.6,
        loyalty_tier=random_.choice(["bronze", "bronze", "silver", "gold", None]),
        total_orders=random_.randrange(30),
        lifetime_value=Decimal(random_.randrange(1_000_000)) / 100,
        last_purchase_at=sortable(now - timedelta(minutes=random_.randrange(1_000_000))),
        health_score=Decimal(random_.randrange(1000)) / 10,
        health_level=random_.choice(["excellent", "good", "fair", "poor"]),
        churn_score=Decimal(random_.randrange(1000)) / 10,
        churn_level=random_.choice(["low", "medium", "high"]),
        segments=tuple(f"segment-{each}" for each in range(3)),
        tags=tuple(tag for tag, share in ((TAG, 10), (RARE_TAG, 1000)) if number % share == 0),
    )


def word(number: int) -> str:
    """A word of six letters that one customer in a thousand shares."""
    random_ = random.Random(number // 1000 * 1000 + number % 1000 + 10**9)
    return "".join(random_.choice("bcdfghjklmnprstvwz" if at % 2 == 0 else "aeiou") for at in range(6))


def searched(rounds: int) -> dict[str, list[object]]:
    """Of each search: how many it finds, by which way in, items and units it reads, and the median time of a call."""
    from support.gateway import call_function

    rare, name = word(770), a_row(770, datetime.now(UTC)).name
    cursor = call_function("search_customers").json["nextCursor"]
    known = {"cursor": cursor, "name": name, "typo": rare[:2] + "q" + rare[3:]}
    found: dict[str, list[object]] = {}
    for name, query in SEARCHES.items():
        asked = {key: value.format(**known) for key, value in query.items()}
        answer = call_function("search_customers", query=asked | {"debug": "true"}).json
        debug = answer["debug"]
        times = milliseconds(partial(call_function, "search_customers", query=asked), rounds=rounds, warm_up=1)
        total = f"{answer['total']:,}{'' if answer['totalIsExact'] else '+'}"
        found[name] = [
            total,
            debug["wayIn"],
            f"{debug['itemsRead']:,}",
            f"{debug['readUnits']:g}",
            f"{statistics.median(times):.0f}",
        ]
    return found


def _batches(values: Iterator[int], size: int) -> Iterator[list[int]]:
    while batch := list(islice(values, size)):
        yield batch


if __name__ == "__main__":
    main()
