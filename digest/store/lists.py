"""Queries about mailing lists and their next slots."""

import json
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from digest.model.address import Address, Mailbox
from digest.model.brand import Brand
from digest.model.errors import BadInput, NotFound
from digest.model.mailing_list import Archive, CatchUp, MailingList, Rhythm, Schedule, TooFew
from digest.store.tables import articles, lists


class Lists:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def all(self) -> list[MailingList]:
        return [_to_list(row) for row in self._connection.execute(select(lists).order_by(lists.c.name))]

    def get(self, list_id: int) -> MailingList:
        return self._one(select(lists).where(lists.c.id == list_id), f"number {list_id}")

    def by_name(self, name: str) -> MailingList:
        return self._one(select(lists).where(lists.c.name == name), f"named {name!r}")

    def of_article(self, article_id: int) -> MailingList:
        query = select(lists).join(articles, articles.c.list_id == lists.c.id).where(articles.c.id == article_id)
        return self._one(query, f"with article {article_id}")

    def add(self, new: MailingList, now: datetime) -> MailingList:
        """`new.id` is ignored. Raises BadInput when the name or the List-Id is taken."""
        if self._connection.execute(select(lists.c.id).where(lists.c.name == new.name)).first():
            raise BadInput(
                f"There is a list named {new.name!r} already; choose another name, or use `digest list set`."
            )
        if self._connection.execute(select(lists.c.id).where(lists.c.list_id == new.list_id)).first():
            raise BadInput(f"Another list has the List-Id {new.list_id!r}; a List-Id belongs to one list for ever.")
        row = _from_list(new) | {"list_id": new.list_id, "created_at": now}
        key = self._connection.execute(insert(lists).values(row)).inserted_primary_key
        assert key is not None
        return replace(new, id=key[0])

    def save(self, changed: MailingList, *, replan: bool = False) -> None:
        """Everything but its number and its List-Id, which never change. Raises BadInput when the new name is taken.

        Its next slot only with `replan`: a scheduler may be moving it at this moment.
        """
        taken = select(lists.c.id).where(lists.c.name == changed.name, lists.c.id != changed.id)
        if self._connection.execute(taken).first():
            raise BadInput(f"There is a list named {changed.name!r} already; choose another name.")
        values = _from_list(changed)
        if not replan:
            del values["next_due_at"]
        self._connection.execute(update(lists).where(lists.c.id == changed.id).values(values))

    def as_kept(self, list_id: int) -> dict[str, str]:
        """All that was set for it, in words: what an issue is frozen with."""
        row = self._connection.execute(select(lists).where(lists.c.id == list_id)).one()
        return {name: str(value) for name, value in row._mapping.items()}  # noqa: SLF001  SQLAlchemy's own public name

    def due(self, now: datetime) -> list[MailingList]:
        query = select(lists).where(lists.c.next_due_at <= now).order_by(lists.c.next_due_at)
        return [_to_list(row) for row in self._connection.execute(query)]

    def drafted_ahead(self, now: datetime) -> list[MailingList]:
        """Those whose next issue is to be drafted ahead, and whose hour for that has come."""
        query = select(lists).where(lists.c.draft_ahead_hours > 0, lists.c.next_due_at > now)
        found = [_to_list(row) for row in self._connection.execute(query.order_by(lists.c.next_due_at))]
        return [each for each in found if each.ahead_at is not None and each.ahead_at <= now]

    def move_slot(self, list_id: int, old: datetime, new: datetime | None) -> bool:
        """Compare-and-set of the next slot. False: another scheduler moved it first, and the slot is theirs."""
        done = self._connection.execute(
            update(lists).where(lists.c.id == list_id, lists.c.next_due_at == old).values(next_due_at=new)
        )
        return done.rowcount == 1

    def _one(self, query: Any, shown: str) -> MailingList:
        row = self._connection.execute(query).first()
        if row is None:
            raise NotFound(f"There is no list {shown}; `digest list show` names those there are.")
        return _to_list(row)


def _to_list(row: Row[Any]) -> MailingList:
    return MailingList(
        id=row.id,
        name=row.name,
        title=row.title,
        tagline=row.tagline,
        sender=Mailbox(Address.parse(row.sender_address), row.sender_name),
        reply_to=Mailbox.parse(row.reply_to) if row.reply_to else None,
        postal_address=row.postal_address,
        list_id=row.list_id,
        language=row.language,
        topics=tuple(row.topics),
        rhythms=tuple(map(Rhythm, row.rhythms.split())),
        greets_with_issue=row.greets_with_issue,
        says_goodbye=row.says_goodbye,
        schedule=Schedule(
            weekdays=frozenset(row.weekdays),
            at=row.at,
            zone=row.zone,
            catch_up=CatchUp(row.catch_up),
            late_hours=row.late_hours,
        ),
        window_days=row.window_days,
        min_articles=row.min_articles,
        max_articles=row.max_articles,
        max_per_feed=row.max_per_feed,
        send_within_hours=row.send_within_hours,
        seeds=tuple(map(Address.parse, row.seeds.split())),
        canary_percent=row.canary_percent,
        canary_refused_percent=row.canary_refused_percent,
        max_per_topic=row.max_per_topic,
        half_life_hours=row.half_life_hours,
        too_few=TooFew(row.too_few),
        corrections=row.corrections,
        draft_ahead_hours=row.draft_ahead_hours,
        editors=tuple(map(Address.parse, row.editors.split())),
        next_due_at=row.next_due_at,
        theme=row.theme,
        brand=Brand(**json.loads(row.brand or "{}")),
        archive=Archive(row.archive),
    )


def _from_list(value: MailingList) -> dict[str, Any]:
    schedule = value.schedule
    return {
        "name": value.name,
        "title": value.title,
        "tagline": value.tagline,
        "sender_name": value.sender.name,
        "sender_address": str(value.sender.address),
        "reply_to": str(value.reply_to) if value.reply_to else "",
        "postal_address": value.postal_address,
        "language": value.language,
        "topics": list(value.topics),
        "rhythms": " ".join(value.rhythms),
        "greets_with_issue": value.greets_with_issue,
        "says_goodbye": value.says_goodbye,
        "weekdays": sorted(schedule.weekdays),
        "at": schedule.at,
        "zone": schedule.zone,
        "catch_up": schedule.catch_up,
        "late_hours": schedule.late_hours,
        "window_days": value.window_days,
        "min_articles": value.min_articles,
        "max_articles": value.max_articles,
        "max_per_feed": value.max_per_feed,
        "send_within_hours": value.send_within_hours,
        "seeds": " ".join(map(str, value.seeds)),
        "canary_percent": value.canary_percent,
        "canary_refused_percent": value.canary_refused_percent,
        "max_per_topic": value.max_per_topic,
        "half_life_hours": value.half_life_hours,
        "too_few": value.too_few,
        "corrections": value.corrections,
        "draft_ahead_hours": value.draft_ahead_hours,
        "editors": " ".join(map(str, value.editors)),
        "next_due_at": value.next_due_at,
        "theme": value.theme,
        "brand": json.dumps(value.brand.said()),
        "archive": value.archive,
    }
