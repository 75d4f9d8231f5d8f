"""The parameters of a search: read from JSON or a query string, checked, and given back as they were."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from customer360.exact_json import dumps, loads
from customer360.search.query import LONGEST_TEXT, MOST_IDS, RANGES, SearchQuery

IDS = st.from_regex(r"[A-Za-z0-9._:@-]{1,64}", fullmatch=True)
MONEY = st.decimals(min_value=0, max_value=10**11, places=2)
SCORES = st.decimals(min_value=0, max_value=100, places=1)
DAYS = st.dates(date(1000, 1, 2), date(9998, 1, 1)).map(date.isoformat)
INSTANTS = st.builds("{}T{:02}:30:00+02:00".format, DAYS, st.integers(0, 23))
SORTS = ["registeredAt", "name", "lifetimeValue", "totalOrders", "lastPurchaseAt", "healthScore", "churnScore"]
PARAMETERS: dict[str, st.SearchStrategy[Any]] = {
    "q": st.text(st.characters(exclude_categories=["Cs"]), max_size=LONGEST_TEXT),
    "segment": st.lists(IDS, max_size=MOST_IDS),
    "tag": st.lists(IDS, max_size=MOST_IDS),
    "tier": st.sampled_from(["bronze", "silver", "gold", "platinum"]),
    "churnLevel": st.sampled_from(["low", "medium", "high"]),
    "healthLevel": st.sampled_from(["excellent", "good", "fair", "poor"]),
    "accountStatus": st.sampled_from(["active", "pending", "suspended", "closed"]),
    "emailOptIn": st.booleans(),
    "registrationFrom": DAYS | INSTANTS,
    "registrationTo": DAYS | INSTANTS,
    "lastPurchaseFrom": DAYS | INSTANTS,
    "lastPurchaseTo": DAYS | INSTANTS,
    "clvMin": MONEY,
    "clvMax": MONEY,
    "orderCountMin": st.integers(0, 10**9),
    "orderCountMax": st.integers(0, 10**9),
    "healthMin": SCORES,
    "healthMax": SCORES,
    "sort": st.sampled_from([*SORTS, *(f"-{column}" for column in SORTS)]),
}
ENDS = [
    ("registrationFrom", "registrationTo"),
    ("lastPurchaseFrom", "lastPurchaseTo"),
    ("clvMin", "clvMax"),
    ("orderCountMin", "orderCountMax"),
    ("healthMin", "healthMax"),
]


@st.composite
def searches(draw: Callable[..., Any]) -> dict[str, Any]:
    """Parameters of which no range is inverted: one end of each at most."""
    left_out = {pair[draw(st.booleans())] for pair in ENDS}
    chosen = draw(st.fixed_dictionaries({}, optional=PARAMETERS))
    return {name: value for name, value in chosen.items() if name not in left_out}


def faults(parameters: dict[str, Any]) -> list[str]:
    with pytest.raises(ValidationError) as error:
        SearchQuery.model_validate(parameters)
    return [".".join(map(str, fault["loc"])) for fault in error.value.errors()]


@given(searches())
def test_what_is_kept_of_a_search_is_the_same_search(parameters: dict[str, Any]) -> None:
    query = SearchQuery.model_validate(parameters)
    kept = dumps(query.parameters())
    assert SearchQuery.model_validate(loads(kept)) == query
    assert dumps(SearchQuery.model_validate(loads(kept)).parameters()) == kept


@given(searches())
def test_in_a_query_string_it_is_the_same_search(parameters: dict[str, Any]) -> None:
    def text(value: Any) -> Any:
        return value if isinstance(value, list) else dumps(value).strip('"') if not isinstance(value, str) else value

    query = SearchQuery.model_validate({name: text(value) for name, value in parameters.items()})
    assert query == SearchQuery.model_validate(parameters)


def test_nothing_said_is_everybody_newest_first() -> None:
    query = SearchQuery.model_validate({"q": "  ", "tag": [], "tier": None})
    assert (query, query.parameters()) == (SearchQuery(), {})
    assert (query.sort_column, query.is_descending) == ("registeredAt", True)
    assert (query.registered, query.last_purchased) == ((None, None), (None, None))
    assert query.permissions_needed() == frozenset()


def test_every_parameter_is_one_of_the_contract_and_is_tried_here() -> None:
    assert {field.alias for field in SearchQuery.model_fields.values()} == set(PARAMETERS)


def test_an_id_that_is_named_twice_is_named_once() -> None:
    assert SearchQuery.model_validate({"tag": ["b", "a", "b"]}).tag == ["b", "a"]


def test_a_date_is_the_whole_day_and_an_unescaped_plus_is_one() -> None:
    registered = {"registrationFrom": "2026-01-01", "registrationTo": "2026-01-01"}
    query = SearchQuery.model_validate({**registered, "lastPurchaseTo": "2026-01-01T10:00:00 02:00"})
    day = datetime(2026, 1, 1, tzinfo=UTC)
    assert query.registered == (day, day.replace(hour=23, minute=59, second=59, microsecond=999_999))
    assert query.last_purchased == (None, day.replace(hour=8, microsecond=999_999))
    assert query.parameters()["lastPurchaseTo"] == "2026-01-01T10:00:00+02:00"


@pytest.mark.parametrize(
    ("parameters", "field"),
    [
        ({"shoeSize": 1}, "shoeSize"),
        ({"limit": 1}, "limit"),
        ({"q": "x" * 201}, "q"),
        ({"q": 1}, "q"),
        ({"tag": "a"}, "tag"),
        ({"tag": ["a", "a b"]}, "tag.1"),
        ({"segment": [str(n) for n in range(11)]}, "segment"),
        ({"tier": "wood"}, "tier"),
        ({"churnLevel": "High"}, "churnLevel"),
        ({"healthLevel": "bad"}, "healthLevel"),
        ({"accountStatus": "open"}, "accountStatus"),
        ({"emailOptIn": "yes"}, "emailOptIn"),
        ({"emailOptIn": 1}, "emailOptIn"),
        ({"registrationFrom": "yesterday"}, "registrationFrom"),
        ({"registrationFrom": "2026-02-30"}, "registrationFrom"),
        ({"lastPurchaseTo": "2026-01-01T10:00:00"}, "lastPurchaseTo"),
        ({"lastPurchaseTo": 20260101}, "lastPurchaseTo"),
        ({"clvMin": "ten"}, "clvMin"),
        ({"clvMin": "1e3"}, "clvMin"),
        ({"clvMin": "NaN"}, "clvMin"),
        ({"clvMin": -1}, "clvMin"),
        ({"clvMax": True}, "clvMax"),
        ({"clvMax": 10**19}, "clvMax"),
        ({"orderCountMin": Decimal("1.5")}, "orderCountMin"),
        ({"orderCountMin": "1.5"}, "orderCountMin"),
        ({"orderCountMax": -1}, "orderCountMax"),
        ({"healthMin": 101}, "healthMin"),
        ({"healthMax": "-1"}, "healthMax"),
        ({"sort": "email"}, "sort"),
        ({"sort": "--name"}, "sort"),
    ],
)
def test_what_is_wrong_is_named(parameters: dict[str, Any], field: str) -> None:
    assert faults(parameters) == [field]


def test_a_range_may_end_within_the_day_it_begins_with() -> None:
    SearchQuery.model_validate({"registrationFrom": "2026-01-02", "registrationTo": "2026-01-02T12:00:00Z"})


@pytest.mark.parametrize(
    ("lower", "upper", "values"),
    [
        ("clvMin", "clvMax", (Decimal("10.01"), 10)),
        ("clvMin", "clvMax", ("10.5", "9")),
        ("orderCountMin", "orderCountMax", (3, 2)),
        ("healthMin", "healthMax", (50, 49)),
        ("registrationFrom", "registrationTo", ("2026-01-02", "2026-01-01")),
        ("lastPurchaseFrom", "lastPurchaseTo", ("2026-01-01T10:00:01Z", "2026-01-01T10:00:00Z")),
    ],
)
def test_an_inverted_range_is_a_fault_that_names_both_ends(lower: str, upper: str, values: tuple[Any, Any]) -> None:
    with pytest.raises(ValidationError, match=f"is below {lower}") as error:
        SearchQuery.model_validate({lower: values[0], upper: values[1]})
    assert [fault["loc"] for fault in error.value.errors()] == [(upper,)]
    SearchQuery.model_validate({lower: values[1], upper: values[0]})
    SearchQuery.model_validate({lower: values[0], upper: values[0]})


def test_an_instant_of_the_day_a_range_ends_with_is_in_it() -> None:
    query = SearchQuery.model_validate({"registrationFrom": "2026-01-01T10:00:00Z", "registrationTo": "2026-01-01"})
    assert [at and at.hour for at in query.registered] == [10, 23]


def test_every_range_is_looked_at() -> None:
    alias = {name: field.alias for name, field in SearchQuery.model_fields.items()}
    assert [(alias[low], alias[high]) for high, low in RANGES.items()] == ENDS


@pytest.mark.parametrize(
    ("parameters", "permissions"),
    [
        ({"clvMin": 0}, {"financials:read"}),
        ({"clvMax": 10}, {"financials:read"}),
        ({"sort": "lifetimeValue"}, {"financials:read"}),
        ({"sort": "-lifetimeValue"}, {"financials:read"}),
        ({"emailOptIn": False}, {"marketing:read"}),
        ({"emailOptIn": True, "clvMin": 1}, {"marketing:read", "financials:read"}),
        ({"healthMin": 1, "churnLevel": "high", "orderCountMin": 1, "sort": "-totalOrders", "q": "a"}, set()),
    ],
)
def test_money_and_opt_ins_take_a_permission(parameters: dict[str, Any], permissions: set[str]) -> None:
    assert SearchQuery.model_validate(parameters).permissions_needed() == permissions
