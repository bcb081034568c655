"""An invented week of a newspaper on a coast: what the rendering tests and the golden mails are made of."""

from dataclasses import replace
from datetime import UTC, date, datetime, time
from itertools import count

from digest.model.address import Mailbox
from digest.model.article import Article
from digest.model.edition import Edition, Slot
from digest.model.feed import Picture
from digest.model.issue import Correction, Issue, IssueContent, IssueItem, IssueState, LeftOut, Section
from digest.model.mailing_list import MailingList, Schedule
from digest.rendering.compose import Composer

SALT = "3f9a1c77d20b4e58"
THEN = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
READER = Mailbox.parse("Ann Lindqvist <ann@reader.example>")
MESSAGE_ID = "12.5f2c9e@news.example.org"
LINKS = {
    Slot.UNSUBSCRIBE: "https://news.example.org/u/kx7Qd2mZr4TtVb9s?list=tideline&issue=12",
    Slot.PREFERENCES: "https://news.example.org/p/kx7Qd2mZr4TtVb9s",
    Slot.VIEW: "https://news.example.org/v/12/kx7Qd2mZr4TtVb9s",
    Slot.CONFIRM: "https://news.example.org/c/9QmPz1LwYt8KfXa2Jd5R",
    Slot.LINK: "https://news.example.org/me/Yw3RbTn6Hc1PqLs8Vd0K2e",
}
PICTURES = "https://pictures.example.org"

TIDELINE = MailingList(
    id=1,
    name="tideline",
    title="The Tideline",
    sender=Mailbox.parse("The Tideline <editor@news.example.org>"),
    reply_to=Mailbox.parse("letters@news.example.org"),
    postal_address="The Tideline, 4 Quay Street\nPort Ellery PE1 2QS",
    list_id="tideline.news.example.org",
    schedule=Schedule(frozenset({0}), time(7, 0), "Europe/Vienna"),
    topics=("Harbour", "Weather & Sea", "Science", "Table"),
    tagline="What the coast talked about this week",
)


def make_article(
    title: str, summary: str = "", *, words: int = 900, picture: Picture | None = None, **more: str
) -> Article:
    slug = "-".join("".join(char for char in title.lower() if char.isalnum() or char == " ").split()[:5])
    return Article(
        title=title,
        url=more.pop("url", f"https://harbourpost.example/2026/11/{slug}?utm_source=feed&ref=weekly"),
        summary=summary,
        body_html=f"<p>{summary}</p>",
        word_count=words,
        published_at=datetime(2026, 11, 20, 9, 30, tzinfo=UTC),
        picture=picture,
        publisher=more.pop("publisher", "The Harbour Post"),
        **more,
    )


def make_picture(name: str, alt: str, credit: str = "", size: tuple[int, int] | None = (1200, 800)) -> Picture:
    width, height = size or (None, None)
    return Picture(f"{PICTURES}/{name}.png", alt, credit, width, height)


LEAD = make_article(
    "The last lightship comes home, and a town turns out to meet it",
    "After ninety-one years on the Ellery Bank, the red hull that three generations set their clocks by was towed past the"
    " breakwater on Thursday. Nobody had planned a welcome. By noon four thousand people stood on the sea wall, most of them"
    " silent, some of them in tears.",
    words=1480,
    picture=make_picture("lightship", "A red lightship under tow at dawn", "Photograph: Marta Oyelaran / Coastwise"),
    author="Ines Valderrama",
    agency="with agencies",
)

WEEK = {
    "Harbour": (
        make_article(
            "Night ferry to return in spring with a crew of eleven and a bakery",
            "The operator has bought a second-hand hull from Norway and promises fresh bread at four in the morning."
            " Commuters would settle for a timetable.",
            words=760,
            picture=make_picture("ferry", "The ferry at its berth"),
        ),
        make_article(
            "Dredging halted as seals claim the new channel",
            "Contractors arrived on Monday to find about sixty grey seals asleep on the machinery. The port authority has"
            " asked for patience until the pups can swim.",
            words=540,
        ),
        make_article(
            "Who owns the fog signal? A village takes its foghorn to court",
            "Ringed by holiday lets, the horn at Skarn Point sounds every ninety seconds in thick weather. The new neighbours"
            " would like it not to.",
            words=1900,
            publisher="Skarn Gazette",
            picture=make_picture("horn", "The white tower of the fog signal", size=(600, 900)),
        ),
        make_article(
            "Crane 7 is listed",
            "It has not lifted anything since 1988.",
            words=140,
            publisher="Port Ellery Council",
        ),
    ),
    "Weather & Sea": (
        make_article(
            "A warm autumn has kept the mackerel close, and the gannets know it",
            "Surface water is two degrees above the thirty-year mean. Skippers report full nets within sight of the pier, and"
            " birds diving between the swimmers.",
            words=1100,
            picture=make_picture("gannet", "A gannet folding its wings to dive"),
            publisher="Coastwise",
        ),
        make_article(
            "Three storms in nine days: what the tide gauge saw",
            "Read from left to right, the paper roll at the harbour office tells the story of the month better than any"
            " forecast did.",
            words=870,
            agency="Met Office and staff",
        ),
        make_article("Small craft warning extended to Friday", "", words=60, publisher="Harbour Radio"),
    ),
    "Science": (
        make_article(
            "Oysters remember: shells that keep a diary of the river",
            "Each layer is a tide. Researchers at the marine station have read forty thousand of them and found the year the"
            " dye works closed, to the week.",
            words=2300,
            picture=make_picture("oyster", "An oyster shell cut to show its layers"),
            publisher="Station Notes",
        ),
        make_article(
            "Kelp can hear boats coming",
            "Or at least it moves as though it could. A careful experiment with a loudspeaker, a clock and a great deal of"
            " kelp.",
            words=980,
            publisher="Station Notes",
        ),
        make_article(
            "The buoy that would not stay put",
            "Number 44 has crossed the bay on its own four times. Its batteries are fine, and so is its anchor.",
            words=640,
            publisher="Coastwise",
        ),
    ),
    "Table": (
        make_article(
            "Brown crab, brown butter, brown bread",
            "A supper for the first evening on which the heating goes on, from the galley of a boat with one ring and no"
            " oven.",
            words=420,
            picture=make_picture("crab", "A dressed crab on a blue plate"),
        ),
        make_article(
            "In praise of the second-best café",
            "It has a view of the car park, the wind gets in, and there is always a table. Long may nobody find out.",
            words=700,
            publisher="The Idle Oar",
        ),
        make_article(
            "Smoke, salt, patience: the last herring house on the quay",
            "Old Petra lights the oak at three. By seven the whole street smells of breakfast.",
            words=1250,
            publisher="The Idle Oar",
            picture=make_picture("herring", "Herring hanging in rows in the smoke"),
        ),
    ),
}


def make_issue(
    lead: Article | None = LEAD, week: dict[str, tuple[Article, ...]] | None = None, **changes: object
) -> Issue:
    ids = iter(range(1, 1000))
    sections = tuple(
        Section(topic, tuple(IssueItem(next(ids), topic, article) for article in articles))
        for topic, articles in (WEEK if week is None else week).items()
    )
    issue = Issue(
        id=7,
        list_id=1,
        period=date(2026, 11, 23),
        number=12,
        state=IssueState.DRAFT,
        reason="",
        content=IssueContent(IssueItem(next(ids), "Harbour", lead) if lead else None, sections),
        window_from=datetime(2026, 11, 16, 7, 0, tzinfo=UTC),
        window_to=THEN,
        salt=SALT,
        created_at=THEN,
    )
    return replace(issue, **changes)  # type: ignore[arg-type]  # tests change any field


def make_edited_issue() -> Issue:
    """A shorter week that went over its editor's desk."""
    numbers = count(1)

    def scored(item: IssueItem) -> IssueItem:
        fresh = round(0.9 / next(numbers), 2)
        return replace(item, score=fresh, factors=f"{fresh} fresh × 1 weight")

    content = make_issue().content
    assert content.lead
    return make_issue(
        content=replace(
            content,
            lead=scored(content.lead),
            sections=tuple(
                replace(section, items=tuple(map(scored, section.items[:2]))) for section in content.sections[:2]
            ),
            subject="The sea gave something back",
            intro="We went down to the quay to see it,\nand stayed longer than we had meant to.\n\nThe winter timetable"
            " begins on Monday; the ferry leaves ten minutes earlier.",
            corrections=(
                Correction(
                    90, 11, "The bridge at Skarn stays shut until June", "", "https://harbourpost.example/bridge"
                ),
                Correction(91, 10, "Harbour dues rise by four per cent", "", "https://harbourpost.example/dues"),
            ),
            left_out=(
                LeftOut("Parking at the quay", "The editor dropped it.", 40),
                LeftOut("Eels, again", "Its feed has 2 articles in this issue already; its score is 0.21.", 41),
            ),
        )
    )


def compose(edition: Edition, to: Mailbox = READER) -> bytes:
    return Composer(edition).compose(to, MESSAGE_ID, THEN, LINKS)
