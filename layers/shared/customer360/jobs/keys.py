"""Partitions of the `jobs` table that Powertools writes, and an erasure has to find."""

ANSWERS = "IDEMPOTENCY"


def answers_of(customer_id: str) -> str:
    """That of answers about one customer, so that they can be erased together."""
    return f"{ANSWERS}#{customer_id}"
