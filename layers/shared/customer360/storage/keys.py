"""The sort keys of a customer's item collection."""

HEAD = "HEAD#"
COMMIT = "HEAD#COMMIT"
PROFILE = "HEAD#PROFILE"
METRICS = "HEAD#METRICS"
LOYALTY = "HEAD#LOYALTY"
POINTS = "HEAD#POINTS"
MARKETING = "HEAD#MARKETING"
SUPPORT = "HEAD#SUPPORT"
PAYMENTS = "HEAD#PAYMENTS"
BEHAVIOUR = "HEAD#BEHAVIOUR"
SCORES = "HEAD#SCORES"
TAG = "HEAD#TAG#"
SEGMENT = "HEAD#SEGMENT#"
CATEGORIES = "CATEGORIES#"
SIGNALS = "SIGNALS#"
SCORE = "SCORE#"
NOTICE = "NOTICE#"
OUTBOX = "OUTBOX#"
LEDGER = "LEDGER"
LAPSES = "LAPSES#"
NOTE = "NOTE#"
EVENT = "EVENT#"
HELD = "HELD#"

# The section of the page that shows what a head keeps.
SECTIONS = {
    METRICS: "metrics",
    POINTS: "loyalty",
    MARKETING: "marketing",
    SUPPORT: "support",
    PAYMENTS: "payments",
    BEHAVIOUR: "analytics",
}


def partition(customer_id: str) -> str:
    return f"CUSTOMER#{customer_id}"


def section_of(totals: str) -> str | None:
    """The section of the page that shows the totals under a sort key; None for what only the scores use."""
    return "analytics" if totals.startswith(CATEGORIES) else SECTIONS.get(totals)
