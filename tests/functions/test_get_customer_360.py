"""GET /api/admin/customers/{customer_id}/360"""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from customer360.access.policy import ROLES
from support.builders import account, customer, instant, message, new_id, order, points, session, ticket
from support.gateway import Answer, call_function
from support.rights import recorded

pytestmark = pytest.mark.engine

Call = Callable[..., Answer]
TakeIn = Callable[..., list[str]]
VIEW = "get_customer_360"
ORIGIN = {"origin": "http://localhost:5173"}


@pytest.fixture
def shopper(take_in: TakeIn) -> str:
    """A customer of whom every source has told something: three orders of 0.10, one of 20 dollars still open."""
    customer_id = new_id()
    take_in(
        customer(customer_id),
        *(order(customer_id, f"o{n}", total=Decimal("0.10"), placedAt=instant(n)) for n in range(3)),
        order(customer_id, "o4", status="pending", total=20, currency="USD", exchangeRate=Decimal("0.9")),
        account(customer_id, tier="gold"),
        points(customer_id, "l1", 60),
        message(customer_id),
        ticket(customer_id),
        session(customer_id),
    )
    return customer_id


def test_the_view_has_every_part_of_the_contract_and_no_more(call: Call, shopper: str) -> None:
    answer = call(VIEW, customer_id=shopper)
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "application/json"
    view = answer.json
    assert list(view) == [
        "profile", "metrics", "healthScore", "churnRisk", "segments", "tags", "permissions", "version", "updatedAt",
    ]  # fmt: skip
    assert view["profile"] == {
        "id": shopper,
        "name": "Ada Lovelace",
        "email": "ada@example.com",
        "phone": "+44 20 7946 0000",
        "registrationDate": "2025-09-23T00:00:00Z",
        "accountStatus": "active",
        "loyaltyTier": "gold",
        "optIns": {"email": True, "sms": False, "push": False},
        "addresses": [
            {"id": "a1", "line1": "12 St James's Square", "city": "London", "country": "GB", "isPrimary": True}
        ],
        "updatedAt": "2025-09-23T00:00:00Z",
    }
    assert view["metrics"].keys() == {
        "currency", "lifetimeValue", "totalOrders", "completedOrders", "averageOrderValue", "totalSpent",
        "refundedAmount", "daysSinceLastPurchase", "lastPurchaseAt", "purchaseFrequency", "customerTenure", "updatedAt",
    }  # fmt: skip
    assert view["healthScore"].keys() == {
        "score", "level", "factors", "contributions", "recommendations", "calculatedAt", "modelVersion",
    }  # fmt: skip
    assert view["churnRisk"].keys() == {
        "level", "score", "probability", "horizonDays", "basis", "factors", "contributions", "retentionStrategies",
        "calculatedAt", "modelVersion",
    }  # fmt: skip
    assert view["segments"] == view["tags"] == []
    assert view["permissions"] == sorted(ROLES["admin"])
    assert view["version"] == 10
    assert view["updatedAt"] == "2026-01-01T00:00:00Z"


def test_money_is_exact_to_the_digit(call: Call, shopper: str) -> None:
    text = call(VIEW, customer_id=shopper).text
    for part in (
        '"currency":"EUR"',
        '"lifetimeValue":0.30,',
        '"totalSpent":0.30,',
        '"averageOrderValue":0.10,',
        '"refundedAmount":0.00,',
        '"totalOrders":4,',
        '"completedOrders":3,',
        '"lastPurchaseAt":"2026-01-03T00:00:00Z"',
    ):
        assert part in text


def test_a_customer_without_orders_has_zeros_and_no_last_purchase(call: Call, known_customer: str) -> None:
    answer = call(VIEW, customer_id=known_customer)
    metrics = answer.json["metrics"]
    assert '"lifetimeValue":0.00,' in answer.text
    assert (metrics["totalOrders"], metrics["averageOrderValue"], metrics["purchaseFrequency"]) == (0, 0, 0)
    assert metrics["daysSinceLastPurchase"] is metrics["lastPurchaseAt"] is metrics["updatedAt"] is None
    assert "loyaltyTier" not in answer.json["profile"]


def test_a_foreign_order_counts_in_the_shops_currency_rounded_half_up(
    call: Call, known_customer: str, take_in: TakeIn
) -> None:
    take_in(
        order(known_customer, "o1", currency="USD", exchangeRate=Decimal("0.5"), total=Decimal("0.01")),
        order(known_customer, "o2", currency="JPY", exchangeRate=Decimal("0.00615"), total=100),
        order(known_customer, "o3", total=Decimal("9.40"), refundedAmount=Decimal("1.005")),
    )
    metrics = call(VIEW, customer_id=known_customer).json["metrics"]
    assert metrics["lifetimeValue"] == Decimal("0.01") + Decimal("0.62") + Decimal("9.40")
    assert metrics["averageOrderValue"] == Decimal("3.34")
    assert metrics["refundedAmount"] == Decimal("1.01")


def test_ages_are_whole_days_up_to_now(call: Call, take_in: TakeIn) -> None:
    customer_id, now = new_id(), datetime.now(UTC)
    take_in(customer(customer_id, registeredAt=instant(0)), order(customer_id, placedAt=instant(10)))
    metrics = call(VIEW, customer_id=customer_id).json["metrics"]
    tenure = (now - datetime(2026, 1, 1, tzinfo=UTC)).days
    assert metrics["customerTenure"] == tenure
    assert metrics["daysSinceLastPurchase"] == tenure - 10
    assert metrics["purchaseFrequency"] == round(Decimal(30) / tenure, 2)


@pytest.mark.parametrize("at", ["1000-01-01T00:00:00Z", "1969-12-31T23:59:59Z", "9998-12-31T23:59:59Z"])
def test_dates_at_the_ends_of_the_calendar_are_answered(call: Call, take_in: TakeIn, at: str) -> None:
    customer_id, dates = new_id(), {"updatedAt": at}
    take_in(
        customer(customer_id, registeredAt=at, **dates),
        order(customer_id, placedAt=at, **dates),
        message(customer_id, sentAt=at, openedAt=at, clickedAt=at, **dates),
        ticket(customer_id, createdAt=at, resolvedAt=at, status="resolved", **dates),
        session(customer_id, startedAt=at, endedAt="9998-12-31T23:59:59Z"),
    )
    view = call(VIEW, customer_id=customer_id).json
    assert view["profile"]["registrationDate"] == view["metrics"]["lastPurchaseAt"] == at
    assert min(view["metrics"]["customerTenure"], view["metrics"]["daysSinceLastPurchase"]) >= 0
    assert call("list_orders", customer_id=customer_id).json["orders"][0]["date"] == at
    assert call("get_order", customer_id=customer_id, order_id="o1").json["date"] == at


def test_scores_add_up_and_stay_in_range(call: Call, shopper: str) -> None:
    view = call(VIEW, customer_id=shopper).json
    health, churn = view["healthScore"], view["churnRisk"]
    assert 0 <= health["score"] <= 100
    assert sum(part["points"] for part in health["contributions"]) == health["score"]
    assert {part["factor"] for part in health["contributions"]} == health["factors"].keys()
    assert 0 <= churn["score"] <= 100
    assert sum(part["points"] for part in churn["contributions"]) == churn["score"]
    assert churn["factors"]["supportIssues"] == 1


def test_the_primary_address_comes_first_and_there_is_at_most_one(call: Call, take_in: TakeIn) -> None:
    customer_id = new_id()
    places = [{"id": f"a{n}", "line1": "1 High St", "city": "London", "country": "GB"} for n in range(4)]
    take_in(customer(customer_id, addresses=[*places[:2], *(place | {"isPrimary": True} for place in places[2:])]))
    addresses = call(VIEW, customer_id=customer_id).json["profile"]["addresses"]
    assert [address["id"] for address in addresses] == ["a2", "a0", "a1", "a3"]
    assert [address["isPrimary"] for address in addresses] == [True, False, False, False]


def test_absent_optionals_are_cleared_by_the_next_version(call: Call, shopper: str, take_in: TakeIn) -> None:
    bare = customer(shopper, updatedAt=instant(1))
    del bare["data"]["phone"], bare["data"]["addresses"]
    take_in(bare)
    profile = call(VIEW, customer_id=shopper).json["profile"]
    assert "phone" not in profile
    assert profile["addresses"] == []


@pytest.mark.usefixtures("pause_caches")
def test_tags_and_segments_carry_the_names_of_the_catalog(call: Call, known_customer: str) -> None:
    from customer360.catalog import store
    from customer360.catalog.kinds import SEGMENT_KIND
    from customer360.catalog.table import SEGMENTS, TAGS, SegmentItem, TagItem
    from customer360.storage.items import AssignmentItem
    from customer360.storage.keys import SEGMENT, TAG, partition

    at = datetime(2026, 1, 2, tzinfo=UTC)
    tag, segment, deleted = new_id("tag"), new_id("segment"), new_id("gone")
    made: dict[str, Any] = {"created_at": at, "updated_at": at}
    TagItem(TAGS, tag, name="VIP", color="#ff0000", description="Very", **made).save()
    criteria = '{"field":"lifetimeValue","op":"gte","value":77.10}'
    definition = SegmentItem(SEGMENTS, segment, name=segment, criteria=criteria, applied=criteria, **made)
    store.create(SEGMENT_KIND, definition)
    for key in (TAG + tag, TAG + deleted, SEGMENT + segment, SEGMENT + deleted):
        AssignmentItem(partition(known_customer), key, assigned_at=at, assigned_by="Sam").save()
    view = call(VIEW, customer_id=known_customer).json
    shared = {"assignedAt": "2026-01-02T00:00:00Z", "assignedBy": "Sam"}
    assert view["tags"] == [{"id": tag, "name": "VIP", "color": "#ff0000", "description": "Very"} | shared]
    assert view["segments"] == [
        {
            "id": segment,
            "name": segment,
            "criteria": {"field": "lifetimeValue", "op": "gte", "value": Decimal("77.10")},
            "isAutomatic": True,
        }
        | shared
    ]
    assert "criteria" not in call(VIEW, customer_id=known_customer, role="support").json["segments"][0]


@pytest.mark.parametrize("role", list(ROLES))
def test_the_page_is_told_what_its_admin_may_do(call: Call, known_customer: str, role: str) -> None:
    assert call(VIEW, customer_id=known_customer, role=role).json["permissions"] == sorted(ROLES[role])


def test_the_version_grows_by_one_with_every_change(call: Call, shopper: str, take_in: TakeIn) -> None:
    before = call(VIEW, customer_id=shopper).json["version"]
    late = order(shopper, "o9")
    assert take_in(late, late) == ["applied", "unchanged"]
    assert call(VIEW, customer_id=shopper).json["version"] == before + 1


def test_the_view_is_two_queries_and_one_line_of_the_trail(shopper: str, engine: str) -> None:
    call_function(VIEW, customer_id=shopper)  # afterwards the connected sources are in memory
    with recorded() as calls:
        assert call_function(VIEW, customer_id=shopper).status == 200
    assert sorted(f"{operation} {arguments['TableName']}" for operation, arguments in calls) == [
        "dynamodb:PutItem AuditTable",
        "dynamodb:Query CustomersTable",
        "dynamodb:Query CustomersTable",
    ]


# ---------------------------------------------------------------- ETag


def test_an_answer_the_client_has_is_not_sent_again(call: Call, shopper: str) -> None:
    first = call(VIEW, customer_id=shopper)
    again = call(VIEW, customer_id=shopper, headers={"If-None-Match": first.headers["ETag"]} | ORIGIN)
    assert (again.status, again.text) == (304, "")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert again.headers["Access-Control-Allow-Origin"] == ORIGIN["origin"]
    assert "no-cache" in again.headers["Cache-Control"]


@pytest.mark.parametrize("form", ["W/{}", '"x", {}', '"x",W/{},"y"', "*", " {} "])
def test_the_client_may_have_it_weakly_or_among_others(call: Call, shopper: str, form: str) -> None:
    etag = call(VIEW, customer_id=shopper).headers["ETag"]
    assert call(VIEW, customer_id=shopper, headers={"if-none-match": form.format(etag)}).status == 304


@pytest.mark.parametrize("header", ['"x"', "", "W/", '"x", "y"'])
def test_another_etag_gets_the_answer(call: Call, shopper: str, header: str) -> None:
    assert call(VIEW, customer_id=shopper, headers={"If-None-Match": header}).status == 200


def test_a_change_and_another_role_make_another_etag(call: Call, shopper: str, take_in: TakeIn) -> None:
    first = call(VIEW, customer_id=shopper)
    assert call(VIEW, customer_id=shopper).headers["ETag"] == first.headers["ETag"]
    assert call(VIEW, customer_id=shopper, role="viewer").headers["ETag"] != first.headers["ETag"]
    take_in(order(shopper, "o8", total=1))
    changed = call(VIEW, customer_id=shopper, headers={"If-None-Match": first.headers["ETag"]})
    assert changed.status == 200
    assert changed.json["metrics"]["lifetimeValue"] == Decimal("1.30")


# ---------------------------------------------------------------- Who may ask, and for whom


def test_an_unknown_customer_is_404_to_who_may_look(call: Call) -> None:
    for role in ROLES:
        answer = call(VIEW, customer_id=new_id(), role=role)
        assert (answer.status, answer.json["detail"]) == (404, "no such customer")


def test_an_unknown_customer_is_403_to_who_may_not(call: Call, known_customer: str) -> None:
    unknown, known = (call(VIEW, customer_id=customer_id, role=None) for customer_id in (new_id(), known_customer))
    assert unknown.status == known.status == 403
    assert {**unknown.json, "requestId": ""} == {**known.json, "requestId": ""}
    assert unknown.json["detail"] == "the permission customers:read is missing"


@pytest.mark.parametrize("customer_id", ["A-z_0.9:@b", "customer@example.com", "a:b:c", "..", "x" * 64])
def test_ids_are_percent_decoded(call: Call, take_in: TakeIn, customer_id: str) -> None:
    take_in(customer(customer_id))
    encoded = "".join(character if character.isalnum() else f"%{ord(character):02X}" for character in customer_id)
    for form in (customer_id, encoded):
        answer = call(VIEW, customer_id=form)
        assert (answer.status, answer.json["profile"]["id"]) == (200, customer_id)


@pytest.mark.parametrize("customer_id", ["a%20b", "x" * 65, "%C3%BC", "a%23b", "a%25b", "c1%0A"])
def test_what_cannot_be_an_id_is_refused(call: Call, customer_id: str) -> None:
    answer = call(VIEW, customer_id=customer_id)
    assert answer.status in {400, 404}
    assert answer.headers["Content-Type"] == "application/problem+json"


# ---------------------------------------------------------------- Problems and CORS

PROBLEM = {"type", "title", "status", "detail", "code", "message", "requestId"}


@pytest.mark.parametrize(
    ("status", "title", "code", "asked"),
    [
        (400, "Bad Request", "bad_request", {"customer_id": "a%20b"}),
        (401, "Unauthorized", "unauthorized", {"claims": {}}),
        (401, "Unauthorized", "unauthorized", {"claims": {"sub": "s", "token_use": "access"}}),
        (403, "Forbidden", "forbidden", {"role": None}),
        (404, "Not Found", "not_found", {"customer_id": "nobody"}),
    ],
)
def test_a_problem_has_every_field_of_the_contract(
    call: Call, status: int, title: str, code: str, asked: dict[str, Any]
) -> None:
    answer = call(VIEW, **({"customer_id": "c1", "headers": ORIGIN} | asked))
    assert answer.status == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json.keys() - {"errors"} == PROBLEM
    assert (answer.json["status"], answer.json["title"], answer.json["code"]) == (status, title, code)
    assert answer.json["message"] == answer.json["detail"]
    assert len(answer.json["requestId"]) == 36
    assert ("errors" in answer.json) is (status == 400)
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN["origin"]
    exposed = set(answer.headers["Access-Control-Expose-Headers"].split(","))
    assert exposed == {"ETag", "X-Total-Count", "Retry-After", "Location", "Server-Timing"}


def test_a_failure_of_ours_tells_nothing_of_our_inside(
    call: Call, known_customer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from customer360.customers import service

    def broken(*_: Any) -> Any:
        raise KeyError("secret-7421")

    monkeypatch.setattr(service, "heads_of", broken)
    answer = call(VIEW, customer_id=known_customer, headers=ORIGIN)
    assert answer.status == 500
    assert answer.json.keys() == PROBLEM
    assert "secret-7421" not in answer.text
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN["origin"]


def test_an_answer_may_be_read_by_pages_of_allowed_origins_only(call: Call, known_customer: str) -> None:
    mine = call(VIEW, customer_id=known_customer, headers=ORIGIN)
    assert mine.headers["Access-Control-Allow-Origin"] == ORIGIN["origin"]
    assert "ETag" in mine.headers["Access-Control-Expose-Headers"]
    for headers in ({"origin": "https://evil.example"}, {}):
        other = call(VIEW, customer_id=known_customer, headers=headers)
        assert other.status == 200
        assert "Access-Control-Allow-Origin" not in other.headers
        refused = call(VIEW, customer_id=known_customer, headers=headers, role=None)
        assert "Access-Control-Allow-Origin" not in refused.headers
