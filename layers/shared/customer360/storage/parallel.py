"""Reads that do not wait for one another, so that a page costs the slowest of them and not their sum."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any, TypeVar, overload

from customer360.storage.items import CustomerItem

Result = TypeVar("Result")
First = TypeVar("First")
Second = TypeVar("Second")
Third = TypeVar("Third")

_pool = ThreadPoolExecutor(max_workers=8, thread_name_prefix="reads")


@overload
def at_once(reads: tuple[Callable[[], First], Callable[[], Second]]) -> tuple[First, Second]: ...


@overload
def at_once(
    reads: tuple[Callable[[], First], Callable[[], Second], Callable[[], Third]],
) -> tuple[First, Second, Third]: ...


@overload
def at_once(reads: list[Callable[[], Result]]) -> tuple[Result, ...]: ...


def at_once(reads: Sequence[Callable[[], Any]]) -> tuple[Any, ...]:
    """What each of them gives, in their order. The first failure flies once all have ended."""
    if not reads:
        return ()
    _connect()
    others = [_pool.submit(read) for read in reads[1:]]
    try:
        first = reads[0]()
    finally:
        for other in others:
            other.exception()
    return (first, *(other.result() for other in others))


@cache
def _connect() -> None:
    """Makes the client once: threads that find none would make one each, and that takes longer than any read."""
    _ = CustomerItem._get_connection().connection.client
