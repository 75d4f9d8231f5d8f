"""What `GET …/marketing` answers."""

from customer360.api.schema import Instant, Number, Response, absent_if_none
from customer360.marketing.record import Channel


class CampaignRow(Response):
    """One message of a campaign to the customer: `id` is the message's, as a campaign may send several."""

    id: str
    campaign_id: str
    name: str
    channel: Channel
    sent_at: Instant
    status: str
    opened_at: Instant | None = absent_if_none()
    clicked_at: Instant | None = absent_if_none()


class Marketing(Response):
    """The ten newest messages; rates are percent of all e-mails sent. `segments` are names."""

    email_opt_in: bool
    sms_opt_in: bool
    push_opt_in: bool
    campaigns: list[CampaignRow]
    open_rate: Number
    click_rate: Number
    last_email_opened_at: Instant | None
    last_campaign_clicked_at: Instant | None
    segments: list[str]
    updated_at: Instant | None
