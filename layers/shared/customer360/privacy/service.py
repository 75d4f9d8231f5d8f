"""Erasures as admins see them."""

from customer360.access.schemas import Actor
from customer360.privacy.receipt import PLACES, remaining
from customer360.privacy.schemas import ErasedPlace, Erasure, ErasureProgress, Receipt, Remaining
from customer360.privacy.table import ErasureItem
from customer360.settings import export_retention_days, settings


def progress_of(job_id: str) -> Erasure:
    """How far an erasure has come, and its receipt once there is one. Raises NotFound."""
    job = ErasureItem.find(job_id)
    done = len(PLACES) if job.erased_at else job.position  # a later look only makes sure
    return Erasure(
        job_id=job_id,
        status="verified" if job.verified_at else "erased" if job.erased_at else "erasing",
        progress=ErasureProgress(done=done, total=len(PLACES)),
        requested_by=Actor(id=job.requested_by, name=job.requested_by_name),
        requested_at=job.requested_at,
        updated_at=job.updated_at,
        receipt=_receipt(job) if job.erased_at else None,
    )


def _receipt(job: ErasureItem) -> Receipt:
    counted = {place.name: place for place in job.places()}
    return Receipt(
        customer=job.pseudonym,
        erased_at=job.erased_at,
        verified_at=job.verified_at,
        places=[
            ErasedPlace(place=name, title=title, erased=counted[name].erased, found_again=counted[name].found_again)
            for name, title in PLACES.items()
            if name in counted
        ],
        remaining=[
            Remaining(what=left.what, until=left.until)
            for left in remaining(
                job.erased_at,
                audit_days=int(settings().audit_retention_days),
                export_days=export_retention_days(),
                rejected_days=int(settings().rejected_retention_days),
            )
        ],
    )
