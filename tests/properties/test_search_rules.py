"""What matches, and in which order, against the plain meaning: on rows alone, without any index."""

import random
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from customer360.instants import sortable
from customer360.search.matching import Assigned, Match, Text, predicates_of, ranges_of
from customer360.search.query import SearchQuery
from customer360.search.row import Row, email_term, name_term, phone_term, terms_for, terms_of, typo_terms
from customer360.search.words import Wanted, deletions, is_one_edit, order_number, wanted_by, words_of
from support.searching import Shopper, a_query, a_shopper, edits, found_in, words

TAGS, SEGMENTS = ["tag-a", "tag-b", "tag-c"], ["segment-a", "segment-b", "segment-c"]

seeds = st.integers(0, 2**32)
texts = st.text(max_size=12) | st.text("ann lE'éʼʻ-1ـ", max_size=12)


def row_of(shopper: Shopper) -> Row:
    last = shopper.last_purchase_at
    return Row(
        id=shopper.id,
        name=shopper.name,
        email=shopper.email,
        phone=shopper.phone,
        former_emails=tuple(shopper.former_emails),
        former_phones=tuple(shopper.former_phones),
        registered_at=sortable(shopper.registered_at),
        account_status=shopper.status,
        email_opt_in=shopper.email_opt_in,
        loyalty_tier=shopper.tier,
        total_orders=shopper.total_orders,
        lifetime_value=shopper.lifetime_value,
        last_purchase_at=sortable(last) if last else None,
        health_score=shopper.health_score,
        health_level=shopper.health_level,
        churn_score=shopper.churn_score,
        churn_level=shopper.churn_level,
        segments=tuple(sorted(shopper.segments)),
        tags=tuple(sorted(shopper.tags)),
    )


def found(shop: list[Shopper], parameters: dict[str, Any], *, contact: bool) -> list[tuple[str, str | None]]:
    """By the rules alone, on every row."""
    query = SearchQuery.model_validate(parameters)
    assigned = Assigned(frozenset(query.tag), frozenset(query.segment))
    predicates, ranges = predicates_of(query, assigned), ranges_of(query)
    wanted = wanted_by(query.q) if query.q else None
    rows = [Row.from_json(row_of(shopper).to_json()) for shopper in shop]
    fitting = [
        row
        for row in rows
        if all(predicate(row) for predicate in predicates)
        and all(asked.holds(row.sort_key(column)) for column, asked in ranges.items())
    ]
    matches: dict[str, Match | None] = {}
    for takes_typos in (False, True):
        for row in fitting:
            matches[row.id] = _match(shop, wanted, row, contact, takes_typos)
        if any(matches.values()) or not wanted:
            break
    order = sorted(fitting, key=lambda row: row.sort_key(query.sort_column), reverse=query.is_descending)
    how = {"exact": None, "former": "former", "typo": "typo"}
    return [(row.id, how[match]) for row in order if (match := matches[row.id])]


def _match(shop: list[Shopper], wanted: Wanted | None, row: Row, contact: bool, takes_typos: bool) -> Match | None:
    if wanted is None:
        return "exact"
    holders = {
        number: frozenset(each.id for each in shop if number in map(order_number, each.numbers))
        for number in wanted.numbers
    }
    return Text(wanted, holders, contact, takes_typos).match(row)


@given(seed=seeds, contact=st.booleans())
def test_the_customers_found_and_their_order_are_those_of_the_plain_meaning(seed: int, contact: bool) -> None:
    random_ = random.Random(seed)
    shop = [a_shopper(random_, f"c-{number:02}", TAGS, SEGMENTS) for number in range(30)]
    for _ in range(5):
        query = a_query(random_, TAGS, SEGMENTS)
        assert found(shop, query, contact=contact) == found_in(shop, query, contact=contact)


@example(seed=0, text="\x1f", name="", contact=False)
@given(seed=seeds, text=texts, name=texts, contact=st.booleans())
def test_any_text_finds_any_name_as_the_plain_meaning_says(seed: int, text: str, name: str, contact: bool) -> None:
    shopper = a_shopper(random.Random(seed), "c-1", TAGS, SEGMENTS)
    shopper.name = name or "x"
    query = {"q": text}
    assert found([shopper], query, contact=contact) == found_in([shopper], query, contact=contact)


SPELLINGS = [
    *("+49 (0)30 5544 3377", "+49(0)30/55443377", "0049 (0)30 5544 3377", "+49 （０）30 5544 3377"),
    *("+49 30 5544 3377", "+493055443377", "004930 55443377"),
]


@pytest.mark.parametrize("asked", [*SPELLINGS, "030 5544 3377", "(030) 55443377", "3377"])
@pytest.mark.parametrize("stored", [each for each in SPELLINGS if not each.startswith("00")])
def test_a_zero_that_is_dialled_at_home_only_makes_no_other_phone(stored: str, asked: str) -> None:
    shopper = a_shopper(random.Random(1), "c-1", TAGS, SEGMENTS)
    shopper.phone = stored
    assert found([shopper], {"q": asked}, contact=True) == [("c-1", None)]
    wanted = [digits for run in wanted_by(asked).runs for digits in (run.digits, run.tokens[0].digits) if digits]
    bucket, beginning = phone_term(wanted[0])
    terms = terms_of(row_of(shopper))
    assert any(term.bucket == bucket and term.text.startswith(beginning) for term in terms)
    assert terms_for([], [], [stored]) <= terms


def test_what_found_a_phone_with_such_a_zero_before_still_does() -> None:
    """Rows are replaced and erased by the terms they have: none that was ever written may be forgotten."""
    assert phone_term("4903055443377") in terms_for([], [], ["+49 (0)30 5544 3377"])


@given(text=texts)
def test_words_are_those_of_the_plain_meaning_once_each(text: str) -> None:
    assert list(words_of(text)) == list(dict.fromkeys(words(text)))


@given(one=st.text("abc", max_size=6), other=st.text("abc", max_size=6))
def test_one_edit_is_one_edit_and_leaves_a_deletion_both_words_share(one: str, other: str) -> None:
    assert is_one_edit(one, other) == (edits(one, other) == 1)
    if edits(one, other) == 1:
        assert deletions(one) & deletions(other)


@given(seed=seeds, cut=st.integers(1, 90), at=st.integers(0, 90))
def test_whatever_may_find_a_customer_is_the_beginning_of_one_of_their_terms(seed: int, cut: int, at: int) -> None:
    row = row_of(a_shopper(random.Random(seed), "c-1", TAGS, SEGMENTS))
    terms = terms_of(row)

    def begins(term: tuple[str, str]) -> bool:
        return any(bucket == term[0] and text.startswith(term[1]) for bucket, text in terms)

    assert all(begins(name_term(word[:cut])) for word in row.name_words)
    emails = [*row.contacts.words, *row.former_contacts.words]
    assert all(begins(email_term(word[:cut])) for word in emails)
    phones = [*row.contacts.phones, *row.former_contacts.phones]
    assert all(begins(phone_term(phone[-max(cut, 4) :])) for phone in phones if len(phone) >= 4)
    for word in row.name_words:
        mistyped = word[:at] + word[at + 1 :]
        if len(word) >= 4 and mistyped != word:
            assert typo_terms(mistyped) & terms


@given(seed=seeds)
def test_a_row_reads_back_as_it_was_written(seed: int) -> None:
    row = row_of(a_shopper(random.Random(seed), "c-1", TAGS, SEGMENTS))
    assert Row.from_json(row.to_json()) == row
