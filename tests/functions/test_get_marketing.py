"""GET /api/admin/customers/{customer_id}/marketing"""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from support.builders import customer, instant, message, new_id
from support.gateway import Answer

pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("pause_caches")]

Call = Callable[..., Answer]
TakeIn = Callable[..., list[str]]
GET = "get_marketing"


def put_in_segment(customer_id: str, name: str | None) -> None:
    """Into a segment of that name; into one that was deleted since, without."""
    from customer360.catalog.table import SEGMENTS, SegmentItem
    from customer360.storage.items import AssignmentItem
    from customer360.storage.keys import SEGMENT, partition

    segment_id, at = new_id("segment"), datetime(2026, 1, 2, tzinfo=UTC)
    if name:
        SegmentItem(SEGMENTS, segment_id, name=name, created_at=at, updated_at=at).save()
    AssignmentItem(partition(customer_id), SEGMENT + segment_id, assigned_at=at).save()


def test_a_customer_nobody_wrote_to(call: Call, known_customer: str) -> None:
    assert call(GET, customer_id=known_customer).text == (
        '{"emailOptIn":true,"smsOptIn":false,"pushOptIn":false,"campaigns":[],"openRate":0.0,"clickRate":0.0,'
        '"lastEmailOpenedAt":null,"lastCampaignClickedAt":null,"segments":[],"updatedAt":null}'
    )


def test_the_opt_ins_are_those_of_the_profile_now(call: Call, known_customer: str, take_in: TakeIn) -> None:
    take_in(customer(known_customer, optIns={"sms": True}, updatedAt=instant()))
    answer = call(GET, customer_id=known_customer).json
    assert (answer["emailOptIn"], answer["smsOptIn"], answer["pushOptIn"]) == (False, True, False)


def test_a_row_is_a_message_with_its_campaign(call: Call, known_customer: str, take_in: TakeIn) -> None:
    spring = {"campaignId": "spring", "campaignName": "Spring sale"}
    take_in(
        message(known_customer, "m1", **spring, openedAt=instant(1), clickedAt="2026-01-03T10:00:00.9+02:00"),
        message(known_customer, "m2", **spring, channel="sms", status="failed", sentAt=instant(5)),
    )
    assert call(GET, customer_id=known_customer).json["campaigns"] == [
        {
            "id": "m2",
            "campaignId": "spring",
            "name": "Spring sale",
            "channel": "sms",
            "sentAt": "2026-01-06T00:00:00Z",
            "status": "failed",
        },
        {
            "id": "m1",
            "campaignId": "spring",
            "name": "Spring sale",
            "channel": "email",
            "sentAt": "2026-01-01T00:00:00Z",
            "status": "delivered",
            "openedAt": "2026-01-02T00:00:00Z",
            "clickedAt": "2026-01-03T08:00:00Z",
        },
    ]


@pytest.mark.parametrize(("count", "shown"), [(1, 1), (10, 10), (11, 10), (25, 10)])
def test_the_ten_newest_are_shown(call: Call, known_customer: str, take_in: TakeIn, count: int, shown: int) -> None:
    take_in(*(message(known_customer, f"m{n}", sentAt=instant(n)) for n in range(count)))
    rows = call(GET, customer_id=known_customer).json["campaigns"]
    assert [row["id"] for row in rows] == [f"m{n}" for n in range(count - 1, count - 1 - shown, -1)]


def test_rates_are_of_all_emails_and_of_no_other_channel(call: Call, known_customer: str, take_in: TakeIn) -> None:
    opened = {"openedAt": instant(1)}
    take_in(
        *(message(known_customer, f"e{n}", **(opened if n < 8 else {})) for n in range(12)),
        message(known_customer, "clicked", openedAt=instant(1), clickedAt=instant(2)),
        message(known_customer, "sms", channel="sms", openedAt=instant(9), clickedAt=instant(9)),
        message(known_customer, "push", channel="push"),
    )
    answer = call(GET, customer_id=known_customer)
    assert '"openRate":69.2,"clickRate":7.7,' in answer.text
    assert (answer.json["openRate"], answer.json["clickRate"]) == (Decimal("69.2"), Decimal("7.7"))


def test_all_opened_is_a_hundred_percent(call: Call, known_customer: str, take_in: TakeIn) -> None:
    take_in(message(known_customer, openedAt=instant(1)))
    assert '"openRate":100.0,"clickRate":0.0' in call(GET, customer_id=known_customer).text


def test_the_last_opening_is_of_an_email_the_last_click_of_any_channel(
    call: Call, known_customer: str, take_in: TakeIn
) -> None:
    take_in(
        message(known_customer, "m1", openedAt=instant(3), clickedAt=instant(4)),
        message(known_customer, "m2", openedAt=instant(1)),
        message(known_customer, "m3", channel="push", openedAt=instant(8), clickedAt=instant(9)),
    )
    answer = call(GET, customer_id=known_customer).json
    assert answer["lastEmailOpenedAt"] == "2026-01-04T00:00:00Z"
    assert answer["lastCampaignClickedAt"] == "2026-01-10T00:00:00Z"


def test_what_turns_out_not_opened_no_longer_counts(call: Call, known_customer: str, take_in: TakeIn) -> None:
    take_in(message(known_customer, openedAt=instant(1)), message(known_customer, updatedAt=instant(2)))
    answer = call(GET, customer_id=known_customer).json
    assert (answer["openRate"], answer["lastEmailOpenedAt"]) == (0, None)
    assert "openedAt" not in answer["campaigns"][0]


def test_segments_are_named_and_deleted_ones_left_out(call: Call, known_customer: str) -> None:
    for name in ("Tea drinkers", None, "Big spenders"):
        put_in_segment(known_customer, name)
    assert call(GET, customer_id=known_customer).json["segments"] == ["Big spenders", "Tea drinkers"]


def test_the_section_says_when_marketing_last_wrote(call: Call, known_customer: str, take_in: TakeIn) -> None:
    take_in(message(known_customer, updatedAt=instant(7)), customer(known_customer, updatedAt=instant(9)))
    assert call(GET, customer_id=known_customer).json["updatedAt"] == "2026-01-08T00:00:00Z"


def test_another_customers_messages_are_not_shown(call: Call, known_customer: str, take_in: TakeIn) -> None:
    other = new_id()
    take_in(customer(other), message(other))
    assert call(GET, customer_id=known_customer).json["campaigns"] == []


def test_an_unknown_customer_is_404(call: Call) -> None:
    answer = call(GET, customer_id=new_id())
    assert (answer.status, answer.json["detail"]) == (404, "no such customer")


def test_a_viewer_may_not_look(call: Call, known_customer: str) -> None:
    answer = call(GET, customer_id=known_customer, role="viewer")
    assert (answer.status, answer.json["detail"]) == (403, "the permission marketing:read is missing")


def test_the_section_has_an_etag(call: Call, known_customer: str, take_in: TakeIn) -> None:
    etag = call(GET, customer_id=known_customer).headers["ETag"]
    assert call(GET, customer_id=known_customer, headers={"If-None-Match": etag}).status == 304
    take_in(message(known_customer))
    assert call(GET, customer_id=known_customer, headers={"If-None-Match": etag}).status == 200
