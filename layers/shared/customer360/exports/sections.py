"""Which sections of a customer's page an export may hold, by role. Pure and light: endpoints ask before they accept."""

from collections.abc import Collection, Sequence
from typing import Final

from customer360.access.policy import READS_SECTION
from customer360.errors import Invalid, NotAllowed

# In the order in which a file has them.
SECTIONS: Final = (
    "profile",
    "metrics",
    "health",
    "churn",
    "segments",
    "tags",
    "orders",
    "loyalty",
    "marketing",
    "support",
    "payments",
    "timeline",
    "analytics",
    "notes",
)

# What it takes to read a section, where it is more than `customers:read`: as at the endpoint that answers it.
NEEDED: Final = {**READS_SECTION, "timeline": "timeline"}


def sections_for(asked: Sequence[str] | None, permissions: Collection[str]) -> tuple[str, ...]:
    """The sections an export is to hold, in their order: those asked for, or else all that the permissions cover.

    Raises Invalid for a name that is none, or for none at all; NotAllowed, naming the permission, for a section that
    was asked for and may not be read.
    """
    if asked is None:
        return tuple(section for section in SECTIONS if needed_for(section) in permissions)
    if unknown := [section for section in asked if section not in SECTIONS]:
        raise Invalid("sections", f"{unknown[0][:64]!r} is none of {', '.join(SECTIONS)}")
    if not asked:
        raise Invalid("sections", "names no section")
    for section in SECTIONS:
        if section in asked and needed_for(section) not in permissions:
            raise NotAllowed(needed_for(section))
    return tuple(section for section in SECTIONS if section in asked)


def needed_for(section: str) -> str:
    """The permission it takes to read a section."""
    return NEEDED.get(section, "customers:read")
