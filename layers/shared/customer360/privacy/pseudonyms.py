"""The keyed hash that stands for the id of an erased customer: tells that two are the same, and not who it is.

HMAC-SHA-256 (RFC 2104). The key is a secret that the stack makes for itself. Whoever has it can tell whether a hash is
that of an id they know, so only what has to ask that may read it. Without it, tombstones keep nobody out any more.
"""

import hmac
from functools import cache
from hashlib import sha256

from customer360.settings import settings

# No id of a source can be taken for a pseudonym: `~` is in none.
PREFIX = "erased~"


def pseudonym_of(customer_id: str) -> str:
    """`erased~` and 32 hexadecimal digits, always the same for an id."""
    return f"{PREFIX}{keyed_hash(customer_id)}"


def keyed_hash(text: str) -> str:
    """The first 128 bits, in hexadecimal digits."""
    return hmac.new(_key(), text.encode(), sha256).hexdigest()[:32]


@cache
def _key() -> bytes:
    from customer360.aws import secrets  # noqa: PLC0415  reads of the API must not pay for boto3 until they need it

    key: str = secrets().get_secret_value(SecretId=settings().pseudonym_key)["SecretString"]
    return key.encode()
