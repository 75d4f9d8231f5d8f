"""Lets a customer come back who was erased: takes their tombstone away.

    python -m lift_tombstone --customer ID [--stack customer360-local]

From then on events of the customer are taken in again, from nothing: what was erased stays erased. An operator's
command, because it undoes what an erasure promises; refused while the erasure is still to be verified.
"""

import argparse
import os
import sys

from stack.aws import environment
from stack.testing import stack_of_up
from verify import LOCAL_STACK, function_environment


def main() -> int:
    parser = argparse.ArgumentParser(prog="lift_tombstone", description=__doc__.splitlines()[0])
    parser.add_argument("--customer", required=True)
    parser.add_argument("--stack", default=LOCAL_STACK)
    options = parser.parse_args()
    if options.stack == LOCAL_STACK:
        os.environ.update(environment(stack_of_up().endpoint))
    os.environ.update(function_environment(options.stack))

    # Imported now, because the models read the names of their tables when they are defined.
    from customer360.errors import Conflict, NotFound
    from customer360.privacy.lifting import lift

    try:
        lift(options.customer)
    except (Conflict, NotFound) as error:
        print(error, file=sys.stderr)
        return 1
    print("lifted: events of this customer are taken in again")
    return 0


if __name__ == "__main__":
    sys.exit(main())
