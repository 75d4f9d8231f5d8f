"""`make evaluate`: whether the churn score predicts, measured on files of real transactions.

    python -m evaluation FILE … [--horizon 90] [--step 30] [--generated 5000]

Prints Markdown: for each file all models on rolling cut days and on its two halves (39 and 39 weeks of CDNOW), then
the means over the files. A model sees nothing that happens after a cut, nor do its parameters and its correction.
`evaluation.transactions` describes the files. They say nothing of visits and tickets; what these do to the ranking
where they mean something is shown on a shop that is generated, of so many customers (`evaluation.watching`).
"""

import argparse
import sys
from datetime import date
from pathlib import Path

from evaluation import report
from evaluation.comparison import compare, halves, rolling_cuts
from evaluation.contenders import OF_GENERATED_SHOPS
from evaluation.transactions import BadFile, read
from evaluation.watching import CLOSED, OPENED, generated_shop

MOST_DAYS = 3650


def main(arguments: list[str] | None = None) -> int:
    options = _options(arguments)
    measured = []
    for path in options.files:
        try:
            transactions = read(path)
        except BadFile as bad:
            print(bad, file=sys.stderr)
            return 1
        period = transactions.first, transactions.last
        print(report.title(transactions), flush=True)
        rolling = compare(transactions.buyers, rolling_cuts(*period, options.horizon, options.step))
        print(report.section("Rolling cut days", rolling), flush=True)
        middle = halves(*period)
        print(report.section("Two halves", compare(transactions.buyers, middle)), flush=True)
        for cut in middle:
            print(report.fitted(transactions, cut), flush=True)
        if rolling.cuts:
            measured.append(rolling)
    if len(measured) > 1:
        print(report.mean_section(f"Rolling cut days, mean of {len(measured)} files", measured))
    if options.generated:
        shop = generated_shop(options.generated)
        period = date.fromordinal(OPENED), date.fromordinal(CLOSED)
        compared = compare(shop, rolling_cuts(*period, options.horizon, options.step), OF_GENERATED_SHOPS)
        print(report.generated(len(shop), compared))
    return 0


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="evaluation", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="customer, date, amount[, currency]")
    parser.add_argument("--horizon", type=_days, default=90, help="days to foretell (default 90)")
    parser.add_argument("--step", type=_days, default=30, help="days between cuts (default 30)")
    parser.add_argument("--generated", type=int, default=5000, help="customers of the generated shop (0: without it)")
    return parser.parse_args(arguments)


def _days(text: str) -> int:
    if not (text.isdecimal() and 1 <= int(text) <= MOST_DAYS):
        raise argparse.ArgumentTypeError(f"must be a number of days from 1 to {MOST_DAYS}")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
