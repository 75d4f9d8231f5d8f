"""What ingestion keeps in the `jobs` table: rejected events and the progress of imports."""

from datetime import UTC, datetime

from pynamodb.attributes import BooleanAttribute, JSONAttribute, UnicodeAttribute
from pynamodb.expressions.condition import Condition

from customer360.jobs.table import JobItem
from customer360.storage.base import InstantAttribute, WholeNumberAttribute, unless_condition_fails, was_sent_twice

REJECTED = "REJECTED#"
IMPORT = "IMPORT#"


class TakenOver(Exception):
    """Another worker is at this job; what it has written stands."""


class RejectedItem(JobItem, discriminator="rejected"):
    """`pk = REJECTED#<year-month>`, `sk = <instant>-<hash>`, which is also its public id: newest first by month."""

    detail_type = UnicodeAttribute(attr_name="detailType")
    event_id = UnicodeAttribute(null=True, attr_name="eventId")
    reason = UnicodeAttribute()
    errors = JSONAttribute()
    payload = UnicodeAttribute(null=True)
    file = UnicodeAttribute(null=True)
    line = WholeNumberAttribute(null=True)
    rejected_at = InstantAttribute(attr_name="rejectedAt")
    replayable = BooleanAttribute()


class ImportItem(JobItem, discriminator="import"):
    """`pk = IMPORT#<id>`, `sk = PROGRESS`: how far an import has come, written after every chunk.

    `offset` is in bytes of the unpacked file, always at the start of a line; the counts are of the lines before it.
    """

    bucket = UnicodeAttribute()
    key = UnicodeAttribute()
    status = UnicodeAttribute()
    started_at = InstantAttribute(attr_name="startedAt")
    updated_at = InstantAttribute(attr_name="updatedAt")
    offset = WholeNumberAttribute()
    line = WholeNumberAttribute()
    counts = JSONAttribute()
    header = UnicodeAttribute(null=True)
    failure = UnicodeAttribute(null=True)

    def begin(self) -> None:
        """Stores a new import. Raises TakenOver if it had begun already."""
        self._save_if(ImportItem.pk.does_not_exist())

    def move_on(self) -> None:
        """Stores the progress. Raises TakenOver if it is not what it was when it was read: another worker moved it."""
        from_here = ImportItem.updated_at == self.updated_at
        self.updated_at = datetime.now(UTC)
        self._save_if(from_here)

    def _save_if(self, condition: Condition) -> None:
        with unless_condition_fails() as outcome:
            self.save(condition=condition)
        written_at = self.updated_at
        if not outcome.holds and not was_sent_twice(self, lambda: self.updated_at == written_at):
            raise TakenOver
