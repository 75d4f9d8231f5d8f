"""What a customer is recognised by where only their words tell that it is about them. Pure."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import accumulate
from typing import Any, Self

from customer360.search.row import Term, terms_for
from customer360.search.words import WHOLE_PHONE, digits_of, words_of

FIELDS = ("name", "email", "phone")
MOST_BYTES = 200_000

_OF_AN_ID = "A-Za-z0-9._:@-"
_LIKE_A_PHONE = re.compile(r"\d[\d ()./-]*\d")


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
        identifier = rf"(?<![{_OF_AN_ID}]){re.escape(self.customer_id)}(?![{_OF_AN_ID}])"
        folded = text.casefold()
        return (
            re.search(identifier, text) is not None
            or any(email.casefold() in folded for email in self.emails)
            or any(self._is_phone(found) for found in _LIKE_A_PHONE.findall(text))
        )

    def is_sought_by(self, text: str) -> bool:
        """Whether a search text is about the customer: it identifies them, or holds a whole name of theirs."""
        sought = set(words_of(text))
        return self.is_identified_in(text) or any(
            words and words <= sought for words in (set(words_of(name)) for name in self.names)
        )

    def _is_phone(self, text: str) -> bool:
        """A number written out in full is the end of the other, whichever names the country."""
        digits = digits_of(text).lstrip("0")
        if len(digits) < WHOLE_PHONE:
            return False
        numbers = [number for number in map(digits_of, self.phones) if len(number) >= WHOLE_PHONE]
        return any(number.endswith(digits) or digits.endswith(number) for number in numbers)
