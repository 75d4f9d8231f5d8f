"""Which categories a customer looks at and buys from most."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from heapq import nsmallest

SHOWN = 10


@dataclass(frozen=True, slots=True)
class Category:
    """What is kept of one category: views, units bought, and revenue in the shop's currency."""

    name: str
    views: Decimal = Decimal(0)
    units: Decimal = Decimal(0)
    revenue: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Ranking:
    """At most ten each, the first first."""

    top: list[Category]
    viewed: list[Category]
    purchased: list[Category]


def categories_of(totals: Iterable[Mapping[str, Decimal]]) -> list[Category]:
    """The categories of kept totals named `views:`, `units:` and `revenue:` + category."""
    found: dict[str, dict[str, Decimal]] = {}
    for kept in totals:
        for key, number in kept.items():
            measure, _, name = key.partition(":")
            found.setdefault(name, {})[measure] = number
    return [Category(name, **measures) for name, measures in found.items()]


def ranking_of(categories: list[Category], *, sees_revenue: bool) -> Ranking:
    """Equals stand by name. The order of the lists, too, tells of revenue only to those who may see it."""

    def by_worth(category: Category) -> tuple[Decimal | str, ...]:
        worth = category.revenue if sees_revenue else category.units
        return -worth, -category.views, category.name

    def by_views(category: Category) -> tuple[Decimal | str, ...]:
        return -category.views, category.name

    def by_units(category: Category) -> tuple[Decimal | str, ...]:
        return -category.units, -category.revenue if sees_revenue else Decimal(0), category.name

    return Ranking(
        top=nsmallest(SHOWN, categories, by_worth),
        viewed=nsmallest(SHOWN, (category for category in categories if category.views > 0), by_views),
        purchased=nsmallest(SHOWN, (category for category in categories if category.units > 0), by_units),
    )
