"""The form in which names, e-mails, phones and order numbers are compared with what is searched for. Pure.

A word is a run of letters, digits and symbols such as emoji, without case, accents and what cannot be seen:
`Zoë O'Brien` is `zoe`, `o` and `brien`, whichever apostrophe it is. A word of a search finds every word that begins
with it; `%` and `_` mean nothing.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

# Of a word so many letters are in a key, which is at most 1,024 bytes.
LONGEST_TERM = 64
# A phone is found by its last digits, so many at least.
FEWEST_DIGITS = 4
# A phone number written out in full may begin with a 0 that stands for the country.
WHOLE_PHONE = 7
# A name's word of so many letters is found in spite of one wrong, missing, superfluous or swapped letter.
FEWEST_LETTERS = 4

# Letters that Unicode does not take to be another one with an accent.
_PLAIN = str.maketrans(
    {"ø": "o", "đ": "d", "ð": "d", "ł": "l", "ħ": "h", "ŧ": "t", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"}
)
# What people write as ' but Unicode takes to be letters: of Ukrainian, Hawaiian, transliterated Arabic and others.
_APOSTROPHES = frozenset("ʹʺʻʼʽʾʿˮꞌ")
# Makes an Arabic word longer on paper only.
_TATWEEL = "\u0640"
# In `+49 (0)30` the 0 is dialled at home only.
_HOME_ZERO = re.compile(r"[(\uff08]\s*[0\uff10]\s*[)\uff09]")
_ASCII_WORD = re.compile(r"[0-9a-z]+")
# Its dashes are any that are set in print, and the minus sign.
_LIKE_A_PHONE = re.compile(r"[+(]*\d[\d()./+\u2010-\u2015\u2212-]*")
# What a phone has around it that was copied out of a list or a sentence, and what a link begins with.
_AROUND = "\"'“”„‘’‚«»‹›<>[]{},.;:!?،؛、。"
_SCHEME = re.compile(r"^\W*(?:mailto|tel):(?=\S)", re.IGNORECASE)
# What no phone number goes on over: a word with a letter or a `#`, or the end of a part of a list.
_NO_PHONE = re.compile(r"[,;:|]|[^\s,;:|]*(?:[^\W\d_]|#)[^\s,;:|]*")


def folded(text: str) -> str:
    """Without case, accents, width and invisible characters."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return "".join(one for one in apart if not _is_unseen(one)).translate(_PLAIN)


def words_of(text: str) -> tuple[str, ...]:
    """The distinct words of a text, in their order."""
    plain = folded(text).replace(_TATWEEL, "")
    if plain.isascii():
        return tuple(dict.fromkeys(_ASCII_WORD.findall(plain)))
    return tuple(dict.fromkeys("".join(one if _is_of_a_word(one) else " " for one in plain).split()))


@lru_cache(maxsize=4096)
def _is_unseen(character: str) -> bool:
    """Accents (as marks of their own), variation selectors, joiners, marks of direction."""
    return unicodedata.category(character) in {"Mn", "Me", "Cf"}


@lru_cache(maxsize=4096)
def _is_of_a_word(character: str) -> bool:
    if character in _APOSTROPHES:
        return False
    is_skin_tone = "\U0001f3fb" <= character <= "\U0001f3ff"
    return character.isalnum() or is_skin_tone or unicodedata.category(character) in {"So", "Mc"}


def digits_of(text: str) -> str:
    """The decimal digits of a text in any script, as 0 to 9."""
    return "".join(str(unicodedata.decimal(one)) for one in text if one.isdecimal())


def forms_of_phone(phone: str) -> tuple[str, ...]:
    """The digits of a phone, and of one with a `(0)` those that are dialled from abroad, too."""
    return tuple(dict.fromkeys(map(digits_of, (phone, _HOME_ZERO.sub("", phone)))))


def may_hold_contact(text: str) -> bool:
    """Whether an e-mail address or a phone number written out in full may stand in the text: an `@`, or so many digits
    with no letter in or between their words. Digits in a word with a letter or a `#` are an order's number."""
    plain = folded(text)
    return "@" in plain or any(len(digits_of(part)) >= WHOLE_PHONE for part in _NO_PHONE.split(plain))


def order_number(number: str) -> str:
    """The form in which order numbers are compared: case, spaces and a `#` before it make no other number."""
    return "".join(folded(number).split()).removeprefix("#")[:300]


def is_one_edit(wanted: str, word: str) -> bool:
    """Whether one letter wrong, missing, superfluous or swapped with the next makes one of the other."""
    if wanted == word or abs(len(wanted) - len(word)) > 1:
        return False
    shorter, longer = sorted((wanted, word), key=len)
    same = next((at for at, pair in enumerate(zip(shorter, longer, strict=False)) if pair[0] != pair[1]), len(shorter))
    if len(shorter) < len(longer):
        return shorter[same:] == longer[same + 1 :]
    is_swapped = shorter[same : same + 2] == longer[same : same + 2][::-1]
    return shorter[same + 1 :] == longer[same + 1 :] or (is_swapped and shorter[same + 2 :] == longer[same + 2 :])


def is_typo_of(wanted: str, word: str) -> bool:
    """Whether a word of a search is a name's word but for one edit; short ones must be right."""
    return len(word) >= FEWEST_LETTERS and len(wanted) >= FEWEST_LETTERS - 1 and is_one_edit(wanted, word)


def deletions(word: str) -> set[str]:
    """The word, and what it becomes without any one of its letters: two words one edit apart share one of these."""
    return {word, *(word[:at] + word[at + 1 :] for at in range(len(word)))}


@dataclass(frozen=True, slots=True)
class Token:
    """What stands between two spaces of a search: found if it is an order number, if it is the end of a phone (its
    `digits`, none if it is not like a phone), or if all its words are found."""

    number: str
    digits: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Run:
    """Tokens that must all be found, or that together are the end of a phone written with spaces (its `digits`)."""

    digits: str
    tokens: tuple[Token, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a search text asks for: that it is an order number as a whole (`number`), or that all its runs are found."""

    number: str
    runs: tuple[Run, ...]

    @property
    def is_one_word(self) -> bool:
        """Whether who is found by a term is found, with nothing more to ask."""
        words = [word for run in self.runs for token in run.tokens for word in token.words]
        return len(self.runs) == len(words) == 1 and len(words[0]) <= LONGEST_TERM

    @property
    def numbers(self) -> set[str]:
        """Whatever may be an order number."""
        return {self.number, *(token.number for run in self.runs for token in run.tokens)} - {""}


def wanted_by(text: str) -> Wanted:
    """Punctuation that stands by itself counts only if there is nothing else."""
    texts = text.split()
    if any(map(words_of, texts)):
        texts = [each for each in texts if words_of(each)]
    return Wanted(order_number(text), tuple(_runs(texts)))


def _runs(texts: list[str]) -> Iterator[Run]:
    phone: list[str] = []
    for text in texts:
        if _is_like_a_phone(text):
            phone.append(text)
            continue
        if phone:
            yield _phone_run(phone)
            phone = []
        yield Run("", (_token(text),))
    if phone:
        yield _phone_run(phone)


def _phone_run(texts: list[str]) -> Run:
    together = _end_of_phone("".join(texts)) if len(texts) > 1 else ""
    return Run(together, tuple(map(_token, texts)))


def _token(text: str) -> Token:
    digits = _end_of_phone(text) if _is_like_a_phone(text) else ""
    return Token(order_number(text), digits, words_of(_SCHEME.sub("", text)))


def _is_like_a_phone(text: str) -> bool:
    return _LIKE_A_PHONE.fullmatch(_SCHEME.sub("", folded(text)).strip(_AROUND)) is not None


def _end_of_phone(text: str) -> str:
    """The digits a phone must end with; none if there are too few. `0` and `00` before a number written out in full
    stand for what other people write as `+33`, or as nothing; so does all that is before a `(0)`, and itself."""
    national = digits_of(_HOME_ZERO.split(text)[-1]).lstrip("0")
    digits = national if len(national) >= WHOLE_PHONE else digits_of(text)
    return digits if len(digits) >= FEWEST_DIGITS else ""
