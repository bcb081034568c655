"""Proofs of issues, rendered once for all frames of a page: the same issue need not be rendered five times to be looked at.

Kept in this process, by what the issue and its list are like; so nothing that was changed is ever shown as it was.
"""

import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Annotated

from fastapi import Depends, Request

from digest.app import App
from digest.issues.mark import mark_of
from digest.model.address import Address
from digest.model.finding import Finding
from digest.model.mailing_list import MailingList
from digest.pipeline.proof import Proof, pull_proof

MOST = 12  # proofs; each has some 200 kB
FRESH = timedelta(minutes=1)  # an operator's own templates may change, and what is known of links


@dataclass(frozen=True, slots=True)
class Checked:
    """A proof, and what the lint found in it."""

    proof: Proof
    findings: tuple[Finding, ...]
    at: datetime


class Proofs:
    """Used by many threads: who asks for what is being rendered waits for it."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, str, str], Checked] = OrderedDict()
        self._lock = Lock()

    def pull(
        self, app: App, issue_id: int, address: Address | None = None, dressed: MailingList | None = None
    ) -> Checked:
        """`dressed`: its list with another look. Raises WrongState and NotFound as `pull_proof` does."""
        key = (*_look(app, issue_id, dressed), str(address or ""))
        with self._lock:
            kept = self._kept.get(key)
            if kept is None or not timedelta() <= app.now() - kept.at < FRESH:
                kept = self._kept[key] = _make(app, issue_id, address, dressed)
            self._kept.move_to_end(key)
            while len(self._kept) > MOST:
                self._kept.popitem(last=False)
            return kept


def _look(app: App, issue_id: int, dressed: MailingList | None) -> tuple[str, str]:
    with app.store.read() as tx:
        issue = tx.issues.get(issue_id)
        mailing_list = tx.lists.get(issue.list_id)
    look = repr((mailing_list, dressed))
    return mark_of(issue), hashlib.sha256(look.encode()).hexdigest()


def _make(app: App, issue_id: int, address: Address | None, dressed: MailingList | None) -> Checked:
    proof = pull_proof(app.store, issue_id, app.proof_render, app.links, address, dressed=dressed)
    return Checked(proof, app.linter(proof.issue, proof.mailing_list, proof.edition), app.now())


def _proofs(request: Request) -> Proofs:
    proofs: Proofs = request.app.state.proofs
    return proofs


AtProofs = Annotated[Proofs, Depends(_proofs)]
