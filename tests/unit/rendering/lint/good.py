"""A good mail, and ways to spoil it."""

import base64
from dataclasses import replace

from digest.model.finding import Finding, Severity
from digest.rendering.edition import render_issue
from digest.rendering.lint import Mail, lint_mail, read_mail
from tests.unit.rendering.week import LINKS, SALT, TIDELINE, compose, make_issue

ISSUE = make_issue()
EDITION = render_issue(ISSUE, TIDELINE)
OWN = ("https://news.example.org/",)
GOOD = read_mail(compose(EDITION), salt=SALT, own=OWN)
UNSUBSCRIBE = next(link for slot, link in LINKS.items() if slot.name == "UNSUBSCRIBE")

MEANT = {Severity.FAILURE, Severity.WARNING}


def rules(mail: Mail) -> set[str]:
    """The rules that a mail breaks; notes are none."""
    return {finding.rule for finding in lint_mail(mail) if finding.severity in MEANT}


def told(mail: Mail) -> str:
    return " / ".join(f"{finding.severity}: {finding}" for finding in lint_mail(mail))


def spoilt(mail: Mail, old: str, new: str) -> Mail:
    """With its HTML changed; what was to be changed must be there."""
    assert old in mail.html
    return replace(mail, html=mail.html.replace(old, new, 1))


def page(body: str, style: str = "", root: str = "") -> Mail:
    """A small HTML part of nothing but this."""
    head = f"<head><title>x</title><meta name=color-scheme content='light dark'><style>{style}</style></head>"
    return Mail(b"", "", f"<html lang=en dir=ltr {root}>{head}<body>{body}</body></html>")


def failures_of(findings: tuple[Finding, ...]) -> list[Finding]:
    return [finding for finding in findings if finding.severity is Severity.FAILURE]


def as_base64(message: bytes) -> bytes:
    """The message with its text part in base64 rather than quoted-printable."""
    head, first, *rest = message.split(b"--=_")
    fields, _, _ = first.partition(b"\r\n\r\n")
    encoded = base64.encodebytes(b"All the news.\n" * 30).replace(b"\n", b"\r\n")
    part = fields.replace(b"quoted-printable", b"base64") + b"\r\n\r\n" + encoded + b"\r\n"
    return b"--=_".join((head, part, *rest))
