"""What somebody, or a template, forgot to fill in. Words that stand so in an article are its author's: they only warn."""

import re
from collections.abc import Iterator
from itertools import chain, islice

from digest.model.finding import Finding, Severity
from digest.rendering.lint.mail import Mail
from digest.rendering.slots import token_pattern

MOST = 100  # that are looked at in each place

#: What the programs that people come from write for a name to be filled in. Bounded, so that no text takes long.
_SYNTAX = re.compile(
    r"\{\{.{0,80}?\}\}|\{%.{0,80}?%\}|<%.{0,80}?%>|%%[\w .-]{1,40}%%|\*\|[\w:.-]{1,40}\|\*|\[\[[\w .-]{1,40}\]\]|\$\{[\w.]{1,40}\}"
)
_WORDS = re.compile(r"(?i)\blorem ipsum\b|\binsert [\w ]{1,30} here\b|\byour (?:text|name|address) here\b")
_MARKS = re.compile(r"\bTO" r"DO\b|\bFIX" r"ME\b|\bTKTK\b")


def check(mail: Mail) -> Iterator[Finding]:
    quoted = "\n".join(mail.quoted)
    for place, words in _places(mail):
        if mail.salt and (slot := token_pattern(mail.salt).search(words)):
            yield Finding(Severity.FAILURE, "placeholder", "a place for a reader's own value was not filled", slot[0])
        for found in islice(_SYNTAX.finditer(words), MOST):
            severity = Severity.WARNING if found[0] in quoted else Severity.FAILURE
            yield Finding(severity, "placeholder", f"{found[0]!r} was not filled in", place)
        for found in islice(chain(_WORDS.finditer(words), _MARKS.finditer(words)), MOST):
            yield Finding(Severity.WARNING, "placeholder", f"{found[0]!r} looks as if something were to come", place)


def _places(mail: Mail) -> Iterator[tuple[str, str]]:
    if mail.message:
        yield "in the subject", str(mail.parsed.get("Subject", ""))
    yield "in the text", mail.text
    if mail.tree is not None:
        words = [text for each in mail.elements if each.tag not in {"style", "script"} for text in _texts(each)]
        yield "in the HTML", "\n".join(words)


def _texts(element: object) -> Iterator[str]:
    yield from element.xpath("text() | @href | @src | @alt | @title | @aria-label")  # type: ignore[attr-defined]  # an element of lxml's
