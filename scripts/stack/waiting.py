"""Waiting for a condition, with a deadline."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Answer = TypeVar("Answer")


def wait_for(condition: Callable[[], Answer | None], *, seconds: float, every: float = 0.05) -> Answer | None:
    """The condition's first true answer; None when the deadline passes without one."""
    deadline = time.monotonic() + seconds
    while not (answer := condition()):
        if time.monotonic() > deadline:
            return None
        time.sleep(every)
    return answer
