"""Queries about pictures: our renditions of them, by content, and what became of each address."""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, exists, or_, select, update

from digest.model.picture import KeptPicture, MissingPicture, PictureOutcome, Rendition, ServedPicture, file_name
from digest.store.dialect import insert_new
from digest.store.fetched_tables import issue_pictures, picture_sources, pictures


class Pictures:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def untried(self, urls: Iterable[str], since: datetime) -> list[str]:
        """Those that are to be fetched: of which nothing is known, or that could not be had when tried before `since`."""
        wanted = {key_of(url): url for url in urls}
        settled = or_(picture_sources.c.wide.is_not(None), picture_sources.c.is_worthless)
        query = select(picture_sources.c.key).where(
            picture_sources.c.key.in_(wanted), or_(settled, picture_sources.c.tried_at >= since)
        )
        known = set(self._connection.execute(query).scalars())
        return [url for key, url in wanted.items() if key not in known]

    def keep(self, url: str, outcome: PictureOutcome, now: datetime) -> None:
        """What came of an address. Safe twice and at once; a picture that we have outlasts a later failure."""
        found: dict[str, Any] = {"url": url, "reason": "", "is_worthless": False, "wide": None, "thumb": None}
        found |= {"tried_at": now, "used_at": now}
        if isinstance(outcome, MissingPicture):
            found |= {"reason": outcome.reason, "is_worthless": outcome.worthless}
        else:
            found |= {"wide": self._add(outcome.wide, now), "thumb": self._add(outcome.thumb, now)}
        new = insert_new(self._connection, picture_sources).values(key=key_of(url), **found)
        had_none = picture_sources.c.wide.is_(None)
        self._connection.execute(new.on_conflict_do_update(index_elements=["key"], set_=found, where=had_none))

    def need(self, issue_id: int, urls: Iterable[str], now: datetime) -> None:
        """The issue needs these, as long as it is kept. Addresses that were never tried are passed over."""
        keys = [key_of(url) for url in urls]
        using = update(picture_sources).where(picture_sources.c.key.in_(keys)).values(used_at=now)
        found = self._connection.execute(using.returning(picture_sources.c.key)).scalars().all()
        rows = [{"issue_id": issue_id, "key": key} for key in found]
        if rows:
            self._connection.execute(insert_new(self._connection, issue_pictures).on_conflict_do_nothing(), rows)

    def of(self, urls: Iterable[str]) -> dict[str, PictureOutcome]:
        """What is known of each address, with the renditions' bytes."""
        wide, thumb = pictures.alias(), pictures.alias()
        query = (
            select(
                *(picture_sources.c.url, picture_sources.c.reason, picture_sources.c.is_worthless),
                *(column.label(f"wide_{column.name}") for column in wide.c),
                *(column.label(f"thumb_{column.name}") for column in thumb.c),
            )
            .outerjoin(wide, wide.c.sha256 == picture_sources.c.wide)
            .outerjoin(thumb, thumb.c.sha256 == picture_sources.c.thumb)
            .where(picture_sources.c.key.in_([key_of(url) for url in urls]))
        )
        return {row.url: _to_outcome(row) for row in self._connection.execute(query)}

    def served(self, urls: Iterable[str]) -> dict[str, ServedPicture]:
        """Those of these addresses that we have renditions of, without their bytes."""
        wide, thumb = pictures.alias(), pictures.alias()
        query = (
            select(
                *(picture_sources.c.url, picture_sources.c.wide, picture_sources.c.thumb),
                *(wide.c.media_type, wide.c.width, wide.c.height, thumb.c.media_type.label("thumb_type")),
            )
            .join(wide, wide.c.sha256 == picture_sources.c.wide)
            .join(thumb, thumb.c.sha256 == picture_sources.c.thumb)
            .where(picture_sources.c.key.in_([key_of(url) for url in urls]))
        )
        return {row.url: _to_served(row) for row in self._connection.execute(query)}

    def get(self, sha256: str) -> Rendition | None:
        row = self._connection.execute(select(pictures).where(pictures.c.sha256 == sha256)).first()
        return None if row is None else Rendition(row.content, row.media_type, row.width, row.height)

    def forget(self, before: datetime) -> int:
        """What no kept issue needs and was last used before then; returns how many addresses."""
        needed = exists().where(issue_pictures.c.key == picture_sources.c.key)
        gone = self._connection.execute(
            delete(picture_sources).where(picture_sources.c.used_at < before, ~needed)
        ).rowcount
        shown = exists().where(
            or_(picture_sources.c.wide == pictures.c.sha256, picture_sources.c.thumb == pictures.c.sha256)
        )
        self._connection.execute(delete(pictures).where(pictures.c.used_at < before, ~shown))
        return gone

    def _add(self, rendition: Rendition, now: datetime) -> str:
        new = insert_new(self._connection, pictures).values(
            sha256=rendition.sha256,
            content=rendition.content,
            media_type=rendition.media_type,
            width=rendition.width,
            height=rendition.height,
            used_at=now,
        )
        self._connection.execute(new.on_conflict_do_update(index_elements=["sha256"], set_={"used_at": now}))
        return rendition.sha256


def key_of(url: str) -> str:
    return hashlib.sha256(url.encode("utf-8", "replace")).hexdigest()


def _to_served(row: Any) -> ServedPicture:
    names = file_name(row.wide, row.media_type), file_name(row.thumb, row.thumb_type)
    return ServedPicture(*names, row.width, row.height)


def _to_outcome(row: Row[Any]) -> PictureOutcome:
    if row.wide_sha256 is None:
        return MissingPicture(row.reason, row.is_worthless)
    wide = Rendition(row.wide_content, row.wide_media_type, row.wide_width, row.wide_height)
    thumb = Rendition(row.thumb_content, row.thumb_media_type, row.thumb_width, row.thumb_height)
    return KeptPicture(wide, thumb)
