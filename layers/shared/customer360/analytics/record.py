"""What a web or app session means."""

from collections import defaultdict
from datetime import datetime
from decimal import Decimal
from typing import ClassVar, Literal

from pydantic import Field, model_validator

from customer360.analytics.categories import shard
from customer360.analytics.devices import device_of
from customer360.instants import sortable
from customer360.scoring.months import Signal, by_month
from customer360.sources.fields import Category, Count, Identifier, Instant, SourceModel, Text
from customer360.sources.record import Index, Listing, Moment, Record, Shop, Totals, key
from customer360.storage.keys import BEHAVIOUR

Device = Literal["mobile", "desktop", "tablet", "unknown"]


class CategoryViews(SourceModel):
    category: Category
    count: Count


class Session(Record):
    """`analytics.session.recorded`: one visit; its version is when it occurred. Not a timeline event."""

    KIND: ClassVar[str] = "SESSION"
    SECTION: ClassVar[str] = "analytics"
    FEEDS: ClassVar[frozenset[str]] = frozenset({"analytics"})
    MOMENTS: ClassVar[dict[str, Moment]] = {"lastSessionAt": Moment(BEHAVIOUR, Index.TIME, "SESSION")}

    session_id: Identifier
    started_at: Instant
    ended_at: Instant
    device: Device | None = None
    user_agent: Text | None = None
    page_views: Count | None = None
    categories_viewed: list[CategoryViews] = Field(default_factory=list)

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> "Session":
        if self.ended_at < self.started_at:
            raise ValueError("endedAt is before startedAt")
        return self

    @property
    def subject_id(self) -> str:
        return self.session_id

    def version_at(self, occurred_at: datetime) -> datetime:
        return occurred_at

    def listing(self) -> Listing:
        return Listing(
            by_time=key(self.KIND, self.started_at, self.session_id),
            summary={"id": self.session_id, "startedAt": sortable(self.started_at)},
        )

    def moments(self) -> dict[str, datetime]:
        return {"lastSessionAt": self.started_at}

    def totals(self, shop: Shop) -> Totals:
        page_views = self.page_views or 0
        device = self.device or device_of(self.user_agent or "")
        totals: Totals = {
            BEHAVIOUR: {
                "sessions": Decimal(1),
                "seconds": Decimal(int((self.ended_at - self.started_at).total_seconds())),
                "pageViews": Decimal(page_views),
                "bounces": Decimal(page_views <= 1),
                f"device:{device}": Decimal(1),
            }
        }
        views: defaultdict[str, int] = defaultdict(int)
        for viewed in self.categories_viewed:
            views[viewed.category] += viewed.count
        for category, count in views.items():
            totals.setdefault(shard(category), {})[f"views:{category}"] = Decimal(count)
        return totals | by_month(Signal(shop.day_of(self.started_at), "sessions"))
