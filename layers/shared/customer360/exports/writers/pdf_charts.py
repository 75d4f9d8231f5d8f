"""Charts of a PDF, drawn with lines and boxes: columns over time, and the bars of what makes up a score."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from math import ceil, floor, log10
from typing import Any, NamedTuple

from customer360.exports.writers.pdf_paper import ACCENT, INK, MARGIN, MUTED, STRIPE, Paper
from customer360.exports.writers.pdf_values import MONTHS, Values, counted, grouped, money
from customer360.money import converted
from customer360.orders.record import COMPLETED

SMALL = 7.0
SMALLEST = 4.5  # below which nobody reads a number, and none is put on any column
RECENT_MONTHS = 24
MOST_YEARS = 12


class Frame(NamedTuple):
    """Where a chart goes, with its title and its labels."""

    x: float
    y: float
    width: float
    height: float


class Spending:
    """What orders add up to by month, counted as the metrics count: completed ones, in the shop's currency."""

    def __init__(self, values: Values, within: str = "") -> None:
        """`within` is what the orders are limited to, in words to go on with."""
        self._values = values
        self._within = within
        self._by_month: dict[date, Decimal] = {}
        self._orders = 0
        self._without_rate = 0

    def add(self, order: Mapping[str, Any]) -> None:
        """Count an order as the API answers it."""
        if order.get("status") not in COMPLETED or order.get("total") is None:
            return
        is_foreign = order["currency"] != self._values.currency
        rate = order.get("exchangeRate") if is_foreign else None
        if is_foreign and rate is None:
            self._without_rate += 1
            return
        total = converted(
            Decimal(str(order["total"])), None if rate is None else Decimal(str(rate)), self._values.currency
        )
        month = self._values.month(order["date"])
        self._by_month[month] = self._by_month.get(month, Decimal()) + total
        self._orders += 1

    @property
    def caption(self) -> str:
        """What the charts show, in a sentence."""
        total = money(sum(self._by_month.values(), Decimal()), self._values.currency)
        left_out = ""
        if self._without_rate:
            left_out = f" {self._without_rate:,} in another currency, without a rate, are left out."
        return (
            f"{total} in {counted(self._orders, 'completed order')}{self._within}, by the day they were placed "
            f"({self._values.zone.key}).{left_out}"
        )

    def draw(self, paper: Paper, frame: Frame) -> None:
        """The months of the last two years that have any, and beside them all years."""
        currency = self._values.currency
        if not self._by_month:
            paper.box(frame.x, frame.y, frame.width, frame.height, STRIPE)
            middle = frame.x + frame.width / 2, frame.y + frame.height / 2
            paper.put(*middle, f"No completed orders{self._within}.", 8.5, color=MUTED, align="C")
            return
        paper.put(frame.x, frame.y + frame.height - 2, self.caption, SMALL, color=MUTED)
        frame = frame._replace(height=frame.height - 14)
        wide = frame.width * 0.66
        months, years = self._recent_months(), self._years()
        labels = [f"{MONTHS[month.month - 1]} {month.year}" for month in months]
        draw_columns(
            paper, frame._replace(width=wide), f"Spending by month, {currency}", labels, list(months.values()), grouped
        )
        beside = frame._replace(x=frame.x + wide + 18, width=frame.width - wide - 18)
        draw_columns(
            paper, beside, f"By year, {currency}", [str(year) for year in years], list(years.values()), grouped
        )

    def _recent_months(self) -> dict[date, Decimal]:
        last = max(self._by_month)
        index = last.year * 12 + last.month - 1
        first = min(self._by_month)
        begin = max(first.year * 12 + first.month - 1, index - RECENT_MONTHS + 1)
        months = (date(at // 12, at % 12 + 1, 1) for at in range(begin, index + 1))
        return {month: self._by_month.get(month, Decimal()) for month in months}

    def _years(self) -> dict[int, Decimal]:
        last = max(self._by_month).year
        years = dict.fromkeys(range(max(min(self._by_month).year, last - MOST_YEARS + 1), last + 1), Decimal())
        for month, amount in self._by_month.items():
            if month.year in years:
                years[month.year] += amount
        return years


def draw_columns(
    paper: Paper,
    frame: Frame,
    title: str,
    labels: Sequence[str],
    amounts: Sequence[Decimal],
    shown: Callable[[Decimal], str],
) -> None:
    """Columns from zero, with a scale on the left and as many of the labels below as do not touch."""
    paper.put(frame.x, frame.y + 9, title, 8.5, bold=True, color=ACCENT)
    top, bottom = frame.y + 22, frame.y + frame.height - 14
    step, most = scale(max(amounts), is_whole=all(amount == int(amount) for amount in amounts))
    ticks = [step * at for at in range(int(most / step) + 1)]
    left = frame.x + max(paper.width_of(shown(tick), SMALL) for tick in ticks) + 5
    for tick in ticks:
        y = bottom - float(tick / most) * (bottom - top)
        paper.put(left - 5, y + 2.4, shown(tick), SMALL, color=MUTED, align="R")
        paper.stroke(left, y, frame.x + frame.width, y)
    slot = (frame.x + frame.width - left) / len(amounts)
    thick = min(slot * 0.7, 34)
    size = min(SMALL, SMALL * (slot - 1) / max(paper.width_of(shown(amount), SMALL) for amount in amounts))
    every = ceil(max(paper.width_of(label, SMALL) for label in labels) * 1.25 / slot)
    for at, (label, amount) in enumerate(zip(labels, amounts, strict=True)):
        middle = left + (at + 0.5) * slot
        high = max(0.0, float(amount / most)) * (bottom - top)
        if high:
            paper.box(middle - thick / 2, bottom - high, thick, high, ACCENT)
        if amount and size >= SMALLEST:
            paper.put(middle, bottom - high - 3, shown(amount), size, color=INK, align="C")
        # Counted from the last, which is the one people look for.
        if (len(labels) - 1 - at) % every == 0:
            paper.put(middle, bottom + 10, label, SMALL, color=MUTED, align="C")


def scale(most: Decimal, *, is_whole: bool = False) -> tuple[Decimal, Decimal]:
    """The step of a scale from zero, 1, 2 or 5 times a power of ten, and its end: at most five steps, above `most`. Of
    whole things there is no half."""
    if most <= 0:
        return Decimal(1), Decimal(1)
    power = Decimal(10) ** floor(log10(most / 5))
    step = next(power * times for times in (1, 2, 5, 10) if power * times * 5 >= most)
    step = max(Decimal(1), step) if is_whole else step
    return step, step * ceil(most / step)


def draw_shares(
    paper: Paper, rows: Sequence[tuple[str, str, Decimal]], *, up: tuple[int, int, int], down: tuple[int, int, int]
) -> None:
    """A bar for each of (name, remark, points), all from one line: to the right what adds, to the left what takes."""
    name_width = max(paper.width_of(name, 8.5) for name, _, _ in rows) + 12
    remark_width = max(paper.width_of(remark, SMALL) for _, remark, _ in rows) + 12
    left, right = MARGIN + name_width + 34, MARGIN + paper.width - remark_width - 34
    most = max((abs(points) for _, _, points in rows), default=Decimal()) or Decimal(1)
    has_negative = any(points < 0 for _, _, points in rows)
    zero = (left + right) / 2 if has_negative else left
    reach = (right - zero) / float(most)
    paper.make_room(15.0 * len(rows) + 4)
    top = paper.y
    for name, remark, points in rows:
        length = float(points) * reach
        paper.put(MARGIN, paper.y + 9.5, name, 8.5)
        if length:
            paper.box(min(zero, zero + length), paper.y + 2, abs(length), 9, up if length > 0 else down)
        label = f"{grouped(points)}" if points <= 0 else f"+{grouped(points)}"
        at, align = (zero + length - 4, "R") if points < 0 else (zero + length + 4, "L")
        paper.put(at, paper.y + 9.5, label, 8, bold=True, color=INK, align=align)
        paper.put(MARGIN + paper.width, paper.y + 9.5, remark, SMALL, color=MUTED, align="R")
        paper.y += 15
    paper.stroke(zero, top, zero, paper.y - 2, MUTED)
    paper.y += 4
