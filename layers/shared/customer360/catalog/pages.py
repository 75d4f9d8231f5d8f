"""A catalog is small enough to be shown whole; whoever asks for a `limit` gets it in pages."""

from customer360.api import cursor as cursors
from customer360.catalog import store
from customer360.catalog.kinds import Kind, folded
from customer360.catalog.table import DefinitionItem


def page(kind: Kind, limit: int | None, cursor: str | None) -> tuple[list[DefinitionItem], str | None]:
    """Definitions by name, and the cursor of the next page. Raises Invalid for a cursor of another list."""
    position = cursors.decode(cursor, kind.plural)
    items = [item for item in store.every(kind) if position is None or _position(item) > position]
    shown = items[:limit] if limit else items
    following = cursors.encode(_position(shown[-1]), kind.plural) if len(shown) < len(items) else None
    return shown, following


def _position(item: DefinitionItem) -> str:
    return f"{folded(item.name)}\0{item.sk}"
