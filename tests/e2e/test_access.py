"""Who gets in: tokens as the deployed authorizer and functions see them."""

import base64
import json
import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import httpx
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


class Pools:
    """User pools, their clients and admins, as an operator makes them; gone after the test."""

    def __init__(self, cognito: Any, undo: ExitStack) -> None:
        self._cognito = cognito
        self._undo = undo

    def pool(self) -> str:
        pool_id = str(self._cognito.create_user_pool(PoolName=new_id("pool"))["UserPool"]["Id"])
        self._undo.callback(self._cognito.delete_user_pool, UserPoolId=pool_id)
        return pool_id

    def token(self, pool_id: str, group: str | None, **client: Any) -> str:
        """The ID token of a new admin of the pool, who signed in with a new client."""
        email, password = f"{new_id('admin')}@example.com", "Demo-7-correct-horse"
        user = {"UserPoolId": pool_id, "Username": email}
        named = [{"Name": "email", "Value": email}, {"Name": "email_verified", "Value": "true"}]
        self._cognito.admin_create_user(**user, UserAttributes=named, MessageAction="SUPPRESS")
        self._undo.callback(self._cognito.admin_delete_user, **user)
        self._cognito.admin_set_user_password(**user, Password=password, Permanent=True)
        if group:
            self._cognito.admin_add_user_to_group(**user, GroupName=group)
        flows = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
        made = self._cognito.create_user_pool_client(
            UserPoolId=pool_id, ClientName=new_id("client"), ExplicitAuthFlows=flows, **client
        )
        client_id = made["UserPoolClient"]["ClientId"]
        self._undo.callback(self._cognito.delete_user_pool_client, UserPoolId=pool_id, ClientId=client_id)
        signed_in = self._cognito.initiate_auth(
            AuthFlow="USER_PASSWORD_AUTH",
            ClientId=client_id,
            AuthParameters={"USERNAME": email, "PASSWORD": password},
        )
        return str(signed_in["AuthenticationResult"]["IdToken"])


@pytest.fixture
def pools(shop: Shop) -> Iterator[Pools]:
    with ExitStack() as undo:
        yield Pools(shop.stack.client("cognito-idp"), undo)


def claims_in(token: str) -> dict[str, Any]:
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    return claims


def called(shop: Shop, token: str, path: str) -> httpx.Response:
    return shop.http.get(f"{shop.stack.api_url}/api/admin/{path}", headers={"Authorization": f"Bearer {token}"})


def me(shop: Shop, token: str) -> httpx.Response:
    return called(shop, token, "me")


def test_no_token_or_a_bad_one_is_401(shop: Shop, customer_id: str) -> None:
    url = f"{shop.stack.api_url}/api/admin/customers/{customer_id}/360"
    header, claims, signature = shop.token("viewer").split(".")
    admin = claims_in(f"{header}.{claims}") | {"cognito:groups": ["admin"]}
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


def test_an_admin_of_another_user_pool_is_401(shop: Shop, pools: Pools) -> None:
    other = pools.pool()
    shop.stack.client("cognito-idp").create_group(UserPoolId=other, GroupName="admin")
    token = pools.token(other, "admin")
    claims = claims_in(token)
    assert (claims["cognito:groups"], claims["token_use"]) == (["admin"], "id")
    assert me(shop, token).status_code == 401


def test_a_token_that_was_good_is_401_once_it_has_expired(shop: Shop, pools: Pools) -> None:
    brief = {"IdTokenValidity": 5, "TokenValidityUnits": {"IdToken": "seconds"}}  # AWS: no less than five minutes
    token = pools.token(shop.stack.outputs["UserPoolId"], "viewer", **brief)
    assert me(shop, token).status_code == 200
    time.sleep(max(0, claims_in(token)["exp"] - time.time()) + 1)
    assert me(shop, token).status_code == 401


def test_an_admin_in_no_group_gets_in_nowhere(shop: Shop, pools: Pools, customer_id: str) -> None:
    token = pools.token(shop.stack.outputs["UserPoolId"], None)
    for path in (f"customers/{customer_id}/360", f"customers/{customer_id}/timeline", "me", "audit"):
        answer = called(shop, token, path)
        assert (answer.status_code, answer.headers["Content-Type"]) == (403, "application/problem+json")
        assert answer.json()["detail"].startswith("the permission ")


@pytest.mark.parametrize("role", ["viewer", "support", "manager", "admin"])
def test_each_role_reads_what_it_may(shop: Shop, customer_id: str, role: str) -> None:
    view = shop.get(f"/api/admin/customers/{customer_id}/360", role=role).json()
    assert ("lifetimeValue" in view["metrics"]) == (role in {"manager", "admin"})
    assert (view["profile"]["email"] == "ada@example.com") == (role != "viewer")
    orders = shop.get(f"/api/admin/customers/{customer_id}/orders", role=role).json()
    assert ("total" in orders["orders"][0]) == (role != "viewer")
    assert ("totalRevenue" in orders) == (role in {"manager", "admin"})
    timeline = shop.get(f"/api/admin/customers/{customer_id}/timeline", role=role).json()
    assert ("amounts" in timeline["events"][0]["metadata"]) == (role != "viewer")
    caller = shop.get("/api/admin/me", role=role).json()
    assert (caller["name"], caller["role"]) == (f"Demo {role.capitalize()}", role)


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
    entries = shop.get("/api/admin/audit?limit=100").json()["entries"]
    seen = {(entry["actor"]["name"], entry["action"], entry["outcome"]) for entry in entries}
    assert ("Demo Support", "order.viewed", "allowed") in seen
    assert ("Demo Support", "rejected-events.listed", "refused") in seen
    about = shop.get(f"/api/admin/audit?customerId={customer_id}&action=order.viewed").json()["entries"]
    assert {(entry["customerId"], entry["target"]) for entry in about} == {(customer_id, "o1")}
