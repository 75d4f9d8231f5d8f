"""The churn models of the shop: every version of its parameters, and which one is in use.

Guarantees: a version never changes. Its parameters are stored before it comes into use, so what is in use can always be
read, whenever a refit dies. No refit takes the place of a later day's, or of a good one of its own day, in whatever
order and however often refits end.
"""

import time
from datetime import date
from typing import TYPE_CHECKING

from customer360.scores.table import MODELS, ModelItem, RefitItem
from customer360.scoring.parameters import DEFAULT, FAMILY, ModelParameters

if TYPE_CHECKING:  # every page reads the parameters in use, and none of them learns any
    from customer360.scoring.back_testing import BackTest
    from customer360.scoring.learning import Learned

KEPT_SECONDS = 30.0

_versions: dict[str, ModelParameters] = {DEFAULT.version: DEFAULT}
_current = DEFAULT
_read_at = float("-inf")


def current() -> ModelParameters:
    """Those in use, from memory if read within 30 seconds; the default ones until a fit was good enough."""
    global _current, _read_at  # noqa: PLW0603  one process, one cache
    if time.monotonic() - _read_at > KEPT_SECONDS:
        _current = in_use(RefitItem.find())
        _read_at = time.monotonic()
    return _current


def in_use(refit: RefitItem | None) -> ModelParameters:
    """Those that the latest refit left in use."""
    if refit is None or refit.version is None:
        return DEFAULT
    return _versions.get(refit.version) or _kept(find(refit.version))


def of_version(version: str) -> ModelParameters | None:
    """Those of a version, read once by a process; None if there is no such version."""
    try:
        return _versions.get(version) or _kept(find(version))
    except ModelItem.DoesNotExist:
        return None


def find(version: str) -> ModelItem:
    """A version that is there."""
    return ModelItem.get(MODELS, version, consistent_read=True)


def newest_by(day: date) -> ModelParameters:
    """The latest version that knew nothing of what happened after `day`; the default one if there was none."""
    until = ModelItem.sk <= f"{FAMILY}{day.isoformat()}-~"
    for item in ModelItem.query(MODELS, until, scan_index_forward=False, limit=1, consistent_read=True):
        return _kept(item)
    return DEFAULT


def store(day: date, learned: "Learned", customers: int, back_test: "BackTest | None") -> bool:
    """Keeps what the refit of `day` came to: new parameters, fitted to so many customers, come into use; with a refusal
    those in use stay. Gives False, and nothing changes, if a refit that counts more was faster."""
    version = None if learned.refusal else learned.parameters.version
    if version:
        ModelItem(MODELS, version, parameters=learned.parameters.to_json(), fitted_on=day, customers=customers).keep()
    return RefitItem.move_on(day, version=version, refusal=learned.refusal, back_test=back_test and back_test.to_json())


def _kept(item: ModelItem) -> ModelParameters:
    _versions[item.sk] = ModelParameters.from_json(item.parameters)
    return _versions[item.sk]
