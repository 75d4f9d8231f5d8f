"""How a search is answered: by the narrowest way in, at a cost that depends on the page and never on the shop.

A way in gives rows among which is everybody who matches; whether one does is then decided on the row (`matching`).

terms     who has the narrowest word, phone or order number of the text
members   who has the tag, or is in the segment, that has the fewest
range     who is within a range that is asked of a column, by the index of that column
walk      everybody, in the order that is asked for, until the page is full

The first three give all who match: these are sorted, and the total is exact. The walk looks at the page; and for the
first page, where rows must be looked at to count them, at `MOST` rows or a few more. Where terms or members alone say
who matches, they may count and the walk give the page. docs/search.md explains it.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from customer360.catalog.kinds import SEGMENT_KIND, TAG_KIND
from customer360.search.candidates import found_by_text
from customer360.search.index import SHARDS, Index
from customer360.search.matching import Assigned, Match, Predicate, Range, Text, predicates_of, ranges_of
from customer360.search.query import SearchQuery
from customer360.search.row import Row
from customer360.search.words import wanted_by

# So many rows are looked at for one page at most (and as many more as shards differ in size).
MOST = 10_000
A_SHARD = MOST // SHARDS + 350
# A set so small that no other way in is looked for, and one so large that the walk may fill a page sooner: by then it
# has looked at so many rows at a glance.
FEW, WIDE, GLANCE = 200, 500, 2_000
# Read units of a row by its id, and of one of several in an index.
BY_ID, IN_INDEX = 0.5, 0.06


@dataclass(frozen=True, slots=True)
class Position:
    """Where the page before ended, and what was known then."""

    key: str
    total: int
    is_exact: bool
    takes_typos: bool


@dataclass(frozen=True, slots=True)
class Found:
    """One page; `next` is where the next one begins, None on the last."""

    rows: list[tuple[Row, Match]]
    total: int
    is_exact: bool
    next: Position | None
    way_in: str


class _Way(NamedTuple):
    """A way in, about how many rows it gives, what they cost, and the rows; None if they are too many after all.
    `is_all`: they are exactly those that match, so that nobody needs to be looked at to count them."""

    name: str
    size: int
    units: float
    rows: Callable[[], Iterable[Row] | None]
    is_all: bool = False


@dataclass(frozen=True, slots=True)
class _Search:
    """What is looked for, and in which order."""

    index: Index
    text: Text | None
    ranges: dict[str, Range]
    predicates: list[Predicate]
    sort: Range
    descending: bool

    def match(self, row: Row) -> Match | None:
        if not all(predicate(row) for predicate in self.predicates):
            return None
        if not all(asked.holds(row.sort_key(column)) for column, asked in self.ranges.items()):
            return None
        return self.text.match(row) if self.text else "exact"

    @property
    def takes_all(self) -> bool:
        """Whether the keys of the sorted column decide alone."""
        return not (self.text or self.predicates or self.ranges.keys() - {self.sort.column})

    @property
    def takes_typos(self) -> bool:
        return bool(self.text and self.text.takes_typos)

    def is_beyond(self, key: str, position: Position | None) -> bool:
        if position is None:
            return True
        return key < position.key if self.descending else key > position.key


def find(
    index: Index,
    query: SearchQuery,
    assigned: Assigned,
    *,
    sees_contact: bool,
    limit: int,
    position: Position | None = None,
) -> Found:
    """A page of the customers that match, from `position` on. Names but for a typo only where nothing else matches."""
    text = None
    if query.q:
        wanted = wanted_by(query.q)
        takes_typos = position is not None and position.takes_typos
        text = Text(wanted, index.holders_of(wanted.numbers), sees_contact, takes_typos)
    ranges = ranges_of(query)
    sort = ranges.get(query.sort_column, Range(query.sort_column))
    search = _Search(index, text, ranges, predicates_of(query, assigned), sort, query.is_descending)
    found = _page(search, _ways(search, assigned), limit, position)
    if text and found.total == 0 and found.is_exact and not text.takes_typos:
        search = replace(search, text=replace(text, takes_typos=True))
        return _page(search, _ways(search, assigned), limit, position)
    return found


def _page(search: _Search, ways: Sequence[_Way], limit: int, position: Position | None) -> Found:
    """By the cheapest of the ways; by the walk if there is none, or they give too much, or they are good to count by
    and the walk fills the page sooner."""
    whole = next((way for way in ways if way.is_all and way.size > WIDE), None)
    if whole:
        found = _walked_page(search, limit, position, whole)
        if len(found.rows) == limit or found.next is None or whole.size > MOST:
            return found
    for way in sorted((way for way in ways if way.size <= MOST), key=lambda way: way.units):
        rows = way.rows()
        if rows is not None:
            return _sorted_page(search, rows, way.name, limit, position)
    return _walked_page(search, limit, position)


def _ways(search: _Search, assigned: Assigned) -> list[_Way]:
    """Whatever may be better than the walk."""
    ways = [way for way in (_by_terms(search), _by_members(search, assigned)) if way]
    if any(way.size <= FEW or way.is_all for way in ways):
        return ways
    ways += [_by_range(search, asked) for asked in search.ranges.values() if asked.column != search.sort.column]
    if ways:
        # The walk, too, gives everybody, if there are not too many.
        ways.append(_by_range(search, search.sort))
    return ways


def _by_terms(search: _Search) -> _Way | None:
    ids = found_by_text(search.index, search.text, MOST) if search.text else None
    if search.text is None or ids is None:
        return None
    is_all = search.text.wanted.is_one_word and not (search.takes_typos or search.predicates or search.ranges)
    return _Way("terms", len(ids), len(ids) * BY_ID, lambda: search.index.rows_of(ids), is_all)


def _by_members(search: _Search, assigned: Assigned) -> _Way | None:
    lists = [
        *((TAG_KIND, tag) for tag in assigned.tags),
        *((SEGMENT_KIND, membership) for membership in assigned.memberships),
    ]
    if not lists:
        return None
    sizes = search.index.member_counts(lists)
    (kind, key), size = min(sizes.items(), key=lambda one: one[1])

    def rows() -> list[Row]:
        return search.index.rows_of(search.index.members(kind, key))

    # Of the predicates, being on these lists is one.
    is_all = len(lists) == len(search.predicates) == 1 and not (search.text or search.ranges)
    return _Way(f"members of {kind.noun}", size, size * BY_ID, rows, is_all)


def _by_range(search: _Search, asked: Range) -> _Way:
    size = search.index.estimate(asked, A_SHARD)

    def rows() -> list[Row] | None:
        found, end = search.index.slice_of(asked, A_SHARD, descending=False)
        return None if end else [row for _, row in found]

    return _Way(f"range of {asked.column}", size, size * IN_INDEX, rows)


def _sorted_page(search: _Search, rows: Iterable[Row], name: str, limit: int, position: Position | None) -> Found:
    matches = [(row.sort_key(search.sort.column), row, match) for row in rows if (match := search.match(row))]
    matches.sort(key=lambda one: one[0], reverse=search.descending)
    beyond = [one for one in matches if search.is_beyond(one[0], position)]
    page = beyond[:limit]
    after = _position(search, page[-1][0], len(matches), True) if len(beyond) > limit else None
    return Found([(row, match) for _, row, match in page], len(matches), True, after, name)


def _walked_page(search: _Search, limit: int, position: Position | None, counted: _Way | None = None) -> Found:
    """`counted` says how many there are, if that is known."""
    counts_rows = position is None and counted is None and not search.takes_all
    step = A_SHARD if counts_rows else 2 * limit // SHARDS + 4
    most = GLANCE if counted and counted.size <= MOST else MOST
    matches: list[tuple[str, Row, Match]] = []
    end, looked_at, counted_rows = position.key if position else None, 0, 0
    while True:
        found, end = search.index.slice_of(search.sort, step, descending=search.descending, after=end)
        looked_at += len(found)
        fitting = [(key, row, match) for key, row in found if (match := search.match(row))]
        counted_rows += len(fitting)
        # What comes after the end of the shortest shard may have others before it.
        matches += [one for one in fitting if end is None or not _is_after(search, one[0], end)]
        if end is None or counts_rows or len(matches) > limit or looked_at >= most:
            break
        step = min(2 * step, A_SHARD)
    if counts_rows:
        total, is_exact = counted_rows, end is None
    else:
        total, is_exact = _known_total(search, position, counted)
    page = matches[:limit]
    last = page[-1][0] if len(matches) > limit else end
    after = None if last is None else _position(search, last, total, is_exact)
    by = f"walk by {search.sort.column}" + (f", counted by {counted.name}" if counted else "")
    return Found([(row, match) for _, row, match in page], total, is_exact, after, by)


def _known_total(search: _Search, position: Position | None, counted: _Way | None) -> tuple[int, bool]:
    """How many match, and whether that is exact, without looking at them."""
    if counted:
        return counted.size, True
    return (position.total, position.is_exact) if position else search.index.count(search.sort, A_SHARD)


def _is_after(search: _Search, key: str, end: str) -> bool:
    return key < end if search.descending else key > end


def _position(search: _Search, key: str, total: int, is_exact: bool) -> Position:
    return Position(key, total, is_exact, search.takes_typos)
