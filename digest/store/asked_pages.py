"""Queries about what pages were asked for: their picture, and where a short link leads."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection, delete, or_, select

from digest.model.feed import Picture
from digest.model.picture import PagePicture
from digest.store.dialect import insert_new
from digest.store.fetched_tables import page_pictures, short_links
from digest.store.pictures import key_of


class PagePictures:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def known(self, pages: Iterable[str], since: datetime) -> dict[str, Picture | None]:
        """Of the pages that were read, or could not be when tried since then: what each names."""
        by_key = {key_of(page): page for page in pages}
        settled = or_(page_pictures.c.reason == "", page_pictures.c.tried_at >= since)
        query = select(page_pictures.c.key, page_pictures.c.picture).where(page_pictures.c.key.in_(by_key), settled)
        return {by_key[key]: Picture(**kept) if kept else None for key, kept in self._connection.execute(query)}

    def keep(self, page: str, found: PagePicture, now: datetime) -> None:
        """Safe twice and at once: the last one counts."""
        values = {"picture": asdict(found.picture) if found.picture else None, "reason": found.reason, "tried_at": now}
        new = insert_new(self._connection, page_pictures).values(key=key_of(page), **values)
        self._connection.execute(new.on_conflict_do_update(index_elements=["key"], set_=values))

    def forget(self, before: datetime) -> None:
        """What was asked before then."""
        self._connection.execute(delete(page_pictures).where(page_pictures.c.tried_at < before))


class ShortLinks:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def known(self, links: Iterable[str]) -> dict[str, str]:
        """Where those lead that were asked and answered."""
        by_key = {key_of(link): link for link in links}
        query = select(short_links.c.key, short_links.c.leads_to).where(short_links.c.key.in_(by_key))
        return {by_key[key]: page for key, page in self._connection.execute(query)}

    def keep(self, found: Mapping[str, str], now: datetime) -> None:
        """Safe twice and at once: the first one counts, so that an article keeps its page."""
        rows = [{"key": key_of(link), "leads_to": page, "asked_at": now} for link, page in found.items()]
        if rows:
            self._connection.execute(insert_new(self._connection, short_links).on_conflict_do_nothing(), rows)

    def forget(self, before: datetime) -> None:
        """What was asked before then."""
        self._connection.execute(delete(short_links).where(short_links.c.asked_at < before))
