"""What the functions logged in the local engine, merged by time and made readable."""

from __future__ import annotations

import json
import re
from collections import deque
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from stack.console import Problem
from stack.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from stack.aws import Stack

TAIL = 200
MOST = 10_000  # entries of a log group in one answer of the engine: the oldest, and no token for the others
LATE_MILLISECONDS = 5000  # an entry may turn up that much after a younger one
BOOKKEEPING = ("START RequestId", "END RequestId", "REPORT RequestId", "INIT_START")
KNOWN = {
    "_aws",
    "exception",
    "level",
    "location",
    "message",
    "timestamp",
    "service",
    "cold_start",
    "sampling_rate",
    "xray_trace_id",
}
REPEATED = {"exception_name", "stack_trace"}  # said by `exception`, the trace as text, too


class Entry(NamedTuple):
    """One log event, and the function that wrote it."""

    timestamp: int
    function: str
    stream: str
    message: str

    @property
    def identity(self) -> object:
        """What tells it from others; whose it is may only be learnt from a later entry."""
        return self.stream, self.timestamp, self.message


class Reader:
    """Reads the log groups of a stack, each entry once."""

    def __init__(self, stack: Stack) -> None:
        self._logs = stack.client("logs")
        self._owners: dict[str, str] = {}
        self._seen: set[object] = set()
        self._since = 0

    def new(self) -> list[Entry]:
        """What was logged since the last time, oldest first."""
        read = {entry.identity: entry for entry in attributed(self._events(), self._owners)}
        found = [entry for identity, entry in read.items() if identity not in self._seen]
        self._seen.update(read)
        if found:
            self._since = found[-1].timestamp - LATE_MILLISECONDS
        return found

    def _events(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        for page in self._logs.get_paginator("describe_log_groups").paginate():
            for group in page["logGroups"]:
                yield from ((group["logGroupName"], event) for event in self._of_group(group["logGroupName"]))

    def _of_group(self, name: str) -> Iterator[Mapping[str, Any]]:
        """One answer after the other; each begins with the last millisecond of the one before, which may go on."""
        since = max(self._since, 0)
        while True:
            events = self._logs.filter_log_events(logGroupName=name, startTime=since)["events"]
            yield from events
            if len(events) < MOST:
                return
            since = max(events[-1]["timestamp"], since + 1)


def show(stack: Stack, function: str, *, follow: bool) -> None:
    """Print the last lines of the functions whose name contains the one given, then new ones as they come if asked."""
    reader = Reader(stack)
    everything = reader.new()
    last = deque(lines(matching(everything, function)), maxlen=TAIL)
    if not last and not follow:
        known = ", ".join(sorted({entry.function for entry in everything}))
        raise Problem(f"nothing was logged by {function or 'any function'}", f"These ran: {known or 'none yet'}")
    for line in last:
        print(line)
    while follow:
        for line in lines(matching(wait_for(reader.new, seconds=3600, every=1) or (), function)):
            print(line, flush=True)


def save(stack: Stack, path: Path) -> None:
    """Write everything every function logged into one file."""
    path.write_text("".join(f"{line}\n" for line in lines(Reader(stack).new())))


def last_error(stack: Stack) -> str:
    """The last error any function logged, with the last line of its trace; empty if there was none."""
    wrong = [entry for entry in Reader(stack).new() if (parsed(entry.message) or {}).get("level") == "ERROR"]
    told = list(lines(wrong[-1:]))
    return "\n".join(told if len(told) < 2 else (told[0], told[-1].splitlines()[-1].strip()))


def attributed(found: Iterable[tuple[str, Mapping[str, Any]]], owners: dict[str, str]) -> list[Entry]:
    """The events by time, each with its function: a log stream is one function's, and some line in it says whose."""
    events = sorted(found, key=lambda pair: pair[1]["timestamp"])
    for group, event in events:
        named = (parsed(event["message"]) or {}).get("function_name")
        if named or event["logStreamName"] not in owners:
            owners[event["logStreamName"]] = function_of(named or group)
    return [
        Entry(event["timestamp"], owners[event["logStreamName"]], event["logStreamName"], event["message"].rstrip())
        for _, event in events
    ]


def matching(candidates: Iterable[Entry], function: str) -> list[Entry]:
    """The entries of functions whose name contains the one given, in whatever case and style."""
    return [entry for entry in candidates if plain(function) in plain(entry.function)]


def lines(shown: Iterable[Entry]) -> Iterator[str]:
    """The entries as lines to read."""
    for entry in shown:
        yield from readable(entry)


def function_of(name: str) -> str:
    """`GetCustomer` of `customer360-local-GetCustomerFunction-1A2B3C4D`, with or without a path before it."""
    found = re.fullmatch(r".*-(\w+?)(?:Function)?-[0-9A-F]{8,}", name.rsplit("/", 1)[-1])
    return found[1] if found else name.rsplit("/", 1)[-1]


def plain(name: str) -> str:
    """A name with nothing but its letters and digits, so that get_customer finds GetCustomer."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def readable(entry: Entry) -> Iterator[str]:
    """The lines to show for one entry: none for the runtime's bookkeeping and for what is a metric and nothing else."""
    if entry.message.startswith(BOOKKEEPING):
        return
    start = f"{datetime.fromtimestamp(entry.timestamp / 1000, UTC):%H:%M:%S} {entry.function} "
    fields = parsed(entry.message)
    if fields is None:
        yield f"{start} {entry.message}"
    elif "_aws" not in fields or "message" in fields:
        yield " ".join((start, str(fields.get("level", "")), str(fields.get("message", "")), *details(fields)))
        if "exception" in fields:
            yield "    " + str(fields["exception"]).replace("\n", "\n    ")


def parsed(message: str) -> dict[str, Any] | None:
    """The structured log entry in a message, if it is one."""
    try:
        entry = json.loads(message)
    except ValueError:
        return None
    return entry if isinstance(entry, dict) else None


def details(fields: Mapping[str, Any]) -> Iterator[str]:
    """The fields of an entry that somebody added to it, as name=value."""
    for name, value in fields.items():
        if name not in KNOWN and name not in REPEATED and not name.startswith("function_"):
            yield f"{name}={value if isinstance(value, str) else json.dumps(value)}"
