"""What lies before the worker of a bulk job: kept before it is worked on, so that a worker that dies is followed by one
that goes on with the same customers. Pure.

Customers for whom it failed come again once the others of their page are done, and after a pause: whatever it was, it
may have passed. Nobody comes a fourth time.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Self

MOST_ATTEMPTS = 3
# Seconds before the second attempt, and before the third.
PAUSES = {2: 5, 3: 30}


@dataclass(frozen=True, slots=True)
class Page:
    """`customers` are still to do, `failed` did not succeed in this attempt; `cursor` leads to the page after this one,
    unless it `is_last`. `number` counts the pages of the job."""

    customers: Sequence[str]
    cursor: str | None
    is_last: bool
    failed: Sequence[str] = ()
    attempt: int = 1
    number: int = 0

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> Self:
        return cls(**kept)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    def without(self, done: Sequence[str], failed: Sequence[str]) -> Self:
        """Once its first customers, `done`, were tried, and it `failed` for some of them."""
        again = failed if self.attempt < MOST_ATTEMPTS else ()
        return replace(self, customers=self.customers[len(done) :], failed=[*self.failed, *again])

    def followed_by(self, following: Self) -> Self:
        """The page that was read after this one, with its number."""
        return replace(following, number=self.number + 1)

    def again(self) -> Self:
        """The next attempt, with those for whom it failed."""
        return replace(self, customers=self.failed, failed=(), attempt=self.attempt + 1)


# Before anything has been looked for.
FIRST = Page((), cursor=None, is_last=False)
