"""An erasure begins: one transaction puts the tombstone, ends the customer and makes the job that erases the rest.

Guarantee: it begins once, whoever asks how often and at the same time; and no erasure is left without a worker, because
it is announced before it exists. The row in the lists of customers goes with the customer, so that nobody is shown it
any more; whoever brings rows up to date would only delete it.
"""

import time
from datetime import datetime, timedelta
from functools import partial

from customer360.access.caller import Caller
from customer360.jobs.table import JOB
from customer360.privacy.erasure_queue import announce
from customer360.privacy.pseudonyms import pseudonym_of
from customer360.privacy.receipt import PLACES
from customer360.privacy.subject import require_something
from customer360.privacy.table import (
    ERASED,
    ERASURE,
    PLACE,
    TOMBSTONE,
    ErasedPlaceItem,
    ErasureItem,
    TombstoneItem,
)
from customer360.search.index import shard_of
from customer360.search.table import DirectoryItem
from customer360.settings import settings
from customer360.storage.base import Turn, until_won
from customer360.storage.items import CommitItem
from customer360.storage.keys import COMMIT, partition
from customer360.storage.transactions import all_or_nothing

WAITING_SECONDS = 8


def begin(customer_id: str, by: Caller, job_id: str, now: datetime) -> str:
    """Ends the customer and gives the id of the job that erases the rest; of the earlier one, if they were erased.
    Raises NotFound if nothing is held of such a customer, and Contended."""
    if tombstone := TombstoneItem.find(pseudonym_of(customer_id)):
        announce(tombstone.job_id)  # harmless if it is going on, or over
        return tombstone.job_id
    require_something(customer_id)
    announce(job_id)
    return until_won(partial(_begin, customer_id, by, job_id, now), deadline=time.monotonic() + WAITING_SECONDS)


def _begin(customer_id: str, by: Caller, job_id: str, now: datetime, _: Turn) -> str:
    pseudonym = pseudonym_of(customer_id)
    if earlier := TombstoneItem.find(pseudonym):
        return earlier.job_id
    commit = CommitItem.find(customer_id)
    row = DirectoryItem.find(shard_of(customer_id), customer_id)
    job = ErasureItem(
        JOB + job_id,
        ERASURE,
        pseudonym=pseudonym,
        customer_id=customer_id,
        requested_by=by.id,
        requested_by_name=by.name,
        requested_at=now,
        updated_at=now,
        expires_at=int((now + timedelta(days=int(settings().audit_retention_days))).timestamp()),
    )
    erased = {"records": int(commit is not None), "directory": int(row is not None)}
    with all_or_nothing() as transaction:
        tombstone = TombstoneItem(ERASED + pseudonym, TOMBSTONE, job_id=job_id, erased_at=now)
        transaction.save(tombstone, condition=TombstoneItem.pk.does_not_exist())
        if commit:
            transaction.delete(commit, condition=CommitItem.pk.exists())
        else:
            unknown = CommitItem.pk.does_not_exist()
            transaction.condition_check(CommitItem, partition(customer_id), COMMIT, condition=unknown)
        if row:
            transaction.delete(row, condition=DirectoryItem.is_still(row.version))
        transaction.save(job)
        for name in PLACES:
            place = ErasedPlaceItem(job.pk, PLACE + name, erased=erased.get(name, 0), expires_at=job.expires_at)
            transaction.save(place)
    return job_id
