"""How a customer receives e-mails, from the kept totals of their messages."""

from decimal import Decimal
from typing import Literal

from customer360.ratios import percentage
from customer360.storage.heads import Heads
from customer360.storage.keys import MARKETING


def email_rate(heads: Heads, step: Literal["opened", "clicked"]) -> Decimal:
    """How many of the e-mails sent came so far, in percent with one decimal; 0.0 if none was sent."""
    totals = heads.totals(MARKETING)
    return percentage(totals.get(f"{step}:email", Decimal(0)), totals.get("sent:email", Decimal(0)))
