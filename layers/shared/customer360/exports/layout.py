"""How a section or a list of the page becomes a table: its columns, and which of them a role has something in. Pure."""

from dataclasses import dataclass

from customer360.api.schema import Response, models_in, needed_for
from customer360.exports.document import Column


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of a section's own values, or of one of its tables, whose rows are answers of the `model`.

    In the rows of a table that is part of another (`orders.lines`), `of` is the row it is part of.
    """

    name: str
    title: str
    model: type[Response]
    columns: tuple[Column, ...]

    def seen_with(self, permissions: frozenset[str]) -> tuple[Column, ...]:
        """The columns that are not hidden from a role."""
        return tuple(column for column in self.columns if needed_at(self.model, column.key) <= permissions)


@dataclass(frozen=True, slots=True)
class SectionLayout:
    """`own` is None for a section that is nothing but a list."""

    title: str
    own: Layout | None
    tables: tuple[Layout, ...] = ()


def needed_at(model: type[Response], path: str) -> set[str]:
    """The permissions without which there is nothing at a path of names as answers have them."""
    name, _, rest = path.partition(".")
    for field_name, field in model.model_fields.items():
        if name in {field.alias, field_name}:
            within = [needed_at(nested, rest) for nested, _ in models_in(field.annotation)]
            return needed_for(field).union(*within)
    return set()
