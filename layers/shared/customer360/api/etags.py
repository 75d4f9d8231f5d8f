"""ETags: a hash of the body a caller gets, so that a client knows what it has, and a write what it was based on."""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

from customer360.api.schema import Response, rendered
from customer360.errors import Stale
from customer360.exact_json import dumps


def etag_of(body: str) -> str:
    return f'"{sha256(body.encode()).hexdigest()[:32]}"'


def matches(header: str | None, etag: str) -> bool:
    """Whether an `If-Match` or `If-None-Match` names the ETag, or any."""
    tags = [tag.strip().removeprefix("W/") for tag in (header or "").split(",")]
    return etag in tags or "*" in tags


@dataclass(frozen=True, slots=True)
class Precondition:
    """The `If-Match` of a write; without one anything may be changed."""

    header: str | None
    permissions: frozenset[str]

    def require(self, *shown: Callable[[], Response]) -> None:
        """Raises Stale unless one of these answers, as this caller would get it now, is what they saw.

        A thing is seen by itself (the answer of the write that made it) and in its list, so either ETag will do.
        """
        if self.header is None:
            return
        for answer in shown:
            if matches(self.header, etag_of(dumps(rendered(answer(), self.permissions)))):
                return
        raise Stale("it has changed since you read it; read it again")
