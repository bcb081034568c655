"""An issue's pictures: fetched once, kept as our renditions, and shown from there. Not when they are only linked to.

No transaction is open while the web is asked. Safe twice, at once, and killed at any line: what was kept is not asked for
again, and what could not be had is tried again an hour later. A picture never stops an issue.
"""

import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from digest.links import Links
from digest.model.feed import FetchLimits, Picture
from digest.model.issue import Issue
from digest.model.picture import KeptPicture, MissingPicture, PictureOutcome, Rendition
from digest.sources import read_picture
from digest.store import Store

log = logging.getLogger("digest.pictures")

AT_ONCE = 8
RETRY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class PictureDesk:
    """Fetches an issue's pictures, and knows where its mail finds them."""

    store: Store
    limits: FetchLimits
    links: Links
    now: Callable[[], datetime]
    embed: bool = False  # the mail carries them

    def fetch(self, issue: Issue) -> tuple[str, ...]:
        """Get what is not there yet; returns, in words, what could not be had."""
        urls = _urls(issue)
        with self.store.read() as tx:
            untried = tx.pictures.untried(urls, self.now() - RETRY)
        self._read(untried)
        if urls:
            with self.store.write() as tx:
                tx.pictures.need(issue.id, urls, self.now())
        known = self.known(issue)
        for url in untried:
            if isinstance(known.get(url), MissingPicture):
                log.info("action=picture issue=%d said=%s", issue.id, _say(url, known[url]))
        return tuple(said for url in urls if (said := _say(url, known.get(url))))

    def known(self, issue: Issue) -> Mapping[str, PictureOutcome]:
        """What became of each of its pictures' addresses."""
        with self.store.read() as tx:
            return tx.pictures.of(_urls(issue))

    def show(self, picture: Picture, known: Mapping[str, PictureOutcome]) -> Picture:
        """The same with our addresses and sizes; as it is when we have none of it, and only its credit when it is worthless."""
        match known.get(picture.url):
            case KeptPicture(wide, thumb):
                return replace(
                    picture,
                    url=self.links.picture(wide),
                    thumb=self.links.picture(thumb),
                    width=wide.width,
                    height=wide.height,
                )
            case MissingPicture(worthless=True):
                return replace(picture, url="")
            case _:
                return picture

    def embedded(self, known: Mapping[str, PictureOutcome]) -> dict[str, Rendition]:
        """What a mail may carry, by the address under which it would find it otherwise."""
        if not self.embed:
            return {}
        kept = [one for one in known.values() if isinstance(one, KeptPicture)]
        return {self.links.picture(each): each for one in kept for each in (one.wide, one.thumb)}

    def _read(self, urls: list[str]) -> None:
        if not urls:
            return
        with ThreadPoolExecutor(min(AT_ONCE, len(urls)), thread_name_prefix="pictures") as pool:
            reading = {pool.submit(read_picture, url, self.limits): url for url in urls}
            for done in as_completed(reading):
                with self.store.write() as tx:
                    tx.pictures.keep(reading[done], done.result(), self.now())


def _urls(issue: Issue) -> list[str]:
    """In reading order, each once."""
    pictures = (item.article.picture for item in issue.content.items)
    return list(dict.fromkeys(picture.url for picture in pictures if picture and picture.url))


def _say(url: str, outcome: PictureOutcome | None) -> str:
    if not isinstance(outcome, MissingPicture):
        return ""
    if outcome.worthless:
        return f"The picture {url} is left out: {outcome.reason}."
    return f"The picture {url} could not be had: {outcome.reason}. The mail links to it."
