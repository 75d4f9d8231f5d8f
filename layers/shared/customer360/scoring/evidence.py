"""Which sections of a customer's page show the records behind each factor of the two scores."""

from collections.abc import Mapping
from typing import Final

SECTIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "purchase": ("orders",),
    "recency": ("orders",),
    "engagement": ("marketing", "analytics"),
    "support": ("support",),
    "reference_new_customer": (),  # the model's own value, with nobody's records behind it
    "purchase_history": ("orders",),
    "silence": ("orders",),
}
