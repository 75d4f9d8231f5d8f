"""What a shop's churn model knows: one immutable, versioned set of numbers."""

import json
import math
from dataclasses import asdict, dataclass, replace
from datetime import date
from decimal import Decimal
from hashlib import sha256

FAMILY = "mbgnbd-"  # what a version begins with; its day follows, so that versions sort by it
FLATTEST = 0.1  # 1 + c1 at least: a correction may flatten the model's ranking, never level or reverse it


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelParameters:
    """The MBG/NBD parameters of one shop, its back-test correction and its median spend.

    `r`, `alpha` (days): gamma distribution of purchase rates. `a`, `b`: beta distribution of the chance to leave
    after a purchase. All four are positive. `c0`, `c1`, `c2`, `c3`: correction of the log-odds for level, slope,
    purchase days and spend, zero when there is none; `c1` is at least -0.9, else the correction would level or
    reverse the model's ranking, and `c3` at most 0: who spends more is never more at risk for it. `median_spend`:
    the shop's median over its buyers of the last 365 days' spend, in the shop's currency; None when not known.
    `engagement_strength`, `support_strength`: how much of their effect on churn risk these have in this shop, from 0,
    where they say nothing of who buys again, to 1, which is all of it and what is assumed until a shop knows better.

    Raises ValueError for numbers that are none of these.
    """

    r: float
    alpha: float
    a: float
    b: float
    c0: float = 0.0
    c1: float = 0.0
    c2: float = 0.0
    c3: float = 0.0
    horizon_days: int = 90
    version: str
    median_spend: Decimal | None = None
    engagement_strength: float = 1.0
    support_strength: float = 1.0

    def __post_init__(self) -> None:
        positive = (self.r, self.alpha, self.a, self.b, self.horizon_days)
        if not all(value > 0 and math.isfinite(value) for value in positive):
            raise ValueError("r, alpha, a, b and the horizon must be positive")
        if not all(map(math.isfinite, (self.c0, self.c1, self.c2, self.c3))):
            raise ValueError("the correction must be finite")
        if self.c1 < FLATTEST - 1 or self.c3 > 0:
            raise ValueError("c1 must be at least -0.9 and c3 at most 0")
        if not all(0 <= strength <= 1 for strength in (self.engagement_strength, self.support_strength)):
            raise ValueError("the strengths must be from 0 to 1")

    def named_on(self, day: date) -> "ModelParameters":
        """These numbers, with the version `mbgnbd-<day>-<first 8 hex digits of their SHA-256>`: same numbers and day,
        same version."""
        numbers = replace(self, version="").to_json().encode()
        return replace(self, version=f"{FAMILY}{day.isoformat()}-{sha256(numbers).hexdigest()[:8]}")

    def to_json(self) -> str:
        """All numbers, exactly: floats by their shortest exact digits, money as text."""
        spend = None if self.median_spend is None else str(self.median_spend)
        return json.dumps(asdict(self) | {"median_spend": spend}, allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> "ModelParameters":
        """An equal one of what `to_json` wrote, with all of their strength where there was none of it yet; raises
        ValueError for numbers that are no parameters."""
        values = json.loads(text)
        spend = values.pop("median_spend")
        return cls(**values, median_spend=None if spend is None else Decimal(spend))


DEFAULT = ModelParameters(r=1.0, alpha=40.0, a=0.3, b=1.5, version=f"{FAMILY}default-1")
