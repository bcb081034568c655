"""What people type as their address and name, checked before it is kept. The only file that knows email-validator.

A name is shown to its owner only, in the To header of a mail, so what is odd about it is dropped and not worth an error.
"""

import re
from functools import lru_cache

from email_validator import EmailNotValidError, validate_email

from digest.model.address import MAX_ADDRESS, Address, unprintable
from digest.model.errors import BadInput
from digest.words import to_say

MAX_NAME = 100  # characters; longer ones are cut
_NO_ADDRESS = to_say("%(typed)s is not an e-mail address; it looks like ann@example.org.")
#: What the library's reasons hold, the first that fits, and what we say then.
_WHY = {
    "must have an @-sign": to_say("%(typed)s is not an e-mail address: it has no @."),
    "something before the @-sign": to_say("%(typed)s is not an e-mail address: nothing stands before the @."),
    "something after the @-sign": to_say("%(typed)s is not an e-mail address: nothing stands after the @."),
    "should have a period": to_say("%(typed)s is not an e-mail address: what stands after the @ has no dot in it."),
    "too long": to_say("%(typed)s is not an e-mail address: it is too long."),
    "before the @-sign": to_say("%(typed)s is not an e-mail address: what stands before the @ cannot be right."),
    "after the @-sign": to_say("%(typed)s is not an e-mail address: what stands after the @ cannot be right."),
}
_SHOWN = 80  # of what was typed, in a complaint about it
_PLAIN = re.compile(
    r"(?=.{1,64}$)[a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*"
)  # in lower case: postmaster@ has no other (RFC 2142)
_PLAIN_DOMAIN = re.compile(r"(?:[a-z0-9-]+\.)+[a-z]{2,63}")
_LINK = re.compile(r"(?i)://|\bwww\.|\b[a-z0-9-]{2,}\.(?:[a-z]{2,}/|(?:com|net|org|info|biz|ru|cn|top|xyz|io|me)\b)")
_MARKUP = re.compile(r"[<>{}\[\]\\@]")


def read_address(text: str) -> Address:
    """The address in what somebody typed. Raises BadInput in one sentence. No DNS is asked.

    Non-ASCII local parts stay as they are (RFC 6531); the domain becomes A-labels. `.test` is allowed (RFC 6761 §6.2): it
    leads nowhere, and people try things out with it.
    """
    typed = text.strip()
    if quick := _read_plain(typed):
        return quick
    if not typed:
        raise BadInput("No address was given; it looks like ann@example.org.")
    if len(typed) > MAX_ADDRESS:
        raise BadInput(
            "%(typed)s is too long for an e-mail address (%(most)s characters at most).",
            typed=_show(typed),
            most=MAX_ADDRESS,
        )
    try:
        checked = validate_email(typed, check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise BadInput(_say_why(str(error)), typed=_show(typed)) from None
    return Address.parse(f"{checked.local_part}@{checked.ascii_domain}")


def _read_plain(typed: str) -> Address | None:
    """What most addresses are, as the library would read it, but many times quicker: an import has a million, of few domains."""
    local, _, domain = typed.partition("@")
    if not _PLAIN.fullmatch(local) or not _is_plain_domain(domain) or len(typed) > MAX_ADDRESS:
        return None
    return Address(local, domain)


@lru_cache(2**16)
def _is_plain_domain(domain: str) -> bool:
    """Whether the library takes it as it stands."""
    if not _PLAIN_DOMAIN.fullmatch(domain):
        return False
    try:
        checked = validate_email(f"a@{domain}", check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return False
    return checked.ascii_domain == domain


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


def _say_why(reason: str) -> str:
    """A sentence of ours, so that readers are told in their language."""
    return next((said for words, said in _WHY.items() if words in reason), _NO_ADDRESS)
