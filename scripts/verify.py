"""`make verify`: recounts every customer of a stack from the history and compares with the kept totals.

    python -m verify [--stack customer360-local] [--customer ID …] [--workers 8]

Exits with 1 and lists the differences if there are any. Reads only; safe while the stack is serving. It goes through
the whole table, so it is an operator's command: no function of the stack may Scan.
"""

import argparse
import os
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Any

import boto3

from stack.aws import environment
from stack.testing import stack_of_up

LOCAL_STACK = "customer360-local"
SHOWN = 20


def main() -> int:
    options = _options()
    if options.stack == LOCAL_STACK:
        os.environ.update(environment(stack_of_up().endpoint))
    os.environ.update(function_environment(options.stack))

    # Imported now, because the models read the names of their tables when they are defined.
    from customer360.customers.recount import Difference, verify
    from customer360.ingestion.intake import this_shop

    def check(customer_id: str) -> tuple[str, list[Difference]]:
        return customer_id, verify(customer_id, this_shop())

    customers = options.customer or customer_ids()
    checked, wrong = 0, 0
    with ThreadPoolExecutor(options.workers) as pool:
        for batch in _batches(customers, 500):
            for customer_id, differences in pool.map(check, batch):
                checked += 1
                wrong += bool(differences)
                for difference in islice(differences, SHOWN):
                    print(f"{customer_id}: {difference.what}: kept {difference.kept}, history {difference.recounted}")
            print(f"checked {checked} customers, {wrong} differ", file=sys.stderr)
    print(f"{checked} customers recounted, {wrong} differ")
    return 1 if wrong else 0


def customer_ids() -> Iterator[str]:
    """Every customer of the table, by their commit items."""
    from customer360.storage.items import CommitItem
    from customer360.storage.keys import COMMIT

    for item in CommitItem.scan(CommitItem.sk == COMMIT, attributes_to_get=["pk", "sk", "type"]):
        yield item.pk.removeprefix("CUSTOMER#")


def function_environment(stack: str) -> dict[str, str]:
    """The environment the stack gives its functions: the names of its tables, the shop's currency and time zone."""
    formation: Any = boto3.client("cloudformation")
    function = formation.describe_stack_resource(StackName=stack, LogicalResourceId="GetCustomer360Function")
    name = function["StackResourceDetail"]["PhysicalResourceId"]
    functions: Any = boto3.client("lambda")
    variables = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    return {key: value for key, value in variables.items() if not key.startswith("AWS_")}


def _batches(values: Any, size: int) -> Iterator[list[str]]:
    iterator = iter(values)
    while batch := list(islice(iterator, size)):
        yield batch


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--stack", default=LOCAL_STACK, help="on AWS: its name, with credentials as usual")
    parser.add_argument("--customer", action="append", help="check only these")
    parser.add_argument("--workers", type=int, default=8)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
