"""Hands an e-mail to the mail service (SES), and says what is known of it then."""

from typing import Literal

from customer360.actions.letters import Letter, sender
from customer360.aws import NotAnswered, Refused, mail
from customer360.logs import logger
from customer360.settings import email_configuration_set, shop_name

# The names of the two tags that come back with whatever the service tells of an e-mail.
CUSTOMER_TAG, EMAIL_TAG = "customer", "email"
SERVER_ERROR = 500


def hand_over(
    letter: Letter, from_address: str, to: str, customer_id: str, email_id: str
) -> Literal["sent", "failed", "unknown"]:
    """`failed` if it certainly was not taken; `unknown` without a clear answer. Never tried twice."""
    try:
        taken = mail().send_email(
            FromEmailAddress=sender(shop_name(), from_address),
            Destination={"ToAddresses": [to]},
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


def tag_of(customer_id: str) -> str:
    """In the letters and digits a tag may have."""
    return customer_id.encode().hex()


def customer_of(tag: str) -> str:
    return bytes.fromhex(tag).decode()
