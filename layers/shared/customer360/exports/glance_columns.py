"""What is shown of a customer at one glance: the sections without a history of their own. Pure."""

from collections.abc import Iterator
from typing import Final

from customer360.analytics.schemas import Analytics, CategoryRow, DeviceShare
from customer360.customers.schemas import (
    Address,
    ChurnContribution,
    ChurnRisk,
    CustomerSegment,
    CustomerTag,
    HealthContribution,
    HealthScore,
    Metrics,
    Profile,
)
from customer360.exports.document import Column, Kind
from customer360.exports.layout import Layout, SectionLayout
from customer360.scores.schemas import ScoresOnDay

INSTANT = Kind.INSTANT
MONEY = Kind.MONEY
WHOLE = Kind.WHOLE_NUMBER
NUMBER = Kind.NUMBER
PERCENT = Kind.PERCENT
YES_NO = Kind.YES_NO

UPDATED: Final = Column("updatedAt", "Last changed", INSTANT)

_SCORE = (
    Column("score", "Score", NUMBER),
    Column("level", "Level"),
    Column("previous.score", "Score before", NUMBER),
    Column("previous.at", "Score before, of", INSTANT),
    Column("calculatedAt", "Calculated", INSTANT),
    Column("modelVersion", "Model"),
)
_FACTOR = (
    Column("factor", "Factor"),
    Column("points", "Points", NUMBER),
    Column("sections", "Shown in"),
)
_CATEGORY = (
    Column("category", "Category"),
    Column("viewCount", "Views", WHOLE),
    Column("purchaseCount", "Units bought", NUMBER),
    Column("revenue", "Revenue", MONEY),
)


def _opening_hours() -> Iterator[Column]:
    days = ("Sundays", "Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays")
    for number, day in enumerate(days):
        yield Column(f"shoppingTimes.dayOfWeek.{number}", f"Orders on {day}", WHOLE)
    for hour in range(24):
        yield Column(f"shoppingTimes.hourOfDay.{hour}", f"Orders from {hour:02}:00 to {hour:02}:59", WHOLE)


GLANCE_LAYOUTS: Final[dict[str, SectionLayout]] = {
    "profile": SectionLayout(
        "Profile",
        Layout("profile", "Profile", Profile, (
            Column("id", "Customer id"),
            Column("name", "Name"),
            Column("email", "E-mail"),
            Column("phone", "Phone"),
            Column("avatar", "Picture"),
            Column("registrationDate", "Registered", INSTANT),
            Column("accountStatus", "Account status"),
            Column("loyaltyTier", "Loyalty tier"),
            Column("optIns.email", "Accepts e-mail", YES_NO),
            Column("optIns.sms", "Accepts SMS", YES_NO),
            Column("optIns.push", "Accepts push messages", YES_NO),
            UPDATED,
        )),
        (
            Layout("addresses", "Addresses", Address, (
                Column("id", "Address id"),
                Column("line1", "Street"),
                Column("line2", "Street, second line"),
                Column("city", "City"),
                Column("region", "Region"),
                Column("postalCode", "Postal code"),
                Column("country", "Country"),
                Column("phone", "Phone"),
                Column("isPrimary", "Primary address", YES_NO),
            )),
        ),
    ),
    "metrics": SectionLayout(
        "Metrics",
        Layout("metrics", "Metrics", Metrics, (
            Column("currency", "Currency"),
            Column("lifetimeValue", "Lifetime value", MONEY, currency="currency"),
            Column("totalOrders", "Orders", WHOLE),
            Column("completedOrders", "Completed orders", WHOLE),
            Column("averageOrderValue", "Average order value", MONEY, currency="currency"),
            Column("totalSpent", "Total spent", MONEY, currency="currency"),
            Column("refundedAmount", "Refunded", MONEY, currency="currency"),
            Column("daysSinceLastPurchase", "Days since last purchase", WHOLE),
            Column("lastPurchaseAt", "Last purchase", INSTANT),
            Column("purchaseFrequency", "Completed orders per 30 days", NUMBER),
            Column("customerTenure", "Days as a customer", WHOLE),
            UPDATED,
        )),
    ),
    "health": SectionLayout(
        "Health score",
        Layout("health", "Health score", HealthScore, (
            *_SCORE,
            Column("factors.purchase", "Purchases", NUMBER),
            Column("factors.engagement", "Engagement", NUMBER),
            Column("factors.support", "Support", NUMBER),
            Column("factors.recency", "Recency", NUMBER),
            Column("recommendations", "Recommendations"),
        )),
        (
            Layout("contributions", "Health score by factor", HealthContribution, (
                *_FACTOR,
                Column("weight", "Weight", NUMBER),
                Column("value", "Value", NUMBER),
            )),
            Layout("scores", "Scores by day", ScoresOnDay, (
                Column("date", "Day", Kind.DAY),
                Column("healthScore.score", "Health score", NUMBER),
                Column("healthScore.level", "Health level"),
                Column("churnRisk.score", "Churn risk", NUMBER),
                Column("churnRisk.level", "Churn level"),
                Column("churnRisk.probability", "Churn probability, 0 to 1", NUMBER),
                Column("churnRisk.basis", "Basis of the churn risk"),
                Column("calculatedAt", "Calculated", INSTANT),
                Column("modelVersion", "Model"),
            )),
        ),
    ),
    "churn": SectionLayout(
        "Churn risk",
        Layout("churn", "Churn risk", ChurnRisk, (
            *_SCORE,
            Column("probability", "Probability, 0 to 1", NUMBER),
            Column("horizonDays", "Days foretold", WHOLE),
            Column("basis", "Basis"),
            Column("factors.daysSinceLastPurchase", "Days since last purchase", WHOLE),
            Column("factors.engagementDecline", "Decline of engagement, 0 to 1", NUMBER),
            Column("factors.supportIssues", "Open support tickets", WHOLE),
            Column("retentionStrategies", "What may keep the customer"),
        )),
        (Layout("contributions", "Churn risk by factor", ChurnContribution, _FACTOR),),
    ),
    "segments": SectionLayout(
        "Segments",
        None,
        (
            Layout("segments", "Segments", CustomerSegment, (
                Column("id", "Segment id"),
                Column("name", "Segment"),
                Column("description", "Description"),
                Column("criteria", "Criteria"),
                Column("isAutomatic", "Automatic", YES_NO),
                Column("assignedAt", "Since", INSTANT),
                Column("assignedBy", "Assigned by"),
            )),
        ),
    ),
    "tags": SectionLayout(
        "Tags",
        None,
        (
            Layout("tags", "Tags", CustomerTag, (
                Column("id", "Tag id"),
                Column("name", "Tag"),
                Column("color", "Color"),
                Column("description", "Description"),
                Column("assignedAt", "Since", INSTANT),
                Column("assignedBy", "Assigned by"),
            )),
        ),
    ),
    "analytics": SectionLayout(
        "Analytics",
        Layout("analytics", "Sessions and shopping times", Analytics, (
            Column("sessionStats.totalSessions", "Sessions", WHOLE),
            Column("sessionStats.averageDuration", "Minutes per session", NUMBER),
            Column("sessionStats.pagesPerSession", "Pages per session", NUMBER),
            Column("sessionStats.bounceRate", "Bounce rate", PERCENT),
            Column("shoppingTimes.timeZone", "Time zone of the shopping times"),
            *_opening_hours(),
            UPDATED,
        )),
        (
            Layout("topCategories", "Top categories", CategoryRow, _CATEGORY),
            Layout("topViewedCategories", "Most viewed categories", CategoryRow, _CATEGORY),
            Layout("topPurchasedCategories", "Most bought categories", CategoryRow, _CATEGORY),
            Layout("deviceBreakdown", "Devices", DeviceShare, (
                Column("device", "Device"),
                Column("sessions", "Sessions", WHOLE),
                Column("percentage", "Share of sessions", PERCENT),
            )),
        ),
    ),
}  # fmt: skip
