"""What people type as their address and name, checked before it is kept. The only file that knows email-validator.

A name is shown to its owner only, in the To header of a mail, so what is odd about it is dropped and not worth an error.
"""

import re

from email_validator import EmailNotValidError, validate_email

from digest.model.address import MAX_ADDRESS, Address, unprintable
from digest.model.errors import BadInput

MAX_NAME = 100  # characters; longer ones are cut
_SHOWN = 80  # of what was typed, in a complaint about it
_LINK = re.compile(r"(?i)://|\bwww\.|\b[a-z0-9-]{2,}\.(?:[a-z]{2,}/|(?:com|net|org|info|biz|ru|cn|top|xyz|io|me)\b)")
_MARKUP = re.compile(r"[<>{}\[\]\\@]")


def read_address(text: str) -> Address:
    """The address in what somebody typed. Raises BadInput in one sentence. No DNS is asked.

    Non-ASCII local parts stay as they are (RFC 6531); the domain becomes A-labels. `.test` is allowed (RFC 6761 §6.2): it
    leads nowhere, and people try things out with it.
    """
    typed = text.strip()
    if not typed:
        raise BadInput("No address was given; it looks like ann@example.org.")
    if len(typed) > MAX_ADDRESS:
        raise BadInput(f"{_show(typed)} is too long for an e-mail address ({MAX_ADDRESS} characters at most).")
    try:
        checked = validate_email(typed, check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise BadInput(f"{_show(typed)} is not an e-mail address: {_soften(str(error))}") from None
    return Address.parse(f"{checked.local_part}@{checked.ascii_domain}")


def clean_name(text: str) -> str:
    """The name to keep; "" for one that carries a link, markup or what no header may hold (spam and attacks, not names)."""
    if unprintable(text.strip()):
        return ""
    name = " ".join(text.split())
    if _LINK.search(name) or _MARKUP.search(name):
        return ""
    return name[:MAX_NAME].rstrip()


def clean_language(text: str) -> str:
    """A BCP 47 tag such as `de-AT`, or "" for what is none."""
    tag = text.strip().replace("_", "-")
    return tag if re.fullmatch(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}", tag) else ""


def _show(typed: str) -> str:
    return repr(typed if len(typed) <= _SHOWN else typed[: _SHOWN - 1] + "…")


def _soften(said: str) -> str:
    """The library's reason, as the second half of our sentence."""
    return said[:1].lower() + said[1:]
