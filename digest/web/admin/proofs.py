"""Proofs of issues, rendered once for all frames of a page and all who look: the same issue need not be rendered five times.

Kept in this process, by what the issue and its list are like; so nothing that was changed is ever shown as it was.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Annotated, Generic, TypeVar

from fastapi import Depends, Request

from digest.app import App
from digest.issues.mark import mark_of
from digest.model.address import Address
from digest.model.edition import Edition, Form
from digest.model.event import EventKind
from digest.model.finding import Finding
from digest.model.issue import Issue
from digest.model.mailing_list import MailingList
from digest.model.segment import Aim
from digest.pipeline.editions import Readership
from digest.pipeline.proof import Proof, pull_proof
from digest.pipeline.rehearse import Count, find_suppressed, readership_of
from digest.pipeline.render import Render
from digest.store import Store, Transaction
from digest.store.audiences import Suppressed

MOST = 12  # proofs; each has some 200 kB
MOST_EDITIONS = 60  # as large
T = TypeVar("T")
MOST_SINCE = 500  # events; after more it is counted anew
#: What readers do themselves, none of which lifts a suppression or makes one.
_BY_READERS = frozenset(
    {
        EventKind.SIGNED_UP,
        EventKind.CONFIRMED,
        EventKind.UNSUBSCRIBED,
        EventKind.SAID_WHY,
        EventKind.CHOSE,
        EventKind.FEED_RENEWED,
        EventKind.ASKED_FOR_LINK,
    }
)
FRESH = timedelta(minutes=1)  # an operator's own templates may change, and what is known of links


@dataclass(frozen=True, slots=True)
class Checked:
    """A proof, and what the lint found in it."""

    proof: Proof
    findings: tuple[Finding, ...]
    at: datetime


class Recent(Generic[T]):
    """What was made within the last minute, by what it is made of; the newest `most`. Used by many threads."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[str, tuple[T, datetime]] = OrderedDict()
        self._lock = Lock()

    def get(self, key: str, now: datetime) -> T | None:
        with self._lock:
            kept = self._kept.get(key)
        return kept[0] if kept is not None and _is_fresh(now, kept[1]) else None

    def put(self, key: str, made: T, now: datetime) -> T:
        with self._lock:
            self._kept[key] = made, now
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return made


class Gone:
    """Who is suppressed among an issue's readers: found once, until anything happens that may change it.

    That takes longer than to count all others. Who signs up, chooses or leaves changes nothing of it, unless they are suppressed.
    """

    def __init__(self) -> None:
        self._recent = Recent[tuple[int, Suppressed]](MOST)

    def finds(self, app: App) -> Callable[[Store, Issue, Aim, Sequence[int]], Suppressed]:
        """As `find_suppressed` does."""

        def found(store: Store, issue: Issue, aim: Aim, behind: Sequence[int]) -> Suppressed:
            if behind:
                return find_suppressed(store, issue, aim, behind)
            with store.read() as tx:
                newest, key = tx.events.newest(), _digest(issue.list_id, issue.period, aim, tx.acts.newest_number())
                known = self._recent.get(key, app.now())
                if known is not None and _are_others(tx, known[0]):
                    return known[1]
            return self._recent.put(key, (newest, find_suppressed(store, issue, aim, behind)), app.now())[1]

        return found


def _are_others(tx: Transaction, since: int) -> bool:
    """Whether all that happened since that event was done by readers who are not suppressed."""
    whose = tx.events.whose_after(since, _BY_READERS, MOST_SINCE)
    return whose is not None and not tx.suppressions.any_of(whose)


class Readerships:
    """Who would get an issue: counted once, until anything happens. A million readers take a tenth of a second to count."""

    def __init__(self) -> None:
        self._recent, self._gone = Recent[Readership](MOST), Gone()

    def counts(self, app: App) -> Count:
        """As `readership_of` does."""
        suppressed = self._gone.finds(app)

        def counted(store: Store, issue: Issue, mailing_list: MailingList, aim: Aim) -> Readership:
            with store.read() as tx:
                moves = tx.campaigns.with_cursors_behind(mailing_list.id)
                last = tx.events.newest(), tx.acts.newest_number()
            if moves:  # each mail that ends may change it
                return readership_of(store, issue, mailing_list, aim)
            key, now = _digest(mark_of(issue), mailing_list, aim, last), app.now()
            known = self._recent.get(key, now)
            return known or self._recent.put(
                key, readership_of(store, issue, mailing_list, aim, suppressed=suppressed), now
            )

        return counted


class Editions:
    """Those that were rendered of late."""

    def __init__(self) -> None:
        self._recent = Recent[Edition](MOST_EDITIONS)

    def render(self, app: App) -> Render:
        """As the app's own does for who only looks."""

        def rendered(issue: Issue, mailing_list: MailingList, form: Form = Form.HTML, language: str = "") -> Edition:
            key, now = _digest(mark_of(issue), mailing_list, form, language), app.now()
            known = self._recent.get(key, now)
            return known or self._recent.put(key, app.proof_render(issue, mailing_list, form, language), now)

        return rendered


class Proofs:
    """Used by many threads: who asks for what is being rendered waits for it."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, str, str], Checked] = OrderedDict()
        self._editions, self._readerships = Editions(), Readerships()
        self._lock = Lock()

    def render(self, app: App) -> Render:
        return self._editions.render(app)

    def counts(self, app: App) -> Count:
        return self._readerships.counts(app)

    def pull(
        self, app: App, issue_id: int, address: Address | None = None, dressed: MailingList | None = None
    ) -> Checked:
        """`dressed`: its list with another look. Raises WrongState and NotFound as `pull_proof` does."""
        key = (*_look(app, issue_id, dressed), str(address or ""))
        with self._lock:
            kept = self._kept.get(key)
            if kept is None or not _is_fresh(app.now(), kept.at):
                kept = self._kept[key] = self._make(app, issue_id, address, dressed)
            self._kept.move_to_end(key)
            while len(self._kept) > MOST:
                self._kept.popitem(last=False)
            return kept

    def _make(self, app: App, issue_id: int, address: Address | None, dressed: MailingList | None) -> Checked:
        proof = pull_proof(app.store, issue_id, self.render(app), app.links, address, dressed=dressed)
        return Checked(proof, app.linter(proof.issue, proof.mailing_list, proof.edition), app.now())


def _is_fresh(now: datetime, at: datetime) -> bool:
    return timedelta() <= now - at < FRESH


def _digest(*said: object) -> str:
    return hashlib.sha256(repr(said).encode()).hexdigest()


def _look(app: App, issue_id: int, dressed: MailingList | None) -> tuple[str, str]:
    with app.store.read() as tx:
        issue = tx.issues.get(issue_id)
        mailing_list = tx.lists.get(issue.list_id)
    return mark_of(issue), _digest(mailing_list, dressed)


def _proofs(request: Request) -> Proofs:
    proofs: Proofs = request.app.state.proofs
    return proofs


AtProofs = Annotated[Proofs, Depends(_proofs)]
