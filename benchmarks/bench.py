"""What the benchmarks share: tables on a local engine, calls counted, capacity by DynamoDB's documented rules."""

import math
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / folder) for folder in ("tests", "scripts", "layers/shared", "layers/documents")]

KB = 1024


@contextmanager
def tables() -> Iterator[str]:
    """An engine of its own with the template's tables; sets the environment the functions get."""
    from stack import engine as engines
    from stack.testing import guarded_folder
    from support.tables import create_secrets, create_tables
    from support.template import function_environment

    os.environ.update(function_environment())
    os.environ.update(AWS_REGION="eu-west-1", AWS_DEFAULT_REGION="eu-west-1")
    os.environ.update(AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test", POWERTOOLS_LOG_LEVEL="CRITICAL")
    with guarded_folder() as folder:
        running = engines.start(folder, engines.free_port(), folder / "engine.log")
        os.environ["AWS_ENDPOINT_URL"] = running.endpoint
        create_tables(running.endpoint)
        create_secrets(running.endpoint)
        yield running.endpoint


class Calls:
    """Every DynamoDB call PynamoDB makes while this is active: its name, arguments and answer."""

    def __init__(self) -> None:
        self.made: list[tuple[str, dict[str, Any], dict[str, Any]]] = []

    @contextmanager
    def recorded(self) -> Iterator["Calls"]:
        from pynamodb.connection import Connection

        original = Connection._make_api_call

        def make_api_call(connection: Connection, name: str, arguments: dict[str, Any], *rest: Any) -> Any:
            answer = original(connection, name, arguments, *rest)
            self.made.append((name, arguments, answer))
            return answer

        Connection._make_api_call = make_api_call  # type: ignore[method-assign, assignment]
        try:
            yield self
        finally:
            Connection._make_api_call = original  # type: ignore[method-assign]

    def named(self, name: str) -> list[tuple[dict[str, Any], dict[str, Any]]]:
        return [(arguments, answer) for made, arguments, answer in self.made if made == name]


def milliseconds(work: Callable[[], object], *, rounds: int = 200, warm_up: int = 20) -> list[float]:
    """How long each of `rounds` calls took."""
    for _ in range(warm_up):
        work()
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        times.append((time.perf_counter() - start) * 1000)
    return times


def paired(
    first: Callable[[], object], second: Callable[[], object], *, rounds: int = 200
) -> tuple[float, float, float]:
    """Medians of both, called in turn so that a noisy machine hits them alike, and the median of their ratio."""
    one, two = [], []
    for work in (first, second):
        milliseconds(work, rounds=5)
    for _ in range(rounds):
        one += milliseconds(first, rounds=1, warm_up=0)
        two += milliseconds(second, rounds=1, warm_up=0)
    ratios = [a / b for a, b in zip(one, two, strict=True)]
    return statistics.median(one), statistics.median(two), statistics.median(ratios)


def size_of(value: dict[str, Any]) -> int:
    """Bytes of one attribute value, by the rules of the DynamoDB developer guide (item sizes and formats)."""
    ((kind, content),) = value.items()
    if kind in {"S", "B"}:
        return len(content.encode() if isinstance(content, str) else content)
    if kind == "N":
        return int(math.ceil(len(content.strip("-0.").replace(".", "")) / 2) + 1 + content.startswith("-"))
    if kind == "M":
        return 3 + sum(len(name.encode()) + 1 + size_of(child) for name, child in content.items())
    if kind == "L":
        return 3 + sum(1 + size_of(child) for child in content)
    if kind in {"SS", "NS", "BS"}:
        return sum(len(str(part).encode()) for part in content)
    return 1


def item_size(item: dict[str, dict[str, Any]]) -> int:
    return sum(len(name.encode()) + size_of(value) for name, value in item.items())


def read_units(items: list[dict[str, Any]]) -> int:
    """Read units of a strongly consistent Query that gives these items: their sizes together, by 4 KB."""
    return max(1, math.ceil(sum(map(item_size, items)) / (4 * KB)))


def write_units(item: dict[str, dict[str, Any]], *, transactional: bool) -> int:
    """Write units of one item (twice in a transaction) and of the index entries it has (by 1 KB, once)."""
    size = math.ceil(item_size(item) / KB)
    # The audit table's two global indexes hold the whole item.
    own = size * (2 if transactional else 1) + size * sum(name in item for name in ("subject", "actor"))
    entries = [name for name in ("byTime", "byState", "byMilestone", "bySubject") if name in item]
    listed = {"pk", "sk", "type", "summary"}
    versions = {"pk", "sk", "type", "eventId", "versionAt", "snapshot", "via", "source"}
    for entry in entries:
        projected = (versions if entry == "bySubject" else listed) | {entry}
        own += math.ceil(item_size({name: item[name] for name in projected if name in item}) / KB)
    return own


def table(header: list[str], rows: list[list[object]]) -> str:
    """A Markdown table."""
    lines = [header, ["---"] * len(header), *[[str(cell) for cell in row] for row in rows]]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
