"""Reads that do not wait for one another, so that a page costs the slowest of them and not their sum."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Result = TypeVar("Result")

_pool = ThreadPoolExecutor(max_workers=8, thread_name_prefix="reads")


def at_once(reads: list[Callable[[], Result]]) -> list[Result]:
    """What each of them gives, in their order. The first failure flies once all have ended."""
    if not reads:
        return []
    others = [_pool.submit(read) for read in reads[1:]]
    try:
        first = reads[0]()
    finally:
        for other in others:
            other.exception()
    return [first, *(other.result() for other in others)]
