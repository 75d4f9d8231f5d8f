"""What marketing has sent a customer and what came of it, from two reads made at once."""

from decimal import Decimal
from functools import partial

from customer360.catalog import definitions
from customer360.customers.profile import profile_of
from customer360.marketing import schemas
from customer360.marketing.record import MarketingMessage
from customer360.ratios import percentage
from customer360.storage.heads import Heads, heads_of
from customer360.storage.keys import MARKETING, partition
from customer360.storage.paging import By, index_stream, page_of
from customer360.storage.parallel import at_once

SHOWN_CAMPAIGNS = 10


def of_customer(customer_id: str) -> schemas.Marketing:
    """Raises NotFound."""
    messages = index_stream(partition(customer_id), By.TIME, MarketingMessage.KIND)
    # All heads, because the customer's segments are found by their prefix only.
    heads, newest = at_once((partial(heads_of, customer_id), partial(page_of, [messages], SHOWN_CAMPAIGNS, None)))
    opt_ins, totals, moments = profile_of(heads).opt_ins, heads.totals(MARKETING), heads.moments(MARKETING)
    sent = totals.get("sent:email", Decimal(0))
    return schemas.Marketing(
        email_opt_in=opt_ins.email,
        sms_opt_in=opt_ins.sms,
        push_opt_in=opt_ins.push,
        campaigns=[schemas.CampaignRow.model_validate(row.summary) for row in newest.rows],
        open_rate=percentage(totals.get("opened:email", Decimal(0)), sent),
        click_rate=percentage(totals.get("clicked:email", Decimal(0)), sent),
        last_email_opened_at=moments.get("lastEmailOpenedAt"),
        last_campaign_clicked_at=moments.get("lastCampaignClickedAt"),
        segments=_segments(heads),
        updated_at=heads.updated_at("marketing"),
    )


def _segments(heads: Heads) -> list[str]:
    """The names of the customer's segments, in their order."""
    assigned = heads.segments()
    known = definitions.segments(assigned)
    return sorted(known[identifier].name for identifier in assigned if identifier in known)
