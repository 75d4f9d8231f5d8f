"""What the endpoints of erasures answer. Nothing in it is of the person who was erased."""

from typing import Literal

from customer360.access.schemas import Actor
from customer360.api.schema import Instant, Response, absent_if_none


class ErasureBegun(Response):
    """The customer is gone for everybody who looks; `jobId` names the job that erases the rest."""

    job_id: str


class ErasureProgress(Response):
    """Places looked through so far, of the erasure itself or of the look that makes sure."""

    done: int
    total: int


class ErasedPlace(Response):
    """How many things were erased in one place; `foundAgain` of them only by a later look."""

    place: str
    title: str
    erased: int
    found_again: int


class Remaining(Response):
    """What is left, and until when at the latest; null if for good."""

    what: str
    until: Instant | None


class Receipt(Response):
    """What was erased where. `customer` is a keyed hash of the id, by which the audit trail names the customer from now
    on. `verifiedAt` is when a look at every place found nothing any more."""

    customer: str
    erased_at: Instant
    verified_at: Instant | None = absent_if_none()
    places: list[ErasedPlace]
    remaining: list[Remaining]


class Erasure(Response):
    """`erasing`: under way. `erased`: done, and to be looked at once more. `verified`: looked at again, and nothing was
    found. There is a receipt as soon as it is erased."""

    job_id: str
    status: Literal["erasing", "erased", "verified"]
    progress: ErasureProgress
    requested_by: Actor
    requested_at: Instant
    updated_at: Instant
    receipt: Receipt | None = absent_if_none()
