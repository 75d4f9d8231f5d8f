"""Who may do what: one table of role → permissions. Whatever it does not grant is refused."""

from typing import Final

VIEWER: Final = frozenset({"customers:read", "search", "compare", "timeline"})
SUPPORT: Final = VIEWER | {
    "contact:read",
    "payments:read",
    "marketing:read",
    "notes:read",
    "notes:write",
    "tags:assign",
    "actions:email",
    "actions:ticket",
    "exports:create",
}
MANAGER: Final = SUPPORT | {
    "financials:read",
    "notes:read-managers",
    "segments:assign",
    "tags:manage",
    "segments:manage",
    "actions:points",
    "exports:bulk",
}
ADMIN: Final = MANAGER | {"audit:read", "ingestion:manage", "customers:erase"}

# From the least to the most powerful: an admin in several groups has the last one's role.
ROLES: Final[dict[str, frozenset[str]]] = {
    "viewer": VIEWER,
    "support": SUPPORT,
    "manager": MANAGER,
    "admin": ADMIN,
}
PERMISSIONS: Final = ADMIN

# An order's or a transaction's own amounts: support needs them to resolve issues, sums are financials.
AMOUNTS: Final = "payments:read"

# What it takes to see a section of a customer's page, where it is more than to see the page.
READS_SECTION: Final = {"marketing": "marketing:read", "notes": "notes:read", "payments": "payments:read"}

# Who may see a note, by its visibility; and who may change those of others.
READS_NOTES: Final = {"team": "notes:read", "managers": "notes:read-managers"}
MODERATES_NOTES: Final = "notes:read-managers"

# Who may read e-mail addresses and phone numbers.
READS_CONTACT: Final = "contact:read"

# Who is told how a request was answered, and at what cost.
SEES_COST: Final = "ingestion:manage"

# Who may delete a view that somebody else shares.
MODERATES_VIEWS: Final = "segments:manage"

# Who may have the exports of others.
READS_ALL_EXPORTS: Final = "audit:read"


def highest_role(groups: list[str]) -> str | None:
    """The most powerful role among the groups, None if none of them is a role."""
    return next((role for role in reversed(ROLES) if role in groups), None)
