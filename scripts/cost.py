"""`make cost`: what the stack costs a month in shops of several sizes, and what dominates.

    python -m cost [--customers 10000 100000 1000000]

Units are those of docs/cost.md, which says how each was measured; prices are list prices for `eu-west-1` in US dollars,
from memory, as of the date there. The shop is made up: change `Shop` to yours.
"""

import argparse
import math
from collections.abc import Sequence
from dataclasses import dataclass

# Dollars for one of each.
WRITE_UNIT, READ_UNIT = 0.705e-6, 0.141e-6
STORED_GB, RECOVERABLE_GB = 0.283, 0.226
GB_SECOND, INVOCATION = 16.6667e-6, 0.20e-6
API_CALL, BUS_EVENT, QUEUE_REQUEST = 3.50e-6, 1.00e-6, 0.40e-6
SOCKET_MESSAGE, SOCKET_MINUTE = 1.14e-6, 0.285e-6
LOG_GB, TRACE = 0.60, 5.00e-6
LOGGED_KB = 1.3  # by an invocation
ALARM_METRIC, METRIC, DASHBOARD = 0.10, 0.30, 3.00

# An event applied, over the sample's: measured, see there.
EVENT_READ_UNITS, EVENT_WRITE_UNITS = 5.6, 15.7

NIGHTS = 30
SECONDS = NIGHTS * 24 * 60 * 60
SHARDS = 64  # of all customers, each the work of one function a night
STREAM_BATCH = 100  # of records that come together


@dataclass(frozen=True, slots=True)
class Shop:
    """What happens in a month for each customer, unless said otherwise. Staff look at one customer in twenty."""

    events: float = 4.0  # orders and what becomes of them, messages, sessions, points, tickets
    kept_events: float = 40.0  # of the past
    pages: float = 0.05
    reads_a_page: float = 3.0  # orders, timeline, a ticket, …
    writes_a_page: float = 0.2  # notes, tags, actions
    searches_a_page: float = 1.0  # for somebody
    lists_a_page: float = 0.1  # first pages of a list or a filter, with their total
    minutes_a_page: float = 5.0
    moved_a_night: float = 0.16  # share of customers whose scores a night moves far enough to be kept (benchmark)
    moved_an_event: float = 0.3  # share of events after which scores or row are others
    alarm_metrics: float = 85.0  # of the whole stack, like what follows
    metrics: float = 20.0
    polled_queues: float = 12.0


def units(reads: float, writes: float) -> float:
    return reads * READ_UNIT + writes * WRITE_UNIT


def computing(milliseconds: float, gigabytes: float = 1.0) -> float:
    """The time of a function."""
    return milliseconds / 1000 * gigabytes * GB_SECOND


def run(milliseconds: float) -> float:
    """One invocation of a function, and what it logs."""
    return INVOCATION + computing(milliseconds) + LOGGED_KB * 1e-6 * LOG_GB


def traced(runs: float) -> float:
    """How many of a month's calls X-Ray records if nobody says otherwise: the first of each second, and of the others
    one in twenty. They are taken to come at random over the whole month, when most of them are the first."""
    first = SECONDS * -math.expm1(-runs / SECONDS)
    return first + 0.05 * (runs - first)


def call(milliseconds: float, reads: float, writes: float) -> float:
    """One HTTP call; the writes of its audit line are among them."""
    return API_CALL + run(milliseconds) + units(reads, writes)


def traces(customers: int, shop: Shop) -> float:
    """Traces recorded a month. The API decides for the functions behind it; every other function for itself."""
    events, pages = customers * shop.events, customers * shop.pages
    calls = pages * (2 + shop.reads_a_page + shop.writes_a_page + shop.searches_a_page + shop.lists_a_page)
    batches = events * (1 + shop.moved_an_event) + customers * NIGHTS * shop.moved_a_night / STREAM_BATCH
    follower = broadcaster = batches
    opened = watched = closed = pages
    return sum(map(traced, (calls, events, follower, broadcaster, opened, watched, closed, NIGHTS * SHARDS)))


def bill(customers: int, shop: Shop) -> dict[str, float]:
    """Dollars a month by what they are spent on."""
    events, pages = customers * shop.events, customers * shop.pages
    # A profile, its row in eight places and its terms, a year of kept scores, and what events left.
    kilobytes = 3.1 + 9 + 365 * shop.moved_a_night * 0.7 + shop.kept_events * 3.9
    gigabytes = customers * kilobytes / 1e6
    row = units(3, 10)
    # A commit in the table's stream: two functions look at the search's row, and at whether anybody watches.
    streamed = units(1, 0) + computing(15)
    kept = units(0, 6) + row + streamed  # scores kept anew, which is a commit, too
    a_night = units(3.8, 0) + computing(5, 1.77) + shop.moved_a_night * (kept + 2 * run(0) / STREAM_BATCH)
    # One by one: nothing waits for a batch to fill. A message is sent, received and deleted.
    applied = units(EVENT_READ_UNITS, EVENT_WRITE_UNITS) + BUS_EVENT + 3 * QUEUE_REQUEST + run(25)
    followed = units(3.8, 0) + streamed + 2 * run(0) + shop.moved_an_event * (kept + 2 * run(0))
    # So few pages find no names of tags and segments in the memory of the process.
    page = call(30, 3, 3) + shop.reads_a_page * call(35, 4, 3) + shop.writes_a_page * call(60, 4, 13)
    searches = shop.searches_a_page * call(60, 20, 2) + shop.lists_a_page * call(900, 830, 2)
    live = call(20, 0, 4) + 3 * run(20) + units(4, 8) + 6 * SOCKET_MESSAGE + shop.minutes_a_page * SOCKET_MINUTE
    return {
        "Every night: scores and segments of everybody": customers * NIGHTS * a_night,
        "Events: applied": events * applied,
        "Events: followed by scores, segments, search, live pages": events * followed,
        "Storage of tables and indexes": gigabytes * STORED_GB,
        "Point-in-time recovery": gigabytes * RECOVERABLE_GB,
        "Pages opened, and what is done on them": pages * page,
        "Searches": pages * searches,
        "Live pages": pages * live,
        "Traces": traces(customers, shop) * TRACE,
        "Fixed: alarms, metrics, dashboard, polling of queues": (
            shop.alarm_metrics * ALARM_METRIC
            + shop.metrics * METRIC
            + DASHBOARD
            + shop.polled_queues * 0.26
            + NIGHTS * SHARDS * (run(0) + 3 * QUEUE_REQUEST)
        ),
    }


def table_of(sizes: Sequence[int], shop: Shop) -> str:
    """Markdown: the dearest for the largest shop first, with its share there."""
    bills = [bill(size, shop) for size in sorted(sizes)]
    largest, total = bills[-1], sum(bills[-1].values())
    rows = [["USD a month", *(f"{size:,}" for size in sorted(sizes)), "share"], ["---", *["--:"] * (len(sizes) + 1)]]
    for name in sorted(largest, key=lambda each: -largest[each]):
        rows += [[name, *(f"{each[name]:,.2f}" for each in bills), f"{largest[name] / total:.0%}"]]
    rows.append(["**Together**", *(f"**{sum(each.values()):,.2f}**" for each in bills), ""])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--customers", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    print(table_of(parser.parse_args().customers, Shop()))


if __name__ == "__main__":
    main()
