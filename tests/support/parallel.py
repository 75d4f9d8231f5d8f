"""Does things at the same time, as many admins would."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from customer360.errors import Customer360Error

Result = TypeVar("Result")


def all_at_once(works: Sequence[Callable[[], Result]]) -> list[Result | Customer360Error]:
    """What each gives, or with what it was refused, in their order; each has a thread, and all are let go together."""
    start = Barrier(len(works))

    def run(work: Callable[[], Result]) -> Result | Customer360Error:
        start.wait()
        try:
            return work()
        except Customer360Error as refusal:
            return refusal

    with ThreadPoolExecutor(len(works)) as threads:
        return list(threads.map(run, works))
