"""What the `jobs` table keeps of exports. All of it expires some days after the file has."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Self

from pynamodb.attributes import BooleanAttribute, JSONAttribute, UnicodeAttribute
from pynamodb.expressions.update import Action

from customer360.access.caller import Caller
from customer360.errors import NotFound
from customer360.exact_json import dumps, loads
from customer360.exports.naming import key_of, owner_of
from customer360.exports.request import ExportRequest
from customer360.jobs.table import JobItem
from customer360.storage.base import InstantAttribute, WholeNumberAttribute, unless_condition_fails, was_sent_twice

EXPORT = "EXPORT#"
STATE = "EXPORT"
OWNER = "EXPORTS-OF#"
# S3 deletes what has expired in its own time; until then its file can be found by its item.
OUTLIVES = timedelta(days=3)


class TakenOver(Exception):
    """The export is somebody else's to make by now, or nobody's."""


class ExportItem(JobItem, discriminator="export"):
    """`EXPORT#<id>`, `EXPORT`: what was asked for by whom, how far it has come, and what came of it.

    Only the `worker` named in it may write, and nobody else begins before `leased_until`. Of a search so many `parts`
    with so many customers `gathered` are kept, up to `cursor`; `is_gathered` once that is all of it.
    """

    kind = UnicodeAttribute()
    format = UnicodeAttribute()
    customer_id = UnicodeAttribute(null=True, attr_name="customerId")
    sections = JSONAttribute(null=True)
    start = InstantAttribute(null=True)
    end = InstantAttribute(null=True)
    search = UnicodeAttribute(null=True)
    made_by = UnicodeAttribute(attr_name="madeBy")
    made_by_name = UnicodeAttribute(attr_name="madeByName")
    made_by_email = UnicodeAttribute(attr_name="madeByEmail")
    made_by_role = UnicodeAttribute(attr_name="madeByRole")
    requested_at = InstantAttribute(attr_name="requestedAt")
    kept_until = InstantAttribute(attr_name="keptUntil")
    key = UnicodeAttribute()

    status = UnicodeAttribute(default="queued")
    progress = WholeNumberAttribute(default=0)
    attempts = WholeNumberAttribute(default=0)
    worker = UnicodeAttribute(null=True)
    leased_until = InstantAttribute(null=True, attr_name="leasedUntil")
    cursor = UnicodeAttribute(null=True)
    parts = WholeNumberAttribute(default=0)
    gathered = WholeNumberAttribute(default=0)
    is_gathered = BooleanAttribute(default=False, attr_name="isGathered")

    made_at = InstantAttribute(null=True, attr_name="madeAt")
    version = WholeNumberAttribute(null=True)
    rows = WholeNumberAttribute(null=True)
    size = WholeNumberAttribute(null=True)
    sha256 = UnicodeAttribute(null=True)
    error = UnicodeAttribute(null=True)
    finished_at = InstantAttribute(null=True, attr_name="finishedAt")

    @classmethod
    def asked(cls, request: ExportRequest, kept_until: datetime) -> Self:
        """A new one, not kept yet."""
        return cls(
            EXPORT + request.id,
            STATE,
            kind=request.kind,
            format=request.format,
            customer_id=request.customer_id,
            sections=list(request.sections) if request.sections else None,
            start=request.start,
            end=request.end,
            search=dumps(request.search) if request.search is not None else None,
            made_by=request.maker.id,
            made_by_name=request.maker.name,
            made_by_email=request.maker.email,
            made_by_role=request.maker.role,
            requested_at=request.requested_at,
            kept_until=kept_until,
            key=key_of(request),
            expires_at=int((kept_until + OUTLIVES).timestamp()),
        )

    @classmethod
    def find(cls, export_id: str) -> Self:
        """Raises NotFound."""
        try:
            return cls.get(EXPORT + export_id, STATE, consistent_read=True)
        except cls.DoesNotExist:
            raise NotFound("export") from None

    @classmethod
    def several(cls, export_ids: Iterable[str]) -> list[Self]:
        """Those there are, in no order."""
        return list(cls.batch_get([(EXPORT + each, STATE) for each in export_ids], consistent_read=True))

    @property
    def id(self) -> str:
        return self.pk.removeprefix(EXPORT)

    @property
    def request(self) -> ExportRequest:
        return ExportRequest(
            id=self.id,
            kind=self.kind,  # type: ignore[arg-type]  # written by `asked` alone
            format=self.format,  # type: ignore[arg-type]
            maker=Caller(self.made_by, self.made_by_name, self.made_by_email, self.made_by_role),
            requested_at=self.requested_at,
            customer_id=self.customer_id,
            sections=tuple(self.sections) if self.sections else None,
            start=self.start,
            end=self.end,
            search=loads(self.search) if self.search is not None else None,
        )

    @property
    def is_finished(self) -> bool:
        return self.status in {"ready", "failed"}

    def keep(self) -> Self:
        """Stores it, and gives what is kept: what was there before, if a request is repeated."""
        with unless_condition_fails() as outcome:
            self.save(condition=ExportItem.pk.does_not_exist())
        return self if outcome.holds else self.find(self.id)

    def claim(self, worker: str, now: datetime, until: datetime) -> bool:
        """Makes it this worker's until an instant; False if it is another's, or finished."""
        is_free = ExportItem.leased_until.does_not_exist() | (ExportItem.leased_until < now)
        with unless_condition_fails() as outcome:
            self.update(
                actions=[
                    ExportItem.status.set("running"),
                    ExportItem.worker.set(worker),
                    ExportItem.leased_until.set(until),
                    ExportItem.attempts.add(1),
                ],
                condition=ExportItem.status.is_in("queued", "running") & is_free,
            )
        return outcome.holds or was_sent_twice(self, lambda: self.worker == worker)

    def write(self, actions: Iterable[Action]) -> None:
        """As the worker whose it is. Raises TakenOver if it is not any more; nothing is written then."""
        if not self._is_written(actions):
            raise TakenOver

    def release(self, *actions: Action) -> None:
        """Lets the next one begin at once. Raises TakenOver."""
        self.write([ExportItem.leased_until.remove(), *actions])

    def finish(self, status: str, now: datetime, *actions: Action) -> None:
        """Also forgets the cursor, which names the customer it came to last. Raises TakenOver."""
        ended = [ExportItem.status.set(status), ExportItem.finished_at.set(now), ExportItem.cursor.remove()]
        is_written = self._is_written([*ended, *actions])
        if not is_written and not was_sent_twice(self, lambda: (self.status, self.finished_at) == (status, now)):
            raise TakenOver

    def _is_written(self, actions: Iterable[Action]) -> bool:
        with unless_condition_fails() as outcome:
            self.update(
                actions=list(actions),
                condition=(ExportItem.worker == self.worker) & (ExportItem.status == "running"),
            )
        return outcome.holds

    def take_away(self, error: str, now: datetime) -> None:
        """Ends it, whoever makes it and also if it is ready; what it was about is forgotten."""
        forgotten = (ExportItem.worker, ExportItem.customer_id, ExportItem.search, ExportItem.cursor)
        with unless_condition_fails():
            self.update(
                actions=[
                    ExportItem.status.set("failed"),
                    ExportItem.error.set(error),
                    ExportItem.finished_at.set(now),
                    *(each.remove() for each in forgotten),
                ],
                condition=ExportItem.pk.exists(),
            )


class OwnerItem(JobItem, discriminator="export-owner"):
    """`EXPORTS-OF#<owner>`, the export's id: by which all exports of a customer, or all of searches, are found."""

    @classmethod
    def of(cls, request: ExportRequest, **more: Any) -> Self:
        return cls(OWNER + owner_of(request), request.id, **more)

    @classmethod
    def every(cls, owner: str) -> list[Self]:
        return list(cls.query(OWNER + owner, consistent_read=True))

    @classmethod
    def forget(cls, owner: str) -> None:
        """Whose exports they were is not to be seen any more."""
        with cls.batch_write() as batch:
            for each in cls.every(owner):
                batch.delete(each)
