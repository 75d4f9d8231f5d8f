"""An e-mail as it goes out: the admin's words as plain text and as HTML, signed by the shop."""

import re
from email.utils import formataddr
from html import escape
from typing import NamedTuple

_PARAGRAPHS = re.compile(r"\n\s*\n")

# Tables and styles in place, because mail programs know no others.
_PAGE = """<!doctype html>
<html>
<head><meta charset="utf-8"><title>{subject}</title></head>
<body style="margin:0;padding:24px;font-family:Helvetica,Arial,sans-serif;font-size:16px;line-height:1.5;color:#222">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0"><tr><td style="max-width:600px">
{paragraphs}
<p style="margin-top:32px;padding-top:16px;border-top:1px solid #ddd;color:#666">{shop}</p>
</td></tr></table>
</body>
</html>
"""


class Letter(NamedTuple):
    subject: str
    text: str
    html: str


def letter(subject: str, body: str, shop: str) -> Letter:
    """The body is plain text; whatever stands in it that looks like HTML is shown as it was written."""
    plain = body.replace("\r\n", "\n").replace("\r", "\n")
    paragraphs = "\n".join(f"<p>{_lines(each)}</p>" for each in _PARAGRAPHS.split(plain))
    page = _PAGE.format(subject=escape(subject), paragraphs=paragraphs, shop=escape(shop))
    return Letter(subject, f"{plain}\n\n-- \n{shop}\n", page)


def sender(shop: str, address: str) -> str:
    """`"The shop" <address>`; a name in other than Latin letters is encoded (RFC 2047)."""
    return formataddr((shop, address))


def _lines(paragraph: str) -> str:
    return escape(paragraph).replace("\n", "<br>\n")
