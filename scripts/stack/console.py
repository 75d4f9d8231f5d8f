"""What the commands say, and how they fail: one line of what went wrong, then what to do about it.

Read by `bootstrap`, so it has to be understood by every Python 3 there is.
"""

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

INTERRUPTED = 130


class Problem(Exception):
    """Something the user can do something about: what happened, and the advice."""

    def __init__(self, what: str, advice: str = "") -> None:
        super().__init__("\n".join(filter(None, (what, advice))).replace("\n", "\n  "))
        self.what = what
        self.advice = advice


def say(text: str) -> None:
    """Print a line of progress; to stderr, so that what a command answers stays alone on stdout."""
    print(text, file=sys.stderr, flush=True)


@contextmanager
def step(doing: str) -> "Iterator[None]":
    """Say what is being done, and how long it took or that it failed."""
    print(f"{doing} …", end="", file=sys.stderr, flush=True)
    started = time.monotonic()
    try:
        yield
    except BaseException:
        say(" failed")
        raise
    say(f" {time.monotonic() - started:.1f} s")


def run_main(main: "Callable[[], None]") -> None:
    """Run a command's main; a Problem becomes its advice and exit 1, Ctrl-C a clean 130."""
    try:
        main()
    except Problem as problem:
        say(f"✗ {problem}")
        sys.exit(1)
    except KeyboardInterrupt:
        say("\nstopped")
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
