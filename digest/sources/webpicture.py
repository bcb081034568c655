"""A picture over HTTP → our renditions of it, or why there are none; a page over HTTP → the picture that it names."""

from dataclasses import replace

from digest.model.feed import FetchLimits
from digest.model.picture import KeptPicture, MissingPicture, PagePicture, PictureOutcome
from digest.sources import confine, guard
from digest.sources.fetch import Failed, Fetched, fetch
from digest.sources.parsed import Unreadable

ACCEPT = "image/jpeg, image/png, image/webp, image/avif;q=0.9, image/gif;q=0.8, */*;q=0.1"
PAGE = "text/html, application/xhtml+xml;q=0.9, */*;q=0.1"
MAX_BYTES = 15_000_000
MAX_SECONDS = 15.0  # the issue waits for it


def read_web_picture(url: str, limits: FetchLimits, look_up: guard.Resolver = guard.resolve) -> PictureOutcome:
    """Never raises. By the guard and limits of feeds, with a limit on bytes and time of its own. `look_up` stands for DNS."""
    limits = replace(limits, max_bytes=MAX_BYTES, max_seconds=min(MAX_SECONDS, limits.max_seconds))
    outcome = fetch(url, limits, accept=ACCEPT, look_up=look_up)
    match outcome:
        case Fetched():
            return _render(outcome.content)
        case Failed(reason):
            return MissingPicture(reason)
        case _:
            return MissingPicture("it is gone for good (410 Gone)")


def read_web_page_picture(url: str, limits: FetchLimits, look_up: guard.Resolver = guard.resolve) -> PagePicture:
    """Never raises. By the guard and limits of feeds, with a limit on time of its own."""
    outcome = fetch(
        url, replace(limits, max_seconds=min(MAX_SECONDS, limits.max_seconds)), accept=PAGE, look_up=look_up
    )
    match outcome:
        case Fetched():
            return _find(outcome)
        case Failed(reason):
            return PagePicture(reason=reason)
        case _:
            return PagePicture(reason="it is gone for good (410 Gone)")


def _find(fetched: Fetched) -> PagePicture:
    try:
        (entry,) = confine.run("card", fetched.content, location=fetched.final, charset=fetched.charset).entries
    except (Unreadable, ValueError) as error:
        return PagePicture(reason=str(error))
    return PagePicture(entry.picture)


def _render(content: bytes) -> PictureOutcome:
    try:
        renditions = confine.render(content)
    except Unreadable as error:
        return MissingPicture(str(error))
    if len(renditions) != 2:
        return MissingPicture("it is too small to be a picture", worthless=True)
    return KeptPicture(*renditions)
