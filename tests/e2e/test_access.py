"""Who gets in: tokens as the deployed authorizer and functions see them."""

import base64
import json

import pytest

from e2e.shop import Shop
from support.builders import customer, new_id, order

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def customer_id(shop: Shop) -> str:
    identifier = new_id()
    shop.send(customer(identifier), order(identifier))
    shop.view(identifier, orders=1)
    return identifier


def test_no_token_or_a_bad_one_is_401(shop: Shop, customer_id: str) -> None:
    url = f"{shop.stack.api_url}/api/admin/customers/{customer_id}/360"
    header, claims, signature = shop.token("viewer").split(".")
    admin = json.loads(base64.urlsafe_b64decode(claims + "=="))
    admin["cognito:groups"] = ["admin"]
    forged = base64.urlsafe_b64encode(json.dumps(admin).encode()).rstrip(b"=").decode()
    expired = base64.urlsafe_b64encode(json.dumps(admin | {"exp": 1}).encode()).rstrip(b"=").decode()
    nobody = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
    for token in (
        None,
        "nonsense",
        f"{header}.{forged}.{signature}",
        f"{header}.{expired}.{signature}",
        f"{nobody}.{forged}.",
    ):
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        assert shop.http.get(url, headers=headers).status_code == 401, token


def test_an_access_token_is_401(shop: Shop, customer_id: str) -> None:
    answer = shop.stack.client("cognito-idp").initiate_auth(
        AuthFlow="USER_PASSWORD_AUTH",
        ClientId=shop.stack.outputs["UserPoolClientId"],
        AuthParameters={"USERNAME": "admin@example.com", "PASSWORD": shop.stack.passwords["admin"]},
    )
    token = answer["AuthenticationResult"]["AccessToken"]
    url = f"{shop.stack.api_url}/api/admin/customers/{customer_id}/360"
    assert shop.http.get(url, headers={"Authorization": f"Bearer {token}"}).status_code == 401


@pytest.mark.parametrize("role", ["viewer", "support", "manager", "admin"])
def test_each_role_reads_what_it_may(shop: Shop, customer_id: str, role: str) -> None:
    view = shop.get(f"/api/admin/customers/{customer_id}/360", role=role).json()
    assert ("lifetimeValue" in view["metrics"]) == (role in {"manager", "admin"})
    assert (view["profile"]["email"] == "ada@example.com") == (role != "viewer")
    orders = shop.get(f"/api/admin/customers/{customer_id}/orders", role=role).json()
    assert ("total" in orders["orders"][0]) == (role != "viewer")
    assert ("totalRevenue" in orders) == (role in {"manager", "admin"})


def test_a_page_that_has_not_changed_is_304(shop: Shop, customer_id: str) -> None:
    path = f"/api/admin/customers/{customer_id}/360"
    etag = shop.get(path).headers["ETag"]
    again = shop.get(path, **{"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")
    shop.send(order(customer_id, "o2"))
    shop.view(customer_id, orders=2)
    assert shop.get(path, **{"If-None-Match": etag}).status_code == 200


def test_what_was_seen_and_refused_is_on_the_audit_trail(shop: Shop, customer_id: str) -> None:
    shop.get(f"/api/admin/customers/{customer_id}/orders/o1", role="support")
    shop.get("/api/admin/ingestion/rejected", role="support")
    table = next(name for name in shop.stack.client("dynamodb").list_tables()["TableNames"] if "AuditTable" in name)
    rows = shop.stack.client("dynamodb").scan(TableName=table)["Items"]
    seen = {(row["actorName"]["S"], row["action"]["S"], row["outcome"]["S"]) for row in rows}
    assert ("Demo Support", "order.viewed", "allowed") in seen
    assert ("Demo Support", "rejected-events.listed", "refused") in seen
