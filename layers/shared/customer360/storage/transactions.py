"""One transaction over any of our tables."""

from collections.abc import Callable

from pynamodb.exceptions import TransactWriteError
from pynamodb.transactions import TransactWrite

from customer360.storage.base import is_retryable
from customer360.storage.items import CustomerItem


def all_or_nothing() -> TransactWrite:
    """A context whose writes succeed or fail together; raises TransactWriteError with the reasons.

    It uses the models' own connection to DynamoDB, and so shares its pool.
    """
    return TransactWrite(connection=CustomerItem._get_connection().connection)


def written(write: Callable[[TransactWrite], None]) -> bool:
    """Whether the writes succeeded together; if not, another was faster or there was too much to do, and nothing was
    written."""
    try:
        with all_or_nothing() as transaction:
            write(transaction)
    except TransactWriteError as error:
        if not is_retryable(error):
            raise
        return False
    return True
