"""Followers of the stream look at imported history later, once for all that has come of a customer by then.

An import brings many events of a customer; to follow each would cost more than to apply it. Guarantee: whoever is
asked for is looked at after everything that was committed before the asking. What a process remembers only saves
messages; one too many changes nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from customer360.aws import sqs
from customer360.exact_json import dumps
from customer360.storage.keys import partition

DELAY = timedelta(seconds=30)
# So much before a look is due, another is asked for: it may begin a little early by somebody else's clock.
MARGIN = timedelta(seconds=5)
MOST_REMEMBERED = 10_000


@dataclass(slots=True)
class Later:
    """The looks asked for through one queue, in the words in which `storage.stream.FailureQueue` sets records aside."""

    queue_url: Callable[[], str]
    _until: dict[str, datetime] = field(default_factory=dict)

    def ask(self, customers: Sequence[str], now: datetime) -> None:
        """Asks for those who are not asked for already. What they are looked at for is no news (`isNews`)."""
        new = [each for each in customers if self._until.get(each, now) <= now]
        if not new:
            return
        places = [{"keys": {"pk": partition(each)}} for each in new]
        body = dumps({"records": places, "isNews": False})
        sqs().send_message(QueueUrl=self.queue_url(), MessageBody=body, DelaySeconds=int(DELAY.total_seconds()))
        if len(self._until) > MOST_REMEMBERED:
            self._until.clear()
        self._until.update(dict.fromkeys(new, now + DELAY - MARGIN))
