"""An office in the middle of its week: readers, articles that differ, and a draft. What the tests of the issue desk start from."""

import re
from dataclasses import dataclass, replace
from datetime import timedelta

from digest.articles.decide import content_hash
from digest.model.issue import Issue
from digest.model.link_check import LinkCheck, LinkState
from digest.model.message import Account
from digest.model.operator import Act
from tests.pipeline.world import a_feed, an_article
from tests.web.admin.conftest import Office

#: No two share enough words to be one story.
HEADLINES = (
    "Ferry timetable changes after the storm",
    "Council opens a reading room",
    "Divers map an unknown kelp forest",
    "Choir rehearses inside empty drydock",
    "Lighthouse logbooks go online",
    "Herring return with hungry seals",
)


@dataclass
class Week:
    office: Office

    def add_articles(self, count: int = 4, first: int = 0) -> None:
        world = self.office.world
        with world.app.store.write() as tx:
            feeds = tx.feeds.of_list(world.mailing_list.id)
            feed = feeds[0] if feeds else tx.feeds.add(a_feed(world.mailing_list.id))
            for number in range(first, first + count):
                plain = an_article(number, world.clock() - timedelta(hours=number + 1))
                article = replace(plain, title=HEADLINES[number])
                article_id = tx.articles.add(feed, article, content_hash(article), world.clock())
                tx.articles.add_keys(feed.list_id, article_id, [f"url:{article.url}"])

    def add_dead_link(self) -> None:
        """An article whose page is gone, which is known."""
        world, address = self.office.world, "https://gone.example/1"
        self.add_from_elsewhere(address)
        with world.app.store.write() as tx:
            tx.link_checks.keep([LinkCheck(address, LinkState.DEAD, "it answered 410 Gone", world.clock())])
        self.draft()

    def add_from_elsewhere(self, address: str) -> None:
        """An article of another site."""
        world = self.office.world
        with world.app.store.write() as tx:
            feed = tx.feeds.of_list(world.mailing_list.id)[0]
            article = replace(an_article(99, world.clock()), title="Bakery closes for good", url=address)
            tx.articles.add(feed, article, content_hash(article), world.clock())

    def draft(self) -> Issue:
        return self.office.world.draft()

    def issue(self, number: int = 1) -> Issue:
        with self.office.world.app.store.read() as tx:
            return tx.issues.get(number)

    def titles(self) -> list[str]:
        return [item.article.title for item in self.issue().content.items]

    def acts(self) -> list[Act]:
        """Newest first, without the logging in."""
        with self.office.world.app.store.read() as tx:
            return tx.acts.newest(limit=200)

    def account(self) -> Account:
        return self.office.world.only_account()


def start_week(office: Office, *, readers: int = 3, articles: int = 4) -> Week:
    week = Week(office)
    office.world.subscribe(readers)
    week.add_articles(articles)
    week.draft()
    return week


def hidden(name: str, page: str) -> str:
    """What a form on a page carries."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, name
    return found[1]
