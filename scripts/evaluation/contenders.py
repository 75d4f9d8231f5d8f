"""The models that are compared. Each sees a shop until the end of a day, and says who will buy nothing thereafter."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, cached_property
from random import Random
from statistics import median

from customer360.scoring import fitting
from customer360.scoring.churn import probability_of_no_purchase
from customer360.scoring.fitting import Counts, Estimate
from customer360.scoring.learning import Buyer, learn, risks
from customer360.scoring.parameters import DEFAULT, ModelParameters
from evaluation import bg_nbd, watching

OURS = "ours: refitted, with back-test correction"
NOISE = "ours, with engagement and support at random"
UNRELATED = "ours, with visits and tickets unrelated to buying"
SEED = 1
STEPS = ((30, 0.2), (90, 0.4), (180, 0.6))  # days of silence up to which a dashboard's rule says 20, 40, 60 %
LAST_STEP = 0.8  # "no order for 180 days = high"

fit_once = cache(fitting.fit)
fit_bg_nbd_once = cache(bg_nbd.fit)


@dataclass(frozen=True)
class Task:
    """`buyers` are those known on `day`; `window_days` is the length of our back-test windows."""

    buyers: Sequence[Buyer]
    day: date
    horizon_days: int
    window_days: int

    @cached_property
    def learned(self) -> ModelParameters:
        """What ours knows by then."""
        return _learned(self, self.buyers)

    def silences(self) -> list[int]:
        """Days since the last purchase."""
        histories = (buyer.history(self.day.toordinal()) for buyer in self.buyers)
        return [history.age - history.span for history in histories]

    def counts(self) -> Counts:
        return Counts.of(buyer.history(self.day.toordinal()) for buyer in self.buyers)


Contender = Callable[[Task], Sequence[float]]


def ours(task: Task) -> list[float]:
    return risks(task.buyers, task.day, task.learned)


def ours_without_amounts(task: Task) -> list[float]:
    return _ours_with(task, [replace(buyer, spending=()) for buyer in task.buyers])


def ours_without_correction(task: Task) -> list[float]:
    return risks(task.buyers, task.day, replace(task.learned, c0=0.0, c1=0.0, c2=0.0, c3=0.0))


def ours_by_default(task: Task) -> list[float]:
    return risks(task.buyers, task.day, replace(DEFAULT, horizon_days=task.horizon_days))


def ours_with_noise(task: Task) -> list[float]:
    """The worst case: signals of all strengths for everybody, which say nothing."""
    random = Random(SEED)
    return _ours_with(task, [watching.at_random(random, buyer) for buyer in task.buyers])


def ours_with_unrelated_signals(task: Task) -> list[float]:
    """Everybody visits at a rate of their own and asks for help now and then, whatever they buy."""
    random, until = Random(SEED), task.day.toordinal()
    since = until - 2 * task.window_days  # before the first of the windows that are learned from
    return _ours_with(task, [watching.unrelated(random, buyer, since, until) for buyer in task.buyers])


def ours_with_signals(task: Task) -> list[float]:
    """With what the buyers of a generated shop really did."""
    return _ours_with(task, task.buyers)


def ours_without_signals(task: Task) -> list[float]:
    return _ours_with(task, [replace(buyer, touches=(), tickets=()) for buyer in task.buyers])


def recency(task: Task) -> list[float]:
    return [float(silence) for silence in task.silences()]


def recency_over_own_gap(task: Task) -> list[float]:
    """Silence over the customer's mean gap between purchase days; the shop's median such gap for one-time buyers."""
    histories = [buyer.history(task.day.toordinal()) for buyer in task.buyers]
    gaps = [history.span / history.repeats if history.repeats else None for history in histories]
    usual = median([gap for gap in gaps if gap is not None] or [1.0])
    silences = task.silences()
    return [silence / (usual if gap is None else gap) for silence, gap in zip(silences, gaps, strict=True)]


def step_rule(task: Task) -> list[float]:
    return [next((risk for days, risk in STEPS if silence <= days), LAST_STEP) for silence in task.silences()]


def constant(task: Task) -> list[float]:
    """The share that bought nothing in the window before, for everybody; one half if there was nobody before it."""
    start = task.day.toordinal() - task.window_days
    silent = [not buyer.buys_within(start, task.window_days) for buyer in task.buyers if buyer.days[0] <= start]
    return [sum(silent) / len(silent) if silent else 0.5] * len(task.buyers)


def bg_nbd_by_likelihood(task: Task) -> list[float]:
    estimate = fit_bg_nbd_once(task.counts())
    now = task.day.toordinal()
    return [bg_nbd.probability_of_no_purchase(buyer.history(now), estimate, task.horizon_days) for buyer in task.buyers]


def mbg_nbd_by_likelihood(task: Task) -> list[float]:
    r, alpha, a, b = _most_likely(task.counts())
    parameters = ModelParameters(r=r, alpha=alpha, a=a, b=b, horizon_days=task.horizon_days, version="")
    now = task.day.toordinal()
    return [probability_of_no_purchase(buyer.history(now), parameters) for buyer in task.buyers]


RANKS_ONLY: dict[str, Contender] = {
    "days since last purchase": recency,
    "recency over own mean gap": recency_over_own_gap,
}
PROBABILITIES: dict[str, Contender] = {
    OURS: ours,
    "ours, purchase days only (no amounts)": ours_without_amounts,
    "ours, without the correction": ours_without_correction,
    "ours, default parameters": ours_by_default,
    NOISE: ours_with_noise,
    UNRELATED: ours_with_unrelated_signals,
    "step rule, over 180 days = high": step_rule,
    "constant: the share of the last window": constant,
    "BG/NBD, maximum likelihood": bg_nbd_by_likelihood,
    "MBG/NBD, maximum likelihood": mbg_nbd_by_likelihood,
}

# A generated shop is no judge of models that it was not generated for.
OF_GENERATED_SHOPS: dict[str, Contender] = {
    OURS: ours_without_signals,
    NOISE: ours_with_noise,
    UNRELATED: ours_with_unrelated_signals,
    "ours, with visits and tickets that tell who leaves": ours_with_signals,
}


def _ours_with(task: Task, buyers: Sequence[Buyer]) -> list[float]:
    return risks(buyers, task.day, _learned(task, buyers))


def _learned(task: Task, buyers: Sequence[Buyer]) -> ModelParameters:
    in_use = replace(DEFAULT, horizon_days=task.horizon_days)
    return learn(buyers, task.day, in_use=in_use, window_days=task.window_days, fitted_by=fit_once).parameters


@cache
def _most_likely(counts: Counts) -> Estimate:
    return fitting.maximum(lambda estimate: fitting.log_likelihood(counts, estimate))[0]
