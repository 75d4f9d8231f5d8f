"""What a shop's churn model knows: one immutable, versioned set of numbers."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelParameters:
    """The MBG/NBD parameters of one shop, its back-test correction and its median spend.

    `r`, `alpha` (days): gamma distribution of purchase rates. `a`, `b`: beta distribution of the chance to leave
    after a purchase. All four are positive. `c0`, `c1`, `c2`: correction of the log-odds, zero when there is none;
    `c1` above -1, else the correction would reverse the model's ranking. `median_spend`: the shop's median over its
    buyers of the last 365 days' spend, in the shop's currency; None when it is not known.
    """

    r: float
    alpha: float
    a: float
    b: float
    c0: float = 0.0
    c1: float = 0.0
    c2: float = 0.0
    horizon_days: int = 90
    version: str
    median_spend: Decimal | None = None


DEFAULT = ModelParameters(r=1.0, alpha=40.0, a=0.3, b=1.5, version="mbgnbd-default-1")
