"""Queries about rendered mails, kept once however many get them."""

import hashlib
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select

from digest.model.address import Address
from digest.model.edition import Edition, Fit
from digest.model.errors import NotFound
from digest.store.dialect import insert_new
from digest.store.tables import editions, issues


class Editions:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def keep(self, edition: Edition, issue_id: int | None, now: datetime) -> Edition:
        """Store it, or find the one with the same bytes. Returns it with its number."""
        sha256 = hashlib.sha256(edition.skeleton).hexdigest()
        new = insert_new(self._connection, editions)
        # The bytes may have gone out as a test before: then that row becomes the issue's.
        belongs = {"issue_id": func.coalesce(editions.c.issue_id, new.excluded.issue_id)}
        self._connection.execute(
            new.values(
                issue_id=issue_id,
                list_id=edition.list_id,
                mail=edition.mail,
                subject=edition.subject,
                html=edition.html,
                web=edition.web,
                sender=str(edition.sender or ""),
                catches_up=edition.catches_up,
                fit=asdict(edition.fit),
                templates=edition.templates,
                text=edition.text,
                skeleton=edition.skeleton,
                salt=edition.salt,
                sha256=sha256,
                created_at=now,
            ).on_conflict_do_update(index_elements=["sha256"], set_=belongs)
        )
        number = self._connection.execute(select(editions.c.id).where(editions.c.sha256 == sha256)).scalar_one()
        return replace(edition, id=number)

    def get(self, edition_id: int) -> Edition:
        row = self._connection.execute(select(editions).where(editions.c.id == edition_id)).first()
        if row is None:
            raise NotFound(f"There is no edition {edition_id}.")
        return _to_edition(row)

    def of_issue(self, issue_id: int) -> Edition | None:
        """The whole issue as it was published; None before."""
        row = self._connection.execute(_of_issue(issue_id).limit(1)).first()
        return None if row is None else _to_edition(row)

    def all_of_issue(self, issue_id: int) -> list[Edition]:
        """The whole one first."""
        return [_to_edition(row) for row in self._connection.execute(_of_issue(issue_id))]


def _of_issue(issue_id: int) -> Select[Any]:
    """The whole one first, which need not be the oldest: bytes that went out as a test may have become a part's."""
    whole = select(issues.c.edition_id).where(issues.c.id == issue_id).scalar_subquery()
    is_part = editions.c.id != func.coalesce(whole, 0)
    return select(editions).where(editions.c.issue_id == issue_id).order_by(is_part, editions.c.id)


def _to_edition(row: Row[Any]) -> Edition:
    return Edition(
        id=row.id,
        mail=row.mail,
        list_id=row.list_id,
        subject=row.subject,
        html=row.html,
        text=row.text,
        skeleton=row.skeleton,
        salt=row.salt,
        web=row.web,
        sender=Address.parse(row.sender) if row.sender else None,
        catches_up=row.catches_up,
        fit=Fit(**row.fit or {}),
        templates=row.templates,
    )
