"""What can go wrong, in the words of the business.

Customer360Error
├── Invalid            the request is well-formed but means nothing; names the field
├── NotFound           the thing asked for does not exist
├── NotAllowed         the caller lacks a permission
├── Unauthenticated    nobody we know is calling
├── Stale              what the caller wants to change is no longer what they saw
├── TooManyRequests    the caller does this too often; says when it may go on
└── Conflict           it exists, but not in the state the caller assumed
    ├── Contended      too many writers at once; trying again later is right
    │   └── HeldRemaining  the customer is in, but not all that was held for them
    └── InProgress     the same request is being worked on already

HTTP is not mentioned here: `customer360.api.problems` knows which status each becomes.
"""


class Customer360Error(Exception):
    """Base class: its text is safe to show to the caller."""


class Invalid(Customer360Error):
    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field
        self.message = message


class NotFound(Customer360Error):
    def __init__(self, what: str) -> None:
        super().__init__(f"no such {what}")


class NotAllowed(Customer360Error):
    def __init__(self, permission: str) -> None:
        super().__init__(f"the permission {permission} is missing")
        self.permission = permission


class Unauthenticated(Customer360Error):
    pass


class Stale(Customer360Error):
    pass


class TooManyRequests(Customer360Error):
    def __init__(self, message: str, retry_after: int) -> None:
        """`retry_after` is in whole seconds."""
        super().__init__(message)
        self.retry_after = retry_after


class Conflict(Customer360Error):
    pass


class Contended(Conflict):
    """A write lost the race for one customer until its deadline passed; nothing was written."""


class HeldRemaining(Contended):
    """Time ran out over what was held for a customer. What was applied stays; the event goes on when repeated."""


class InProgress(Conflict):
    """An earlier request with the same idempotency key has not been answered yet."""
