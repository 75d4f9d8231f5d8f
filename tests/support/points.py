"""What points transactions leave, worked out naively: a heap of packets that transactions put on and take from.

It keeps nothing from one question to the next and shares no code with the product. Instants are anything that sorts.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

THRESHOLDS = (("platinum", 10_000), ("gold", 5_000), ("silver", 1_000))


@dataclass(frozen=True)
class Transaction:
    at: Any
    identifier: str
    type: str
    points: int
    expires_at: Any = None


@dataclass
class Packet:
    points: int
    expires_at: Any
    lapses_at: Any


class Points:
    """Any number of transactions, in any order."""

    def __init__(self, transactions: Iterable[Transaction]) -> None:
        self.transactions = sorted(transactions, key=lambda each: (each.at, each.identifier))
        self.debt = 0
        self.packets: list[Packet] = []
        for transaction in self.transactions:
            if transaction.points > 0:
                self._put(transaction)
            else:
                self._take(transaction)

    def _put(self, new: Transaction) -> None:
        paid = min(self.debt, new.points)
        self.debt -= paid
        lapses_at = None if new.expires_at is None else max(new.at, new.expires_at)
        self.packets.append(Packet(new.points - paid, new.expires_at, lapses_at))

    def _take(self, transaction: Transaction) -> None:
        lapsed, remaining = self._parted(transaction.at)
        settled = sorted(lapsed, key=lambda packet: packet.lapses_at, reverse=True)
        due = -transaction.points
        for packet in [*(settled if transaction.type == "expired" else []), *remaining]:
            taken = min(due, packet.points)
            packet.points -= taken
            due -= taken
        self.debt += due

    def _parted(self, now: Any) -> tuple[list[Packet], list[Packet]]:
        """What has lapsed by now, and what has not."""
        lapsed = [packet for packet in self.packets if packet.lapses_at is not None and packet.lapses_at <= now]
        return lapsed, [packet for packet in self.packets if packet not in lapsed]

    @property
    def recorded(self) -> int:
        return sum(transaction.points for transaction in self.transactions)

    def balance(self, now: Any) -> int:
        return self.recorded - sum(self.lapses(now).values())

    def lapses(self, now: Any, after: Any = None) -> dict[Any, int]:
        """What lapses by now (and later than `after`) and no transaction settles, by instant."""
        sums: defaultdict[Any, int] = defaultdict(int)
        for packet in self._parted(now)[0]:
            if packet.points and (after is None or packet.lapses_at > after):
                sums[packet.lapses_at] += packet.points
        return dict(sums)

    @property
    def open(self) -> list[tuple[Any, int]]:
        """What has not lapsed at the last transaction, oldest first, by when it does."""
        left = self._parted(self.transactions[-1].at)[1] if self.transactions else []
        runs = groupby((packet for packet in left if packet.points), key=lambda packet: packet.expires_at)
        return [(expires_at, sum(packet.points for packet in run)) for expires_at, run in runs]

    @property
    def tier_changes(self) -> list[tuple[Any, str, str, str]]:
        """When and by which transaction the points earned crossed a threshold, and the tiers before and after."""
        earned, changes = 0, []
        for each in self.transactions:
            if each.type == "earned":
                before, after = _tier(earned), _tier(earned + each.points)
                earned += each.points
                if before != after:
                    changes.append((each.at, each.identifier, before, after))
        return changes


def _tier(earned: int) -> str:
    return next((name for name, threshold in THRESHOLDS if earned >= threshold), "bronze")
