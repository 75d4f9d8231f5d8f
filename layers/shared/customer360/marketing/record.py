"""What a marketing message to the customer means."""

from datetime import datetime
from decimal import Decimal
from typing import ClassVar, Literal

from customer360.instants import from_sortable, sortable
from customer360.scoring.months import Signal, by_month
from customer360.sources.fields import Identifier, Instant, Reference, Title
from customer360.sources.record import Index, Listing, Moment, Record, Shop, Snapshot, Totals, key
from customer360.storage.keys import MARKETING
from customer360.timeline.entries import Entry

Channel = Literal["email", "sms", "push"]
OPENED = "OPENED"
CLICKED = "CLICKED"


class MarketingMessage(Record):
    """`marketing.message.upserted`: one version of a message of a campaign."""

    KIND: ClassVar[str] = "MESSAGE"
    SECTION: ClassVar[str] = "marketing"
    FEEDS: ClassVar[frozenset[str]] = frozenset({"marketing"})
    MOMENTS: ClassVar[dict[str, Moment]] = {
        "lastEmailOpenedAt": Moment(MARKETING, Index.MILESTONE, OPENED),
        "lastCampaignClickedAt": Moment(MARKETING, Index.STATE, CLICKED),
    }

    message_id: Identifier
    campaign_id: Identifier
    campaign_name: Title
    channel: Channel
    sent_at: Instant
    status: Reference
    opened_at: Instant | None = None
    clicked_at: Instant | None = None
    updated_at: Instant

    @property
    def subject_id(self) -> str:
        return self.message_id

    def listing(self) -> Listing:
        opened = self.moments().get("lastEmailOpenedAt")
        return Listing(
            by_time=key(self.KIND, self.sent_at, self.message_id),
            by_state=key(CLICKED, self.clicked_at, self.message_id) if self.clicked_at else None,
            by_milestone=key(OPENED, opened, self.message_id) if opened else None,
            summary={
                "id": self.message_id,
                "campaignId": self.campaign_id,
                "name": self.campaign_name,
                "channel": self.channel,
                "sentAt": sortable(self.sent_at),
                "status": self.status,
                "openedAt": sortable(self.opened_at) if self.opened_at else None,
                "clickedAt": sortable(self.clicked_at) if self.clicked_at else None,
            },
        )

    def totals(self, shop: Shop) -> Totals:
        return {
            MARKETING: {
                f"sent:{self.channel}": Decimal(1),
                f"opened:{self.channel}": Decimal(self.opened_at is not None),
                f"clicked:{self.channel}": Decimal(self.clicked_at is not None),
            }
        } | self._signals(shop)

    def _signals(self, shop: Shop) -> Totals:
        """What the customer did with it, for the scores; a message that was only sent says nothing of them."""
        opens = [Signal(shop.day_of(self.opened_at), "opens")] if self.opened_at else []
        clicks = [Signal(shop.day_of(self.clicked_at), "clicks")] if self.clicked_at else []
        return by_month(*opens, *clicks)

    def moments(self) -> dict[str, datetime]:
        opened = {"lastEmailOpenedAt": self.opened_at} if self.opened_at and self.channel == "email" else {}
        clicked = {"lastCampaignClickedAt": self.clicked_at} if self.clicked_at else {}
        return opened | clicked

    def snapshot(self) -> Snapshot:
        return {
            "messageId": self.message_id,
            "campaignId": self.campaign_id,
            "campaignName": self.campaign_name,
            "channel": self.channel,
            "sent": sortable(self.sent_at),
            "opened": sortable(self.opened_at) if self.opened_at else None,
            "clicked": sortable(self.clicked_at) if self.clicked_at else None,
        }

    @classmethod
    def entries(cls, before: Snapshot | None, after: Snapshot) -> list[Entry]:
        """One entry the first time a message is known to be sent, opened, clicked; each at its own time."""
        metadata = {name: after[name] for name in ("messageId", "campaignId", "campaignName", "channel")}
        steps = [step for step in ("sent", "opened", "clicked") if after[step] and not (before and before[step])]
        title, text = f"{after['campaignName']}: ", f"By {after['channel']}"
        return [Entry(step, "marketing", title + step, text, from_sortable(after[step]), metadata) for step in steps]
