"""What each section of a customer shows, and what people call it: the columns of every file that is a table.

Pure. A test holds the columns against the models of the API's answers, so a new field cannot be forgotten.
"""

from typing import Final

from customer360.exports.document import Column, Kind
from customer360.exports.glance_columns import GLANCE_LAYOUTS, UPDATED
from customer360.exports.layout import Layout, SectionLayout
from customer360.loyalty.schemas import Loyalty, LoyaltyTransaction
from customer360.marketing.schemas import CampaignRow, Marketing
from customer360.notes.schemas import Note, NoteEdit, NotePage
from customer360.orders.schemas import Order, OrderLine, OrderPage, OrderStatusChange
from customer360.payments.schemas import CurrencySum, Method, Payments, TransactionRow
from customer360.support.schemas import Ticket, TicketMessage, TicketPage, TicketStatusChange
from customer360.timeline.schemas import TimelineEvent, TimelinePage

INSTANT = Kind.INSTANT
MONEY = Kind.MONEY
WHOLE = Kind.WHOLE_NUMBER
NUMBER = Kind.NUMBER
PERCENT = Kind.PERCENT
YES_NO = Kind.YES_NO

_OTHER_CURRENCIES = (
    Column("currency", "Currency"),
    Column("count", "Transactions", WHOLE),
    Column("amount", "Amount", MONEY, currency="currency"),
)
_ORDER = (Column("of.id", "Order id"), Column("of.orderNumber", "Order number"))
_TICKET = (Column("of.id", "Ticket id"), Column("of.ticketNumber", "Ticket number"))


LAYOUTS: Final[dict[str, SectionLayout]] = {
    **GLANCE_LAYOUTS,
    "orders": SectionLayout(
        "Orders",
        Layout("orders", "Orders, as a whole", OrderPage, (
            Column("totalOrders", "Orders", WHOLE),
            Column("totalRevenue", "Revenue", MONEY),
            Column("averageOrderValue", "Average order value", MONEY),
            UPDATED,
        )),
        (
            Layout("orders", "Orders", Order, (
                Column("id", "Order id"),
                Column("orderNumber", "Order number"),
                Column("date", "Placed", INSTANT),
                Column("status", "Status"),
                Column("currency", "Currency"),
                Column("total", "Total", MONEY, currency="currency"),
                Column("discount", "Discount", MONEY, currency="currency"),
                Column("shipping", "Shipping", MONEY, currency="currency"),
                Column("tax", "Tax", MONEY, currency="currency"),
                Column("refundedAmount", "Refunded", MONEY, currency="currency"),
                Column("exchangeRate", "Exchange rate to the shop's currency", NUMBER),
                Column("itemsCount", "Items", NUMBER),
                Column("shippingAddress.name", "Delivered to"),
                Column("shippingAddress.line1", "Street"),
                Column("shippingAddress.line2", "Street, second line"),
                Column("shippingAddress.city", "City"),
                Column("shippingAddress.region", "Region"),
                Column("shippingAddress.postalCode", "Postal code"),
                Column("shippingAddress.country", "Country"),
                Column("shippingAddress.phone", "Phone"),
                Column("paymentMethod", "Payment method"),
                Column("trackingNumber", "Tracking number"),
                UPDATED,
            )),
            Layout("orders.lines", "Order lines", OrderLine, (
                *_ORDER,
                Column("sku", "SKU"),
                Column("name", "Item"),
                Column("category", "Category"),
                Column("quantity", "Quantity", NUMBER),
                Column("unitPrice", "Unit price", MONEY, currency="of.currency"),
                Column("of.currency", "Currency"),
            )),
            Layout("orders.statusHistory", "Order statuses", OrderStatusChange, (
                *_ORDER,
                Column("status", "Status"),
                Column("at", "Since", INSTANT),
            )),
        ),
    ),
    "loyalty": SectionLayout(
        "Loyalty",
        Layout("loyalty", "Loyalty", Loyalty, (
            Column("enrolled", "Enrolled", YES_NO),
            Column("tier", "Tier"),
            Column("pointsBalance", "Points", WHOLE),
            Column("lifetimePoints", "Points ever earned", WHOLE),
            Column("referralCode", "Referral code"),
            Column("referralCount", "Referrals", WHOLE),
            Column("tierProgress.tier", "Tier by points"),
            Column("tierProgress.nextTier", "Next tier"),
            Column("tierProgress.pointsToNext", "Points to the next tier", WHOLE),
            Column("tierProgress.progressPercent", "Way to the next tier", PERCENT),
            Column("expiringPoints.amount", "Points that expire within 30 days", WHOLE),
            Column("expiringPoints.nextExpiryDate", "First of them expire", INSTANT),
            UPDATED,
        )),
        (
            Layout("recentTransactions", "Recent points", LoyaltyTransaction, (
                Column("id", "Transaction id"),
                Column("date", "Date", INSTANT),
                Column("type", "Type"),
                Column("points", "Points", WHOLE),
                Column("description", "Description"),
            )),
        ),
    ),
    "marketing": SectionLayout(
        "Marketing",
        Layout("marketing", "Marketing", Marketing, (
            Column("emailOptIn", "Accepts e-mail", YES_NO),
            Column("smsOptIn", "Accepts SMS", YES_NO),
            Column("pushOptIn", "Accepts push messages", YES_NO),
            Column("openRate", "E-mails opened", PERCENT),
            Column("clickRate", "E-mails clicked", PERCENT),
            Column("lastEmailOpenedAt", "Last e-mail opened", INSTANT),
            Column("lastCampaignClickedAt", "Last campaign clicked", INSTANT),
            Column("segments", "Segments"),
            UPDATED,
        )),
        (
            Layout("campaigns", "Recent campaigns", CampaignRow, (
                Column("id", "Message id"),
                Column("campaignId", "Campaign id"),
                Column("name", "Campaign"),
                Column("channel", "Channel"),
                Column("sentAt", "Sent", INSTANT),
                Column("status", "Status"),
                Column("openedAt", "Opened", INSTANT),
                Column("clickedAt", "Clicked", INSTANT),
            )),
        ),
    ),
    "support": SectionLayout(
        "Support",
        Layout("support", "Tickets, as a whole", TicketPage, (
            Column("totalTickets", "Tickets", WHOLE),
            Column("openTickets", "Open tickets", WHOLE),
            Column("averageResolutionTime", "Hours to resolve, on average", NUMBER),
            UPDATED,
        )),
        (
            Layout("tickets", "Tickets", Ticket, (
                Column("id", "Ticket id"),
                Column("ticketNumber", "Ticket number"),
                Column("subject", "Subject"),
                Column("status", "Status"),
                Column("priority", "Priority"),
                Column("category", "Category"),
                Column("createdAt", "Created", INSTANT),
                Column("resolvedAt", "Resolved", INSTANT),
                Column("assignee", "Assignee"),
                Column("description", "Description"),
                UPDATED,
            )),
            Layout("tickets.messages", "Ticket messages", TicketMessage, (
                *_TICKET,
                Column("id", "Message id"),
                Column("at", "Sent", INSTANT),
                Column("fromCustomer", "From the customer", YES_NO),
                Column("author", "Author"),
                Column("content", "Message"),
            )),
            Layout("tickets.statusHistory", "Ticket statuses", TicketStatusChange, (
                *_TICKET,
                Column("status", "Status"),
                Column("at", "Since", INSTANT),
            )),
        ),
    ),
    "payments": SectionLayout(
        "Payments",
        Layout("payments", "Payments, as a whole", Payments, (
            Column("totalSuccessful.count", "Successful payments", WHOLE),
            Column("totalSuccessful.amount", "Successfully paid", MONEY),
            Column("totalRefunded.count", "Refunds", WHOLE),
            Column("totalRefunded.amount", "Refunded", MONEY),
            UPDATED,
        )),
        (
            Layout("totalSuccessful.otherCurrencies", "Paid in other currencies", CurrencySum, _OTHER_CURRENCIES),
            Layout("totalRefunded.otherCurrencies", "Refunded, other currencies", CurrencySum, _OTHER_CURRENCIES),
            Layout("methods", "Payment methods", Method, (
                Column("id", "Method id"),
                Column("type", "Type"),
                Column("brand", "Brand"),
                Column("last4", "Last four digits"),
                Column("expiryMonth", "Expires, month", WHOLE),
                Column("expiryYear", "Expires, year", Kind.YEAR),
                Column("isDefault", "Default", YES_NO),
            )),
            Layout("transactions", "Transactions", TransactionRow, (
                Column("id", "Transaction id"),
                Column("date", "Date", INSTANT),
                Column("status", "Status"),
                Column("amount", "Amount", MONEY, currency="currency"),
                Column("currency", "Currency"),
                Column("methodId", "Method id"),
                Column("orderId", "Order id"),
            )),
        ),
    ),
    "timeline": SectionLayout(
        "Timeline",
        Layout("timeline", "Timeline, as a whole", TimelinePage, (UPDATED,)),
        (
            Layout("events", "Timeline", TimelineEvent, (
                Column("id", "Event id"),
                Column("timestamp", "Time", INSTANT),
                Column("type", "Type"),
                Column("title", "What happened"),
                Column("description", "Description"),
                Column("metadata", "Details"),
            )),
        ),
    ),
    "notes": SectionLayout(
        "Notes",
        Layout("notes", "Notes, as a whole", NotePage, (UPDATED,)),
        (
            Layout("notes", "Notes", Note, (
                Column("id", "Note id"),
                Column("content", "Note"),
                Column("visibility", "Visible to"),
                Column("pinned", "Pinned", YES_NO),
                Column("createdBy.id", "Author's id"),
                Column("createdBy.name", "Author"),
                Column("createdAt", "Written", INSTANT),
                UPDATED,
            )),
            Layout("notes.history", "Notes before they were changed", NoteEdit, (
                Column("of.id", "Note id"),
                Column("content", "Note"),
                Column("visibility", "Visible to"),
                Column("pinned", "Pinned", YES_NO),
                Column("replacedBy.id", "Replaced by, id"),
                Column("replacedBy.name", "Replaced by"),
                Column("replacedAt", "Replaced", INSTANT),
            )),
        ),
    ),
}  # fmt: skip
