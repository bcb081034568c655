"""What the readers' page is asked for: its fields as they stand in the address, and what its menus offer."""

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import BaseModel, Field

from digest.model.language import LANGUAGES
from digest.model.mailing_list import MailingList, Rhythm
from digest.model.segment import MOST_CONDITIONS
from digest.web.v1.gate import MOST_NUMBER


class Sieve(BaseModel):
    """All of it may be empty: then it is everybody."""

    q: str = Field(default="", max_length=320)
    list_name: str = Field(default="", alias="list", max_length=48)
    state: str = Field(default="", max_length=20)
    segment_number: str = Field(default="", alias="segment", max_length=10, pattern="^[0-9]*$")
    after: int | None = Field(default=None, ge=1, le=MOST_NUMBER)
    where: list[str] = Field(default=[], max_length=MOST_CONDITIONS)

    @property
    def segment(self) -> int:
        return int(self.segment_number or 0)

    @property
    def conditions(self) -> tuple[str, ...]:
        return tuple(filter(None, self.where))

    def fields(self) -> Sequence[tuple[str, str]]:
        """Those that say something, for a link or a form."""
        one = [("q", self.q), ("list", self.list_name), ("state", self.state), ("segment", self.segment_number)]
        return [(name, value) for name, value in (*one, *(("where", each) for each in self.conditions)) if value]


@dataclass(frozen=True, slots=True)
class Menu:
    """A menu of conditions, each with the words it is offered in."""

    label: str
    options: tuple[tuple[str, str], ...]


def offered(lists: Sequence[MailingList]) -> tuple[Menu, ...]:
    topics = dict.fromkeys(topic for each in lists for topic in each.topics)
    return (
        *((Menu("Topic", tuple((f"topic is {each}", each) for each in topics)),) if topics else ()),
        Menu("Rhythm", tuple((f"rhythm is {each}", each.value) for each in Rhythm)),
        Menu("Language", tuple((f"language is {tag}", name) for tag, name in LANGUAGES.items())),
        Menu("Joined", _JOINED),
        Menu("Engaged", _ENGAGED),
    )


_JOINED = (
    ("joined since 7 days", "in the last 7 days"),
    ("joined since 30 days", "in the last 30 days"),
    ("joined since 365 days", "in the last year"),
    ("joined not since 30 days", "more than 30 days ago"),
    ("joined not since 365 days", "more than a year ago"),
)
#: What is known without watching anybody read.
_ENGAGED = (
    ("reached since 30 days", "an issue reached them in the last 30 days"),
    ("reached not since 90 days", "none did in the last 90 days"),
    ("acted since 90 days", "did something themselves in the last 90 days"),
    ("acted not since 365 days", "did nothing in the last year"),
    ("bounced since 90 days", "a mail was refused in the last 90 days"),
    ("suppressed is bounced", "suppressed: the mailbox is gone"),
    ("suppressed is complaint", "suppressed: they complained"),
    ("suppressed is operator", "suppressed by an operator"),
)
