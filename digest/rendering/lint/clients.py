"""What mail clients make of the HTML and CSS that a mail uses, by the facts of caniemail.com (see caniemail.json, and NOTICE)."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from digest.model.errors import BadSetting
from digest.model.finding import Finding, Severity
from digest.rendering.lint.allowances import PROGRESSIVE
from digest.rendering.lint.mail import Mail
from digest.rendering.lint.usage import find_uses

#: What most readers of newsletters use.
CLIENTS = (
    "apple-mail.ios",
    "apple-mail.macos",
    "gmail.android",
    "gmail.desktop-webmail",
    "gmail.ios",
    "outlook.android",
    "outlook.ios",
    "outlook.macos",
    "outlook.outlook-com",
    "outlook.windows",
    "samsung-email.android",
    "thunderbird.macos",
    "yahoo.android",
    "yahoo.desktop-webmail",
    "yahoo.ios",
)


@dataclass(frozen=True, slots=True)
class Table:
    """caniemail's facts: a letter for each feature and client: y(es), a(lmost), n(o), u(nknown)."""

    clients: Mapping[str, str]  # their names for people, in the order of the letters
    features: Mapping[str, tuple[str, str]]  # a title and the letters

    def those(self, feature: str, letter: str, clients: Sequence[str]) -> list[str]:
        """The clients among these that have this letter, by their names."""
        letters = dict(zip(self.clients, self.features[feature][1], strict=True))
        return [self.clients[client] for client in clients if letters[client] == letter]


@cache
def load_table() -> Table:
    held = json.loads(Path(__file__).with_name("caniemail.json").read_text(encoding="utf-8"))
    return Table(held["clients"], {name: (title, letters) for name, (title, letters) in held["features"].items()})


def find_clients(names: Sequence[str]) -> tuple[str, ...]:
    """`gmail.ios` is one client, `gmail` all of that family. Raises BadSetting for a name that caniemail has not."""
    known = load_table().clients
    found: list[str] = []
    for name in names:
        meant = [client for client in known if client == name or client.startswith(f"{name}.")]
        if not meant:
            families = ", ".join(sorted({client.partition(".")[0] for client in known}))
            raise BadSetting(
                f"The setting lint_clients has {name!r}, which caniemail does not know; it knows {families}."
            )
        found += meant
    return tuple(dict.fromkeys(found))


def check(mail: Mail, clients: Sequence[str]) -> Iterator[Finding]:
    table = load_table()
    unknown: list[str] = []
    for feature, where in find_uses(mail).items():
        if feature in table.features:
            yield from _judge(table, feature, where, clients)
        elif feature:
            unknown.append(feature.removeprefix("css-").removeprefix("html-"))
    if unknown:
        yield Finding(Severity.NOTE, "clients", f"caniemail knows nothing of {', '.join(unknown)}")


def _judge(table: Table, feature: str, where: str, clients: Sequence[str]) -> Iterator[Finding]:
    title = table.features[feature][0]
    if without := table.those(feature, "n", clients):
        said = f"{title} does nothing in {_listed(without)}"
        reason = PROGRESSIVE.get(feature)
        severity = Severity.NOTE if reason else Severity.WARNING
        yield Finding(severity, "clients", f"{said}: {reason}" if reason else said, where)
    if partly := table.those(feature, "a", clients):
        yield Finding(Severity.NOTE, "clients", f"{title} works in part in {_listed(partly)}", where)


def _listed(names: Sequence[str]) -> str:
    shown = names if len(names) <= 4 else [*names[:3], f"{len(names) - 3} more"]
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)
