"""What the search keeps of a customer: a row with all that a list shows and filters on, and terms that find it. Pure.

Terms are where the search begins; whether a customer matches is decided on the row. So a term too many costs a read,
and no term may be missing.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple, Self

from customer360.search.words import FEWEST_DIGITS, FEWEST_LETTERS, LONGEST_TERM, deletions, forms_of_phone, words_of

LONGEST_NAME = 120
# What stands between value and id in a sort key: before all that a value may go on with, so that `Ann` is before
# `Ann Lee`; and what is after every id that follows the same value.
THEN = "\t"
END = f"{THEN}~"
# Before every instant: nobody who never bought has one.
NEVER = "-"


@dataclass(frozen=True)
class Row:
    """`segments` are memberships (`segments.membership`) of all generations, whether or not they can be seen; instants
    are sortable text; former e-mails and phones are those the customer's own record once had."""

    id: str
    name: str
    email: str
    phone: str | None
    former_emails: tuple[str, ...]
    former_phones: tuple[str, ...]
    registered_at: str
    account_status: str
    email_opt_in: bool
    loyalty_tier: str | None
    total_orders: int
    lifetime_value: Decimal
    last_purchase_at: str | None
    health_score: Decimal
    health_level: str
    churn_score: Decimal
    churn_level: str
    segments: tuple[str, ...]
    tags: tuple[str, ...]

    def to_json(self) -> str:
        """What holds nothing is left out."""
        kept = {name: value for name, value in asdict(self).items() if value not in (None, ())}
        return json.dumps(kept, ensure_ascii=False, separators=(",", ":"), default=str)

    @classmethod
    def from_json(cls, text: str) -> Self:
        kept = json.loads(text)
        for name in ("former_emails", "former_phones", "segments", "tags"):
            kept[name] = tuple(kept.get(name, ()))
        for name in ("lifetime_value", "health_score", "churn_score"):
            kept[name] = Decimal(kept[name])
        return cls(**(_NOTHING | kept))

    @cached_property
    def name_words(self) -> tuple[str, ...]:
        return words_of(self.name)

    @cached_property
    def contacts(self) -> "Contacts":
        return Contacts(words_of(self.email), _digits([self.phone or ""]))

    @cached_property
    def former_contacts(self) -> "Contacts":
        words = tuple(word for email in self.former_emails for word in words_of(email))
        return Contacts(words, _digits(self.former_phones))

    def sort_key(self, column: str) -> str:
        """Where the row stands by a column; every key ends in the id, so that equal values have one order."""
        return f"{_SORTED_BY[column](self)}{THEN}{self.id}"


_NOTHING = {"phone": None, "loyalty_tier": None, "last_purchase_at": None}


class Contacts(NamedTuple):
    """The words of e-mails and the digits of phones, of each in all its forms."""

    words: tuple[str, ...]
    phones: tuple[str, ...]


def _digits(phones: Iterable[str]) -> tuple[str, ...]:
    return tuple(form for phone in phones for form in forms_of_phone(phone))


def number_key(number: Decimal | int) -> str:
    """Text that sorts as numbers from 0 do, exact to six decimals."""
    return format(Decimal(number), "026.6f")


class Term(NamedTuple):
    """A place in the `search` table: `bucket` is the partition, `text` what the sort key begins with."""

    bucket: str
    text: str


def name_term(word: str) -> Term:
    """Finds the names with a word that begins so."""
    return Term(f"NAME#{word[0]}", word[:LONGEST_TERM])


def email_term(word: str) -> Term:
    """Finds the e-mails with a word that begins so."""
    return Term(f"EMAIL#{word[0]}", word[:LONGEST_TERM])


def phone_term(digits: str) -> Term:
    """Finds the phones that end so."""
    return Term(f"PHONE#{digits[-2:]}", digits[::-1][:LONGEST_TERM])


def typo_terms(word: str) -> set[Term]:
    """Find the names with a word that is this one but for one edit: both share one of these."""
    return {Term(f"TYPO#{part}", "") for part in deletions(word[:LONGEST_TERM])}


def terms_of(row: Row) -> set[Term]:
    """All terms that find the customer, former contacts included."""
    return {*_name_terms(row.name_words), *_contact_terms((row.contacts, row.former_contacts))}


def terms_for(names: Iterable[str], emails: Iterable[str], phones: Iterable[str]) -> set[Term]:
    """All terms that may find whoever has, or had, any of these."""
    words = [word for name in names for word in words_of(name)]
    contacts = Contacts(tuple(word for email in emails for word in words_of(email)), _digits(phones))
    return {*_name_terms(words), *_contact_terms((contacts,))}


def _name_terms(words: Iterable[str]) -> Iterator[Term]:
    for word in words:
        yield name_term(word)
        if len(word) >= FEWEST_LETTERS:
            yield from typo_terms(word)


def _contact_terms(every: Iterable[Contacts]) -> Iterator[Term]:
    for contacts in every:
        yield from map(email_term, contacts.words)
        yield from (phone_term(digits) for digits in contacts.phones if len(digits) >= FEWEST_DIGITS)


_SORTED_BY: dict[str, Callable[[Row], str]] = {
    "registeredAt": lambda row: row.registered_at,
    "name": lambda row: " ".join(row.name_words)[:LONGEST_NAME],
    "lifetimeValue": lambda row: number_key(row.lifetime_value),
    "totalOrders": lambda row: number_key(row.total_orders),
    "lastPurchaseAt": lambda row: row.last_purchase_at or NEVER,
    "healthScore": lambda row: number_key(row.health_score),
    "churnScore": lambda row: number_key(row.churn_score),
}
