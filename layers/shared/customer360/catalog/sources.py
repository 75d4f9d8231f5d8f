"""Which sources are connected: a source of which no event ever reached this shop does not count in scores."""

import time

from customer360.catalog.table import SHOP, SOURCES, SourcesItem

KEPT_SECONDS = 30.0

_connected: frozenset[str] = frozenset()
_read_at = float("-inf")


def connected_sources() -> frozenset[str]:
    """The sections whose source has sent anything, from memory if read within 30 seconds."""
    global _connected, _read_at  # noqa: PLW0603  one process, one cache
    if time.monotonic() - _read_at > KEPT_SECONDS:
        try:
            _connected = frozenset(SourcesItem.get(SHOP, SOURCES).connected)
        except SourcesItem.DoesNotExist:
            _connected = frozenset()
        _read_at = time.monotonic()
    return _connected


def mark_connected(section: str) -> None:
    """Remembers that the section's source is connected; writes only what this process does not know yet."""
    global _connected  # noqa: PLW0603
    if section not in _connected:
        SourcesItem(SHOP, SOURCES).update(
            actions=[SourcesItem.connected.add({section}), SourcesItem.type.set(SourcesItem)]
        )
        _connected |= {section}
