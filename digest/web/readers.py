"""Whose link it is: the reader and the list in a token of the links that stand in every mail. The token is the authority."""

from typing import Annotated

from fastapi import Depends

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
