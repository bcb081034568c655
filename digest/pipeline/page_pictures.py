"""Pictures for articles whose feed names none: what their own pages name (og:image). Only where the settings ask for it.

As with pictures themselves: no transaction is open while the web is asked, each page is asked once, one that could not be read
again an hour later, and no page stops an issue.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from digest.model.feed import FetchLimits, Picture
from digest.model.issue import Issue, IssueItem
from digest.sources import read_page_picture
from digest.store import Store

AT_ONCE = 8
RETRY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class PageAsker:
    """Gives an issue's articles the pictures that their pages name."""

    store: Store
    limits: FetchLimits
    now: Callable[[], datetime]

    def complete(self, issue: Issue, *, ask: bool = True) -> Issue:
        """The same issue with more pictures; what is not known yet is asked for, unless nobody is to be asked."""
        pages = list(dict.fromkeys(item.article.url for item in issue.content.items if _needs_one(item)))
        known = self._known(pages)
        self._ask([page for page in pages if page not in known] if ask else [])
        found = {page: picture for page, picture in self._known(pages).items() if picture}
        return issue.changed(lambda item: _pictured(item, found)) if found else issue

    def _known(self, pages: Sequence[str]) -> Mapping[str, Picture | None]:
        if not pages:
            return {}
        with self.store.read() as tx:
            return tx.page_pictures.known(pages, self.now() - RETRY)

    def _ask(self, pages: Sequence[str]) -> None:
        if not pages:
            return
        with ThreadPoolExecutor(min(AT_ONCE, len(pages)), thread_name_prefix="pages") as pool:
            asking = {pool.submit(read_page_picture, page, self.limits): page for page in pages}
            for done in as_completed(asking):
                with self.store.write() as tx:
                    tx.page_pictures.keep(asking[done], done.result(), self.now())


def _needs_one(item: IssueItem) -> bool:
    picture = item.article.picture
    return bool(item.article.url) and (picture is None or not picture.url)


def _pictured(item: IssueItem, found: Mapping[str, Picture]) -> IssueItem:
    if not _needs_one(item) or item.article.url not in found:
        return item
    picture, before = found[item.article.url], item.article.picture
    credited = replace(picture, credit=before.credit) if before else picture
    return replace(item, article=replace(item.article, picture=credited))
