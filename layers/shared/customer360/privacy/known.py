"""What a customer is recognised by where only their words tell that it is about them. Pure."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import accumulate
from typing import Any, Self

from customer360.search.row import Term, terms_for
from customer360.search.words import WHOLE_PHONE, forms_of_phone, words_of

FIELDS = ("name", "email", "phone")
MOST_BYTES = 200_000

# Outside a field of that name an id of digits is taken for one if it has so many: points, prices, post codes and dates
# have fewer.
FEWEST_DIGITS_OF_ID = 9
# One with letters, if it has so many characters: fewer may be any word.
FEWEST_CHARACTERS_OF_ID = 6
# A search is about a name of so many bytes in UTF-8, four Latin letters or two of most other scripts: fewer may be any
# word.
FEWEST_BYTES_OF_NAME = 4

_OF_AN_ID = "A-Za-z0-9._:@-"
# A colon may be of an id, but not behind the quotation mark that ends the name of a JSON field.
_BEFORE_AN_ID = rf'(?:(?<![{_OF_AN_ID}])|(?<=":))'
_FIELD_OF_THE_ID = r"""customerId[\s"'\\]*[:=][\s"'\\]*"""
_ESCAPED = re.compile(r"\\(?:u([0-9a-fA-F]{4})|[nrtbf])")
# Only letters that e-mails are written in are of one: in Chinese or Thai no space parts it from the words around.
_OF_AN_EMAIL = "a-z0-9_\u00df-\u024f"
_BEFORE_AN_EMAIL, _BEHIND_AN_EMAIL = rf"(?<![{_OF_AN_EMAIL}.+-])", rf"(?![.-]?[{_OF_AN_EMAIL}])"
# What people put between digits, and beside it what else may stand there in text copied from elsewhere: other spaces,
# what cannot be seen, typographic dashes, wide letters. Both ways of reading count: a dash may also part two numbers.
_BETWEEN_DIGITS = r" ()./-"
_ALSO_BETWEEN = r"\u00a0\u00ad\u2000-\u2015\u202a-\u202f\u2060-\u2069\u2212\u3000\ufeff\uff08\uff09\uff0d-\uff0f"
_LIKE_PHONES = tuple(
    re.compile(rf"\d[\d{between}]*\d") for between in (_BETWEEN_DIGITS, f"{_ALSO_BETWEEN}{_BETWEEN_DIGITS}")
)


@dataclass(frozen=True, slots=True)
class Known:
    """The id, and the names, e-mails and phones that the customer has ever had."""

    customer_id: str
    names: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()

    @classmethod
    def of_versions(cls, customer_id: str, versions: Sequence[Mapping[str, Any]]) -> Self:
        """By versions of the customer's own record, the latest first; as many as fit into an item, which keeps them as
        JSON of ASCII only: a letter may take six bytes, an emoji twelve."""
        sizes = accumulate(len(json.dumps([version.get(field) for field in FIELDS])) for version in versions)
        fitting = [version for version, size in zip(versions, sizes, strict=True) if size <= MOST_BYTES]

        def values(field: str) -> tuple[str, ...]:
            return tuple(dict.fromkeys(version[field] for version in fitting if version.get(field)))

        return cls(customer_id, values("name"), values("email"), values("phone"))

    @classmethod
    def from_stored(cls, stored: Mapping[str, Any]) -> Self:
        return cls(stored["customer_id"], *(tuple(stored[name]) for name in ("names", "emails", "phones")))

    def to_store(self) -> dict[str, Any]:
        return asdict(self)

    def terms(self) -> set[Term]:
        """All that the search may find, or have found, the customer by."""
        return terms_for(self.names, self.emails, self.phones)

    def is_identified_in(self, text: str) -> bool:
        """Whether the text holds the id, an e-mail or a phone of the customer, which nobody else has."""
        plain = _unescaped(text)
        folded = plain.casefold()
        return (
            self._has_id(plain)
            or any(_has_email(folded, email.casefold()) for email in self.emails)
            or self._has_phone(plain)
        )

    def is_sought_by(self, text: str) -> bool:
        """Whether a search text is about the customer: it identifies them, or holds a whole name of theirs."""
        sought = set(words_of(_unescaped(text)))
        names = (set(words_of(name)) for name in self.names)
        return self.is_identified_in(text) or any(
            len("".join(words).encode()) >= FEWEST_BYTES_OF_NAME and words <= sought for words in names
        )

    def _has_id(self, text: str) -> bool:
        """In a field of that name any id counts; elsewhere only one that is hardly anything else, or the data of
        strangers, who have 30 points, would be taken for those of customer 30."""
        identifier = rf"{re.escape(self.customer_id)}(?![{_OF_AN_ID}])"
        if re.search(_FIELD_OF_THE_ID + identifier, text):
            return True
        return _is_distinctive(self.customer_id) and re.search(_BEFORE_AN_ID + identifier, text) is not None

    def _has_phone(self, text: str) -> bool:
        """A number written out in full is the end of the other, whichever names the country."""
        own = {number for phone in self.phones for number in _numbers(phone)}
        written = {phone for like_a_phone in _LIKE_PHONES for phone in like_a_phone.findall(text)} if own else ()
        found = {number for phone in written for number in _numbers(phone)}
        return any(one.endswith(other) or other.endswith(one) for one in found for other in own)


def _is_distinctive(customer_id: str) -> bool:
    digits = sum(one.isdigit() for one in customer_id)
    has_letters = any(one.isalpha() for one in customer_id)
    return digits >= FEWEST_DIGITS_OF_ID or (has_letters and len(customer_id) >= FEWEST_CHARACTERS_OF_ID)


def _numbers(phone: str) -> set[str]:
    """The digits of a phone in every form, if they may be a number in full; zeros before them stand for a country."""
    forms = (form.lstrip("0") for form in forms_of_phone(phone))
    return {digits for digits in forms if len(digits) >= WHOLE_PHONE}


def _has_email(text: str, email: str) -> bool:
    """The whole e-mail: `ann@x.de` is not in `joann@x.de`, nor in `ann@x.dev`."""
    return email in text and re.search(_BEFORE_AN_EMAIL + re.escape(email) + _BEHIND_AN_EMAIL, text) is not None


def _unescaped(text: str) -> str:
    """What escapes of JSON stand for, in text that may be JSON: the `n` of a line end is of no word."""
    return _ESCAPED.sub(lambda escape: chr(int(escape[1], 16)) if escape[1] else "\n", text)
