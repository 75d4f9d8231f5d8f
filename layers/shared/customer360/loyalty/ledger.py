"""The ledger of a customer's points: what can still be spent, what lapses when, and what changed the tier.

A pure fold over the points transactions in the order of `(at, transactionId)`, so it depends on which there are and
not on how they came:

- Points above zero make a lot. Points below zero take from the lots, the oldest first; what is not there becomes a
  debt, which later lots pay first.
- What is left of a lot lapses at its `expiresAt`, before any transaction of that instant; at once, if the lot was
  recorded when it had expired already.
- An `expired` transaction is the source's word for what has lapsed: it settles that first, the latest lapse first, and
  takes only the rest from the lots. So no points are deducted twice.

Then at any time the balance is the sum of all points recorded, less what has lapsed by then and is not settled.

Instants are text that sorts as time does (`instants.sortable`), as they are kept and listed.
"""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Self

from customer360.loyalty.record import PointsType
from customer360.loyalty.tiers import TierName, tier_of


class Movement(NamedTuple):
    """What of a points transaction the ledger looks at; sorts as the ledger takes them."""

    at: str
    identifier: str
    type: PointsType
    points: int
    expires_at: str | None

    @classmethod
    def listed(cls, summary: Mapping[str, Any]) -> Self:
        """Of a points transaction as lists show it."""
        return cls(summary["date"], summary["id"], summary["type"], summary["points"], summary["expiresAt"])

    @property
    def place(self) -> str:
        return f"{self.at}#{self.identifier}"


class Lot(NamedTuple):
    """Points that can be spent until they lapse; None: never."""

    expires_at: str | None
    points: int


class TierChange(NamedTuple):
    """A transaction that took the points earned across a threshold, and the tiers before and after it."""

    at: str
    identifier: str
    before: TierName
    after: TierName


@dataclass(slots=True)
class Ledger:
    """What the transactions so far leave; no two neighbouring lots lapse at the same time.

    `lapsed` is what is unsettled, oldest first. Whoever reads the ledger, or goes on with it, need not know the oldest
    of it (`loyalty.kept`): to go on it takes the latest, and as many more as the next transaction settles.
    """

    lots: deque[Lot] = field(default_factory=deque)
    debt: int = 0
    lapsed: dict[str, int] = field(default_factory=dict)
    earned: int = 0
    tier_changes: list[TierChange] = field(default_factory=list)
    last: str = ""

    @classmethod
    def of(cls, movements: Iterable[Movement]) -> Self:
        ledger = cls()
        for movement in sorted(movements):
            ledger.record(movement)
        return ledger

    def record(self, movement: Movement) -> None:
        """Goes on by one transaction, which comes after all that are recorded."""
        self._lapse(movement.at)
        if movement.points > 0:
            self._open(movement)
        else:
            due = -movement.points
            self._take(self._settle(due) if movement.type == "expired" else due)
        if movement.type == "earned":
            self._earn(movement)
        self.last = movement.place

    def due(self, at: str) -> bool:
        """Whether a lot lapses between the latest transaction and this instant."""
        return any(_has_lapsed(lot, at) for lot in self.lots)

    @property
    def coming(self) -> dict[str, int]:
        """What the open lots will lapse if nothing is taken from them, the earliest first."""
        return _by_instant(self.lots)

    def balance(self, now: str) -> int:
        """What can be spent at an instant; below zero if more was taken than there was."""
        lasting = sum(lot.points for lot in self.lots if lot.expires_at is None)
        return lasting - self.debt + sum(self.lapsing(now).values())

    def lapsing(self, after: str, until: str | None = None) -> dict[str, int]:
        """What lapses later than one instant, and not later than another, by instant, the earliest first.

        A transaction dated ahead of its time counts already, and what has lapsed when it comes has not lapsed yet.
        """
        every = (self.lapsed | self.coming).items()
        return {at: points for at, points in every if at > after and (until is None or at <= until)}

    def _lapse(self, at: str) -> None:
        if not self.due(at):
            return
        for instant, points in _by_instant(lot for lot in self.lots if _has_lapsed(lot, at)).items():
            self.lapsed[instant] = points
        lots, self.lots = self.lots, deque()
        for lot in lots:
            if not _has_lapsed(lot, at):
                self._append(lot)

    def _open(self, movement: Movement) -> None:
        paid = min(self.debt, movement.points)
        self.debt -= paid
        lot = Lot(movement.expires_at, movement.points - paid)
        if not lot.points:
            return
        if _has_lapsed(lot, movement.at):
            self.lapsed[movement.at] = self.lapsed.get(movement.at, 0) + lot.points
        else:
            self._append(lot)

    def _append(self, lot: Lot) -> None:
        if self.lots and self.lots[-1].expires_at == lot.expires_at:
            lot = lot._replace(points=self.lots.pop().points + lot.points)
        self.lots.append(lot)

    def _settle(self, points: int) -> int:
        """Takes points from what has lapsed; gives those that are left."""
        while points and self.lapsed:
            instant, lapsed = self.lapsed.popitem()
            settled = min(points, lapsed)
            points -= settled
            if lapsed > settled:
                self.lapsed[instant] = lapsed - settled
        return points

    def _take(self, points: int) -> None:
        while points and self.lots:
            lot = self.lots.popleft()
            taken = min(points, lot.points)
            points -= taken
            if lot.points > taken:
                self.lots.appendleft(lot._replace(points=lot.points - taken))
        self.debt += points

    def _earn(self, movement: Movement) -> None:
        before = tier_of(self.earned)
        self.earned += movement.points
        after = tier_of(self.earned)
        if after != before:
            self.tier_changes.append(TierChange(movement.at, movement.identifier, before, after))


def _has_lapsed(lot: Lot, at: str) -> bool:
    return lot.expires_at is not None and lot.expires_at <= at


def _by_instant(lots: Iterable[Lot]) -> dict[str, int]:
    """The points that lapse, by instant, the earliest first."""
    sums: dict[str, int] = {}
    for instant, points in sorted((lot.expires_at, lot.points) for lot in lots if lot.expires_at is not None):
        sums[instant] = sums.get(instant, 0) + points
    return sums
