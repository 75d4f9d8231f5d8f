"""Hands an e-mail to the mail service (SES), and says what is known of it then."""

from typing import Final, Literal
from unicodedata import normalize

from customer360.actions.letters import Letter, sender
from customer360.aws import NotAnswered, Refused, mail
from customer360.logs import logger
from customer360.settings import email_configuration_set, shop_name

# The names of the two tags that come back with whatever the service tells of an e-mail.
CUSTOMER_TAG, EMAIL_TAG = "customer", "email"
SERVER_ERROR = 500

FOREIGN_NAME: Final = "the mail service takes no address with other letters than a to z before the @"
FOREIGN_DOMAIN: Final = "the domain of the address has a letter that cannot stand in one"


def hand_over(
    letter: Letter, from_address: str, to: str, customer_id: str, email_id: str
) -> Literal["sent", "failed", "unknown"]:
    """`failed` if it certainly was not taken; `unknown` without a clear answer. Never tried twice."""
    try:
        taken = mail().send_email(
            FromEmailAddress=sender(shop_name(), from_address),
            Destination={"ToAddresses": [with_ascii_domain(to)]},
            Content={
                "Simple": {
                    "Subject": {"Data": letter.subject, "Charset": "UTF-8"},
                    "Body": {
                        "Text": {"Data": letter.text, "Charset": "UTF-8"},
                        "Html": {"Data": letter.html, "Charset": "UTF-8"},
                    },
                }
            },
            ConfigurationSetName=email_configuration_set(),
            EmailTags=[
                {"Name": CUSTOMER_TAG, "Value": tag_of(customer_id)},
                {"Name": EMAIL_TAG, "Value": email_id},
            ],
        )
    except Refused as error:
        # Only the code: the service's words may hold the address.
        logger.warning("e-mail refused", extra={"code": error.response["Error"]["Code"], "email_id": email_id})
        return "unknown" if error.response["ResponseMetadata"]["HTTPStatusCode"] >= SERVER_ERROR else "failed"
    except NotAnswered as error:
        logger.warning("e-mail not confirmed", extra={"error": type(error).__name__, "email_id": email_id})
        return "unknown"
    logger.info("e-mail handed over", extra={"message_id": taken["MessageId"], "email_id": email_id})
    return "sent"


def why_not_taken(address: str) -> str | None:
    """The reason, in words; None if an e-mail to such an address can be handed over."""
    if not address.rpartition("@")[0].isascii():
        return FOREIGN_NAME
    return None if with_ascii_domain(address).isascii() else FOREIGN_DOMAIN


def with_ascii_domain(address: str) -> str:
    """The address with its domain as the service takes and reports it (IDNA); as it is where there is no such form.

    That form has to say the same: `ß` would become `ss`, which may be somebody else's domain, and a wide `，` a comma.
    """
    name, _, domain = address.rpartition("@")
    if domain.isascii():
        return address
    domain = normalize("NFC", domain.lower())
    try:
        encoded = domain.encode("idna")
        is_same = encoded.decode("idna") == domain
    except UnicodeError:
        return address
    return f"{name}@{encoded.decode()}" if is_same else address


def tag_of(customer_id: str) -> str:
    """In the letters and digits a tag may have."""
    return customer_id.encode().hex()


def customer_of(tag: str) -> str:
    return bytes.fromhex(tag).decode()
