"""Which categories come first, for who may see revenue and who may not."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from customer360.analytics.ranking import SHOWN, Category, categories_of, ranking_of

# Few different figures, so that ties are the rule; names with colons, as the kept totals separate by one.
figures = st.integers(0, 3).map(Decimal)
units = st.sampled_from([Decimal(0), Decimal("0.5"), Decimal(1), Decimal("1.5")])
revenues = st.sampled_from([Decimal("-1.00"), Decimal(0), Decimal("0.01"), Decimal("99.90")])
names = st.text("ab:é", min_size=1, max_size=3)
categories = st.lists(
    st.builds(Category, names, figures, units, revenues), max_size=40, unique_by=lambda category: category.name
)


def ids(ranked: list[Category]) -> list[str]:
    return [category.name for category in ranked]


def first_of(categories: list[Category], *measures: str) -> list[str]:
    """The names in order of the measures, greatest first, by sorting once for each: naively, and by another way."""
    ranked = sorted(categories, key=lambda category: category.name)
    for measure in reversed(measures):
        ranked.sort(key=lambda category: getattr(category, measure), reverse=True)
    return ids(ranked)[:SHOWN]


@given(categories)
def test_who_sees_revenue_gets_the_greatest_revenue_first(categories: list[Category]) -> None:
    ranking = ranking_of(categories, sees_revenue=True)
    assert ids(ranking.top) == first_of(categories, "revenue", "views")
    bought = [category for category in categories if category.units]
    assert ids(ranking.purchased) == first_of(bought, "units", "revenue")


@given(categories)
def test_who_does_not_gets_the_most_bought_first(categories: list[Category]) -> None:
    ranking = ranking_of(categories, sees_revenue=False)
    assert ids(ranking.top) == first_of(categories, "units", "views")
    bought = [category for category in categories if category.units]
    assert ids(ranking.purchased) == first_of(bought, "units")


@given(categories, st.booleans())
def test_what_was_never_viewed_is_not_among_the_viewed(categories: list[Category], sees_revenue: bool) -> None:
    viewed = ranking_of(categories, sees_revenue=sees_revenue).viewed
    assert ids(viewed) == first_of([category for category in categories if category.views], "views")


@given(categories, st.data())
def test_without_revenue_no_order_tells_of_it(categories: list[Category], data: st.DataObject) -> None:
    others = [Category(each.name, each.views, each.units, data.draw(revenues)) for each in categories]
    one, other = (ranking_of(each, sees_revenue=False) for each in (categories, others))
    for name in ("top", "viewed", "purchased"):
        assert ids(getattr(one, name)) == ids(getattr(other, name))


@given(categories, st.data())
def test_the_order_they_are_kept_in_does_not_matter(categories: list[Category], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(categories))
    assert ranking_of(shuffled, sees_revenue=True) == ranking_of(categories, sees_revenue=True)


@given(categories)
def test_categories_are_read_from_totals_wherever_those_stand(categories: list[Category]) -> None:
    kept: list[dict[str, Decimal]] = [{} for _ in range(3)]
    for number, category in enumerate(categories):
        measures = {"views": category.views, "units": category.units, "revenue": category.revenue}
        kept[number % 3] |= {f"{name}:{category.name}": amount for name, amount in measures.items() if amount}
    found = sorted(categories_of(kept), key=lambda category: category.name)
    something = [category for category in categories if category != Category(category.name)]
    assert found == sorted(something, key=lambda category: category.name)
