"""BG/NBD by maximum likelihood, the model most shops would start with: here to compare with, not in the product.

Fader, Hardie & Lee (2005), "Counting your customers the easy way: an alternative to the Pareto/NBD model", Marketing
Science 24(2). With s(t) as in `customer360.scoring.churn` and g = a/(b+x-1) for x > 0, 0 for x = 0,

    L = G(r+x)/G(r) alpha^r B(a, b+x)/B(a, b) (alpha+tx)^-(r+x) (s(T) + g)
    P(no purchase in the next H days) = (s(T+H) + g) / (s(T) + g)

since a customer may leave only after a repeat purchase. That is why it forgives one-time buyers everything.
"""

from math import exp, lgamma, log

from customer360.scoring.fitting import Counts, Estimate, maximum
from customer360.scoring.inputs import History

DAYS_OF_WEEK = 7


def fit(counts: Counts) -> Estimate:
    """The maximum likelihood estimate (alpha in days), or the best one within wide bounds where there is none."""
    return maximum(lambda estimate: log_likelihood(counts, estimate), precision=1e-5)[0]


def log_likelihood(counts: Counts, estimate: Estimate) -> float:
    """ln L over all customers, ages in days."""
    r, alpha, a, b = estimate
    logs = [log(alpha + age) for age in counts.ages]
    total = counts.customers * (r * log(alpha) - lgamma(r) + lgamma(a + b) - lgamma(b))
    for repeats, customers, members in counts.groups:
        m = r + repeats
        total += customers * (lgamma(m) + lgamma(b + repeats) - lgamma(a + b + repeats))
        if repeats:
            g = a / (b + repeats - 1)
            total += sum([n * (log(exp(m * (logs[tx] - logs[T])) + g) - m * logs[tx]) for n, tx, T in members])
        else:
            total -= m * sum([n * logs[T] for n, _, T in members])
    return total


def in_weeks(counts: Counts, estimate: Estimate) -> tuple[Estimate, float]:
    """The estimate and its log-likelihood as they are with ages in weeks: a density per week is 7 times one per day."""
    log_density = log_likelihood(counts, estimate) + counts.repeats * log(DAYS_OF_WEEK)
    return estimate._replace(alpha=estimate.alpha / DAYS_OF_WEEK), log_density


def probability_of_no_purchase(history: History, estimate: Estimate, horizon_days: int) -> float:
    r, alpha, a, b = estimate
    x, tx, age = history
    g = a / (b + x - 1) if x else 0.0
    later, now = (exp((r + x) * (log(alpha + tx) - log(alpha + t))) + g for t in (age + horizon_days, age))
    return later / now
