"""One transaction over any of our tables."""

from pynamodb.transactions import TransactWrite

from customer360.storage.items import CustomerItem


def all_or_nothing() -> TransactWrite:
    """A context whose writes succeed or fail together; raises TransactWriteError with the reasons.

    It uses the models' own connection to DynamoDB, and so shares its pool.
    """
    return TransactWrite(connection=CustomerItem._get_connection().connection)
