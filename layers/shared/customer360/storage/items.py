"""The `customers` table: one item collection per customer, `pk = CUSTOMER#<id>`.

Head items (`HEAD#…`) are small and current, so one Query of their prefix is the whole 360 view, whatever the history.
History items are keyed by natural id, so an upsert needs no timestamp; the local secondary indexes give the lists:

by-time       `<KIND>#<instant>#<id>`            of one kind, newest first; `EVENT#…` is the timeline
by-state      `<KIND>#<state>#<instant>#<id>`    of one kind and status; of the timeline and one type; saved
                                                 payment methods, without an instant
by-milestone  `<MILESTONE>#<instant>#<id>`       completed purchases by purchase, e-mails by opening
by-subject    `<KIND>#<id>#<version>`            every version ever received of one order, ticket, …

by-shard      a global index of the commit items alone: every customer, for what goes through them all
by-order-number  a global index of the orders alone, by their number as it is compared: whose orders they are

Sort keys end in an id, so that equal instants have one stable order. Indexes are sparse: an item without the
attribute is not in the index.
"""

from datetime import datetime
from typing import Any

from pynamodb.attributes import BooleanAttribute, DiscriminatorAttribute, JSONAttribute, UnicodeAttribute
from pynamodb.indexes import GlobalSecondaryIndex, IncludeProjection, KeysOnlyProjection, LocalSecondaryIndex
from pynamodb.models import Model

from customer360.settings import settings
from customer360.storage.base import (
    InstantAttribute,
    InstantsAttribute,
    NumbersAttribute,
    TableMeta,
    WholeNumberAttribute,
    unless_condition_fails,
)
from customer360.storage.keys import COMMIT, partition


class ByTime(LocalSecondaryIndex[Any]):
    class Meta:
        index_name = "by-time"
        projection = IncludeProjection(["type", "summary"])

    pk = UnicodeAttribute(hash_key=True)
    by_time = UnicodeAttribute(range_key=True, attr_name="byTime")


class ByState(LocalSecondaryIndex[Any]):
    class Meta:
        index_name = "by-state"
        projection = IncludeProjection(["type", "summary"])

    pk = UnicodeAttribute(hash_key=True)
    by_state = UnicodeAttribute(range_key=True, attr_name="byState")


class ByMilestone(LocalSecondaryIndex[Any]):
    class Meta:
        index_name = "by-milestone"
        projection = IncludeProjection(["type", "summary"])

    pk = UnicodeAttribute(hash_key=True)
    by_milestone = UnicodeAttribute(range_key=True, attr_name="byMilestone")


class BySubject(LocalSecondaryIndex[Any]):
    class Meta:
        index_name = "by-subject"
        projection = IncludeProjection(["type", "eventId", "versionAt", "snapshot", "via", "source"])

    pk = UnicodeAttribute(hash_key=True)
    by_subject = UnicodeAttribute(range_key=True, attr_name="bySubject")


class ByShard(GlobalSecondaryIndex[Any]):
    """Every customer, by their commit item, spread over so many partitions; eventually consistent."""

    class Meta:
        index_name = "by-shard"
        projection = KeysOnlyProjection()

    shard = UnicodeAttribute(hash_key=True)
    pk = UnicodeAttribute(range_key=True)


class ByOrderNumber(GlobalSecondaryIndex[Any]):
    """Every order by its number (`search.words.order_number`); eventually consistent."""

    class Meta:
        index_name = "by-order-number"
        projection = KeysOnlyProjection()

    by_order_number = UnicodeAttribute(hash_key=True, attr_name="byOrderNumber")
    pk = UnicodeAttribute(range_key=True)


class CustomerItem(Model):
    """Any item of a customer's collection; a query of it gives the right subclass for each."""

    class Meta(TableMeta):
        table_name = settings().customers_table

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    type = DiscriminatorAttribute()
    by_time = UnicodeAttribute(null=True, attr_name="byTime")
    by_state = UnicodeAttribute(null=True, attr_name="byState")
    by_milestone = UnicodeAttribute(null=True, attr_name="byMilestone")
    by_subject = UnicodeAttribute(null=True, attr_name="bySubject")
    summary = JSONAttribute(null=True)
    shard = UnicodeAttribute(null=True)
    by_order_number = UnicodeAttribute(null=True, attr_name="byOrderNumber")

    time_index = ByTime()
    state_index = ByState()
    milestone_index = ByMilestone()
    subject_index = BySubject()
    shard_index = ByShard()
    order_number_index = ByOrderNumber()


class CommitItem(CustomerItem, discriminator="commit"):
    """The customer's latest commit: every transaction writes it, so it orders and announces them all.

    `sections` maps each section to the version that last changed it; `freshness` to when its source last wrote it.
    `changed` maps the sections of this very commit to the ids it changed: what the live channel tells; `is_old_news`
    says that it is history, imported long after it happened, of which nobody needs to be told outside.
    `marks` tells how old a version is (`storage.marks`).
    `correlation_id` leads from what reads the stream back to the log lines of what wrote. A claim keeps
    other writers away for a moment; it is no commit and moves no version.
    """

    version = WholeNumberAttribute()
    committed_at = InstantAttribute(attr_name="committedAt")
    sections = NumbersAttribute()
    freshness = InstantsAttribute()
    changed = JSONAttribute()
    marks = InstantsAttribute(null=True)
    updated_at = InstantAttribute(attr_name="updatedAt")
    is_old_news = BooleanAttribute(null=True, attr_name="isOldNews")
    correlation_id = UnicodeAttribute(null=True, attr_name="correlationId")
    claimed_by = UnicodeAttribute(null=True, attr_name="claimedBy")
    claimed_until = InstantAttribute(null=True, attr_name="claimedUntil")

    @classmethod
    def find(cls, customer_id: str) -> "CommitItem | None":
        """The customer's latest commit, strongly consistent; None if there is no such customer."""
        try:
            return cls.get(partition(customer_id), COMMIT, consistent_read=True)
        except cls.DoesNotExist:
            return None


class TotalsItem(CustomerItem, discriminator="totals"):
    """Kept totals: sums of what each current record contributes (zeros dropped), and moments such as the latest."""

    totals = NumbersAttribute()
    moments = InstantsAttribute()


class RecordItem(CustomerItem, discriminator="record"):
    """The current version of one order, ticket, points transaction, … as its source sent it (validated JSON)."""

    source = UnicodeAttribute()
    record = UnicodeAttribute()
    version_at = InstantAttribute(attr_name="versionAt")
    event_id = UnicodeAttribute(attr_name="eventId")


class EventItem(CustomerItem, discriminator="event"):
    """One source event or admin action that was applied: proof against duplicates, one version of its subject in
    `by-subject`, and (when something visible changed) an entry of the timeline in `by-time` and `by-state`.

    `source` is the event's type; `via` says which line of which import applied it, so that an interrupted import
    counts it once.
    """

    event_id = UnicodeAttribute(attr_name="eventId")
    version_at = InstantAttribute(null=True, attr_name="versionAt")
    snapshot = UnicodeAttribute(null=True)
    source = UnicodeAttribute(null=True)
    via = UnicodeAttribute(null=True)


class HeldItem(CustomerItem, discriminator="held"):
    """A valid event that came before its customer; applied, and deleted, once the customer comes."""

    event_type = UnicodeAttribute(attr_name="eventType")
    event = UnicodeAttribute()
    via = UnicodeAttribute(null=True)
    held_at = InstantAttribute(attr_name="heldAt")


class LedgerItem(CustomerItem, discriminator="ledger"):
    """`LEDGER`: what the points transactions leave (`loyalty.ledger`), but for what has lapsed: open lots, debt, points
    earned, changes of tier, and the place of the latest transaction."""

    lots = JSONAttribute()
    debt = WholeNumberAttribute()
    earned = WholeNumberAttribute()
    tier_changes = JSONAttribute(attr_name="tierChanges")
    last = UnicodeAttribute()


class ScoresItem(CustomerItem, discriminator="scores"):
    """`HEAD#SCORES`: the current scores. `assessment` is the JSON of `scoring.assessment`, worked out from what version
    `based_on` of the customer said. `previous` is that of the last earlier day with scores of its own, and `told` the
    one that was last an entry of the timeline (or, in the beginning, the first)."""

    assessment = UnicodeAttribute()
    based_on = WholeNumberAttribute(attr_name="basedOn")
    previous = UnicodeAttribute(null=True)
    told = UnicodeAttribute()

    def confirm(self, version: int) -> None:
        """Says that a later version leads to the same scores. No commit: it changes nothing a person could see."""
        is_later = ScoresItem.pk.exists() & (ScoresItem.based_on < version)
        with unless_condition_fails():
            self.update(actions=[ScoresItem.based_on.set(version)], condition=is_later)


class ScoreItem(CustomerItem, discriminator="score"):
    """`SCORE#<yyyy-mm-dd>`: the last assessment of that day (shop's time zone), if it changed what was known."""

    assessment = UnicodeAttribute()


class NoticeItem(CustomerItem, discriminator="notice"):
    """`NOTICE#<version>`: something to tell outside (`scores.notices`); deleted once it was told."""

    kind = UnicodeAttribute()
    notice = JSONAttribute()
    claimed_at = InstantAttribute(null=True, attr_name="claimedAt")

    def claim(self, now: datetime) -> bool:
        """Whether this call claimed it; if not, `claimed_since` tells more."""
        unclaimed = NoticeItem.pk.exists() & NoticeItem.claimed_at.does_not_exist()
        with unless_condition_fails() as outcome:
            self.update(actions=[NoticeItem.claimed_at.set(now)], condition=unclaimed)
        return outcome.holds

    def claimed_since(self) -> datetime | None:
        """Since when somebody has claimed it, strongly consistent; None if it is not there any more."""
        try:
            return NoticeItem.get(self.pk, self.sk, consistent_read=True).claimed_at
        except NoticeItem.DoesNotExist:
            return None

    def give_back(self) -> None:
        """Lets another claim it."""
        self.update(actions=[NoticeItem.claimed_at.remove()], condition=NoticeItem.pk.exists())


class OutboxItem(CustomerItem, discriminator="outbox"):
    """`OUTBOX#<event id>`: an event for the source systems (`actions.outbox`); deleted once the bus has it. `detail` is
    the event as JSON text."""

    kind = UnicodeAttribute()
    detail = UnicodeAttribute()


class LapsesItem(CustomerItem, discriminator="lapses"):
    """`LAPSES#<year>`: points that have lapsed, by instant, and that no transaction of the source has settled."""

    lapses = JSONAttribute()


class NoteItem(CustomerItem, discriminator="note"):
    """`NOTE#<id>`: a note as it is now; all a reader sees of it is in `summary`."""

    edits = WholeNumberAttribute()


class NoteEditItem(CustomerItem, discriminator="note-edit"):
    """`NOTE#<id>#EDIT#<number>`: what a note was before it was edited."""


class AssignmentItem(CustomerItem, discriminator="assignment"):
    """A tag or segment of the customer: `HEAD#TAG#<id>` or `HEAD#SEGMENT#<id>`. Its name lives in the catalog.

    Of an automatic segment the id is followed by a generation (`segments.membership`), and `is_announced` says whether
    the timeline tells of it: it does not while its generation is still being built.
    """

    assigned_at = InstantAttribute(attr_name="assignedAt")
    assigned_by = UnicodeAttribute(null=True, attr_name="assignedBy")
    is_announced = BooleanAttribute(null=True, attr_name="isAnnounced")
