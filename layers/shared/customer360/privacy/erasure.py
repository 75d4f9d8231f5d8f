"""Erases a customer: at once for everybody who looks, then place by place, then once more to be sure.

Guarantees, whatever crashes, comes twice or runs at the same time:

- It begins with one transaction (`privacy.beginning`) that puts the tombstone and deletes the customer's commit item.
  From then on every read answers that there is no such customer, every commit under way fails, and nobody can make the
  customer anew.
- Who is left to erase is what is still there: any step can be repeated, and goes on where it was.
- What was written past all this by somebody who had begun before, is found by a second look, when everybody who had
  begun has ended. Looks go on until one finds nothing; only then the erasure is verified.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from math import ceil

from customer360.privacy.deleting import Tally
from customer360.privacy.known import Known
from customer360.privacy.places import PLACES
from customer360.privacy.subject import Subject, subject_of
from customer360.privacy.table import PLACE, ErasedPlaceItem, ErasureItem
from customer360.settings import second_look_seconds

# What is to go on at once waits a moment, so that whoever is at the same items is done.
AGAIN_SECONDS = 1


def go_on(job: ErasureItem, has_time: Callable[[], bool], now: datetime) -> int | None:
    """Works until it is done or `has_time` says no. Gives after how many seconds it is to be called again; None if it
    is not, because all is done or another worker is at it."""
    if job.verified_at:
        return None
    if job.next_look_at and now < job.next_look_at:
        return ceil((job.next_look_at - now).total_seconds())
    if job.known is None:
        job.keep_known(subject_of(job.customer_id).known.to_store())
    subject = Subject(job.customer_id, Known.from_stored(job.known), job.requested_at)
    for position, place in enumerate(PLACES[job.position :], start=job.position):
        tally = Tally(
            ErasedPlaceItem(job.pk, PLACE + place.name),
            is_again=job.look > 0,
            reached=job.reached,
            keep=lambda reached: job.move(now, ErasureItem.reached.set(reached)),
        )
        if not place.erase(subject, tally, has_time):
            return AGAIN_SECONDS
        if not job.move(now, ErasureItem.position.set(position + 1), ErasureItem.reached.remove()):
            return None
    return _end_look(job, now)


def _end_look(job: ErasureItem, now: datetime) -> int | None:
    found = sum(place.erased for place in job.places())
    if job.look > 0 and found == job.found_before:
        job.move(now, *job.verified(now))
        return None
    seconds = second_look_seconds()
    actions = [
        ErasureItem.look.set(job.look + 1),
        ErasureItem.position.set(0),
        ErasureItem.found_before.set(found),
        ErasureItem.next_look_at.set(now + timedelta(seconds=seconds)),
    ]
    if job.erased_at is None:
        actions.append(ErasureItem.erased_at.set(now))
    return seconds if job.move(now, *actions) else None
