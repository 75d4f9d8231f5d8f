"""What marketing has sent a customer and what came of it, from two reads made at once."""

from functools import partial

from customer360.customers.assigned import segments_of
from customer360.customers.profile import profile_of
from customer360.marketing import schemas
from customer360.marketing.rates import email_rate
from customer360.marketing.record import MarketingMessage
from customer360.storage.heads import heads_of
from customer360.storage.keys import MARKETING, partition
from customer360.storage.paging import By, index_stream, page_of
from customer360.storage.parallel import at_once

SHOWN_CAMPAIGNS = 10


def of_customer(customer_id: str) -> schemas.Marketing:
    """Raises NotFound."""
    messages = index_stream(partition(customer_id), By.TIME, MarketingMessage.KIND)
    # All heads, because the customer's segments are found by their prefix only.
    heads, newest = at_once((partial(heads_of, customer_id), partial(page_of, [messages], SHOWN_CAMPAIGNS, None)))
    opt_ins, moments = profile_of(heads).opt_ins, heads.moments(MARKETING)
    return schemas.Marketing(
        email_opt_in=opt_ins.email,
        sms_opt_in=opt_ins.sms,
        push_opt_in=opt_ins.push,
        campaigns=[schemas.CampaignRow.model_validate(row.summary) for row in newest.rows],
        open_rate=email_rate(heads, "opened"),
        click_rate=email_rate(heads, "clicked"),
        last_email_opened_at=moments.get("lastEmailOpenedAt"),
        last_campaign_clicked_at=moments.get("lastCampaignClickedAt"),
        segments=sorted(segment.name for segment in segments_of(heads)),
        updated_at=heads.updated_at("marketing"),
    )
