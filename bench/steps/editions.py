"""One issue of 60 articles for so many kinds of readers: assembled, cut, rendered for each, frozen for all.

Each kind chose other topics, so that each needs an edition of its own, up to the most that an issue may have.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import combinations, islice
from pathlib import Path

from bench.measure import Step, Subject
from bench.world import KEYS, LINKS, NOW, PERIOD, SALT, Database, a_database, a_feed, add_readers, an_article
from digest.articles.decide import content_hash
from digest.issues.editions import MOST_EDITIONS
from digest.model.choices import Choices
from digest.model.issue import Issue
from digest.pipeline.assemble import assemble
from digest.pipeline.editions import find_readership
from digest.pipeline.publish import publish
from digest.pipeline.render import make_render

ARTICLES = 60
PAGES = tuple(f"Page {number}" for number in range(1, 13))  # of which 4,095 choices can be made
SOME = 2  # editions that are rendered to see what one costs; their time is scaled up


@contextmanager
def _open(size: int, place: Path) -> Iterator[Sequence[Subject]]:
    database = a_database(place)
    _offer_pages(database)
    _choose(database, size)
    shelf = _Shelf(database, database.keep("chosen.db"), size)
    yield (
        Subject("assemble, render, publish", shelf.appear, shelf.empty),
        Subject("of it: assemble", shelf.draft, shelf.empty),
        Subject("of it: who gets what", shelf.cut, shelf.drafted),
        Subject("the whole issue rendered as often as there are editions", shelf.render, shelf.drafted, units=SOME),
    )
    database.close()


def _offer_pages(database: Database) -> None:
    """Sixty articles, five to a page."""
    database.mailing_list = replace(database.mailing_list, topics=PAGES, max_articles=ARTICLES, max_per_feed=ARTICLES)
    with database.store.write() as tx:
        tx.lists.save(database.mailing_list)
        for at, page in enumerate(PAGES):
            location = f"https://news.example.org/{at}.xml"
            feed = tx.feeds.add(replace(a_feed(database.mailing_list.id, at, location), topic=page))
            for number in range(at, ARTICLES, len(PAGES)):
                article = an_article(number)
                article_id = tx.articles.add(feed, article, content_hash(article), NOW)
                tx.articles.add_keys(feed.list_id, article_id, [f"url:{article.url}"])


def _choose(database: Database, kinds: int) -> None:
    """A reader of each kind: those of few topics first, as most readers are."""
    add_readers(database, kinds)
    chosen = (each for count in range(1, len(PAGES)) for each in combinations(PAGES, count))
    with database.store.write() as tx:
        for subscriber_id, topics in enumerate(islice(chosen, kinds), 1):
            tx.audiences.choose(subscriber_id, database.mailing_list.id, Choices(topics), None)


@dataclass
class _Shelf:
    database: Database
    kept: Path
    size: int

    def empty(self) -> None:
        self.database.fresh(self.kept)

    def drafted(self) -> None:
        self.empty()
        self._issue = self._assemble()

    def appear(self) -> int:
        published = publish(self.database.store, self._assemble().id, make_render(LINKS, None), KEYS, now=NOW)
        assert min(self.size + 1, MOST_EDITIONS) - published.editions in {0, 1}  # one for each kind, and the whole one
        return published.campaign.audience

    def draft(self) -> int:
        assert len(self._assemble().content.items) == ARTICLES
        return self.size

    def cut(self) -> int:
        with self.database.store.read() as tx:
            return find_readership(tx, self._issue, self.database.mailing_list).readers

    def render(self) -> int:
        render = make_render(LINKS, None)
        return sum(bool(render(self._issue, self.database.mailing_list).html) for _ in range(SOME))

    def _assemble(self) -> Issue:
        return assemble(self.database.store, self.database.mailing_list, PERIOD, now=NOW, salt=SALT).issue


STEP = Step("editions", "kinds of readers", (10, 50, 100, 1_000), (3, 6), _open)
