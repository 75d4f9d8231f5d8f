"""Who may match a search text: by its terms, the narrowest first. Everybody who matches is among them."""

from collections.abc import Iterable

from customer360.search.index import Hits, Index
from customer360.search.matching import Text
from customer360.search.row import Term, email_term, name_term, phone_term, typo_terms
from customer360.search.words import FEWEST_LETTERS, Run, Token

# So many of the longest words are looked up, and of each no more than so many customers at first.
WORDS = 4
NARROW = 1_000

Ids = frozenset[str]


def found_by_text(index: Index, text: Text, most: int) -> Ids | None:
    """None if they are more than `most`."""
    words = sorted({word for run in text.wanted.runs for token in run.tokens for word in token.words}, key=_width)
    ids = _found(index, text, words[:WORDS], NARROW)
    if ids is None and words:
        ids = _found(index, text, words[:1], most)
    return None if ids is None or len(ids) > most else ids


def _width(word: str) -> tuple[int, str]:
    """The longest word is likely to be the rarest."""
    return -len(word), word


def _found(index: Index, text: Text, words: list[str], limit: int) -> Ids | None:
    """By these words, and all phones; None where some of that has more than `limit` customers."""
    of_word = {word: _terms_of_word(text, word) for word in words}
    of_phone = {digits: [phone_term(digits)] for digits in _phones(text)}
    terms = {term for several in (*of_word.values(), *of_phone.values()) for term in several}
    hits = index.hits_of(terms, limit)

    def looked_up(several: Iterable[Term]) -> Ids | None:
        return _together([_complete(hits[term]) for term in several])

    def of_token(token: Token) -> Ids | None:
        known = [looked_up(of_word[word]) for word in token.words if word in of_word]
        by_words = _narrowest(known) if token.words else frozenset()
        return _together([text.holders.get(token.number, frozenset()), phone(token.digits), by_words])

    def of_run(run: Run) -> Ids | None:
        return _together([phone(run.digits), _narrowest(map(of_token, run.tokens))])

    def phone(digits: str) -> Ids | None:
        return looked_up(of_phone[digits]) if digits in of_phone else frozenset()

    return _together([text.holders.get(text.wanted.number, frozenset()), _narrowest(map(of_run, text.wanted.runs))])


def _terms_of_word(text: Text, word: str) -> list[Term]:
    terms = [name_term(word)]
    if text.sees_contact:
        terms.append(email_term(word))
    if text.takes_typos and len(word) >= FEWEST_LETTERS - 1:
        terms += typo_terms(word)
    return terms


def _phones(text: Text) -> set[str]:
    if not text.sees_contact:
        return set()
    runs = text.wanted.runs
    return {run.digits for run in runs} | {token.digits for run in runs for token in run.tokens} - {""}


def _complete(hits: Hits) -> Ids | None:
    return hits.ids if hits.is_complete else None


def _together(several: Iterable[Ids | None]) -> Ids | None:
    """Of alternatives: all of them; not known if one of them is not."""
    known = list(several)
    return None if None in known else frozenset().union(*(ids for ids in known if ids is not None))


def _narrowest(several: Iterable[Ids | None]) -> Ids | None:
    """Of what must all be found: the fewest that are known."""
    return min((ids for ids in several if ids is not None), key=len, default=None)
