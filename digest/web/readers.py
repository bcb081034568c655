"""Whose link it is: the reader and the list in a token of the links that stand in every mail. The token is the authority."""

from typing import Annotated

from fastapi import Depends

from digest.audience.language import language_for
from digest.links import Purpose
from digest.model.errors import NotFound
from digest.web.desk import AtDesk, Desk

READ = ["GET", "HEAD"]

Reader = tuple[int, int]  # the numbers of a subscriber and of a list


async def _of_unsubscribe_link(desk: AtDesk, token: str) -> Reader:
    return read_reader(desk, Purpose.UNSUBSCRIBE, token)


async def _of_preferences_link(desk: AtDesk, token: str) -> Reader:
    return read_reader(desk, Purpose.PREFERENCES, token)


def read_reader(desk: Desk, purpose: Purpose, token: str) -> Reader:
    """Raises NotFound for a token that we did not make for this purpose."""
    numbers = desk.app.links.read(purpose, token)
    if numbers is None or len(numbers) != 2:
        say = desk.pages.words.gettext
        raise NotFound(say("This link is not complete. Open it from the mail again, or copy all of it."))
    return numbers[0], numbers[1]


Leaver = Annotated[Reader, Depends(_of_unsubscribe_link)]
Chooser = Annotated[Reader, Depends(_of_preferences_link)]


def _speaking_to_leaver(desk: AtDesk, reader: Leaver) -> Desk:
    return _speaking_to(desk, reader)


def _speaking_to_chooser(desk: AtDesk, reader: Chooser) -> Desk:
    return _speaking_to(desk, reader)


def _speaking_to(desk: Desk, reader: Reader) -> Desk:
    number, list_id = reader
    with desk.app.store.read() as tx:
        subscriber = tx.subscribers.known_as(number)
        language = language_for(tx, subscriber.id, list_id) if subscriber else ""
    return desk.speaking_to(language)


#: The desk, in the language of whose link it is.
LeaversDesk = Annotated[Desk, Depends(_speaking_to_leaver)]
ChoosersDesk = Annotated[Desk, Depends(_speaking_to_chooser)]
