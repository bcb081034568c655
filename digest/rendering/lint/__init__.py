"""What is wrong with a mail, in words: from the bytes of its headers to what mail clients make of its CSS.

    mail = read_mail(message)                          the message as it would go to the next hop, taken apart
    lint_mail(mail, clients)                           → findings, the worst first

Each check is a function mail → findings, in a file of its own; none knows another. Pure: dead links, which need the network,
are the pipeline's. Whatever the mail holds, a check ends: what is too large to be looked into is said to be too large.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import chain

from digest.model.finding import Finding, sort_findings
from digest.rendering.lint import accessibility, clients, contrast, document, headers, links, mime, placeholders, size
from digest.rendering.lint.clients import CLIENTS, find_clients
from digest.rendering.lint.links import web_links
from digest.rendering.lint.mail import Mail, read_mail

__all__ = ["CLIENTS", "Mail", "find_clients", "lint_mail", "lint_message", "read_mail", "web_links"]

Check = Callable[[Mail], Iterable[Finding]]

OF_THE_MESSAGE: tuple[Check, ...] = (headers.check, mime.check)
OF_THE_PARTS: tuple[Check, ...] = (
    size.check,
    document.check,
    accessibility.check,
    placeholders.check,
    links.check,
    contrast.check,
)


def lint_mail(mail: Mail, for_clients: Sequence[str] = CLIENTS) -> tuple[Finding, ...]:
    """Everything. `for_clients` are names of caniemail's, such as gmail.ios, or a family of them, such as gmail."""
    found = chain.from_iterable(check(mail) for check in OF_THE_MESSAGE + OF_THE_PARTS)
    return sort_findings((*found, *clients.check(mail, find_clients(for_clients))))


def lint_message(message: bytes) -> tuple[Finding, ...]:
    """The byte rules alone, of a whole message as it would go to the next hop."""
    mail = read_mail(message)
    return sort_findings(chain.from_iterable(check(mail) for check in OF_THE_MESSAGE))
