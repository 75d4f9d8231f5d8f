"""A catalog is small enough to be shown whole; whoever asks for a `limit` gets it in pages."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from customer360.api import cursor as cursors
from customer360.catalog import store
from customer360.catalog.kinds import Kind, folded
from customer360.catalog.table import DefinitionItem

Item = TypeVar("Item")


def page(kind: Kind, limit: int | None, cursor: str | None) -> tuple[list[DefinitionItem], str | None]:
    """Definitions by name, and the cursor of the next page. Raises Invalid for a cursor of another list."""
    return part(store.every(kind), _position, limit, cursor, kind.plural)


def part(
    items: Sequence[Item], position_of: Callable[[Item], str], limit: int | None, cursor: str | None, *scope: str
) -> tuple[list[Item], str | None]:
    """Those of a whole list, which stands in order of its positions, behind a cursor of the list that `scope` names;
    and the cursor of the next page."""
    position = cursors.decode(cursor, *scope)
    left = [item for item in items if position is None or position_of(item) > position]
    shown = left[:limit] if limit else left
    following = cursors.encode(position_of(shown[-1]), *scope) if len(shown) < len(left) else None
    return shown, following


def _position(item: DefinitionItem) -> str:
    return f"{folded(item.name)}\0{item.sk}"
