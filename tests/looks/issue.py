"""Two invented issues that show all that a theme must bear: one from left to right, one from right to left."""

from dataclasses import replace

from digest.model.article import Article
from digest.model.issue import Issue
from digest.model.mailing_list import MailingList
from tests.unit.rendering.week import LEAD, TIDELINE, WEEK, make_article, make_issue, make_picture

PHOTOGRAPH = "Photograph: Marta Oyelaran / Coastwise"


def _named(article: Article, name: str, size: tuple[int, int] = (1200, 800)) -> Article:
    """With one of the demo's pictures."""
    assert article.picture is not None
    return replace(article, picture=make_picture(name, article.picture.alt, article.picture.credit, size))


FERRY, SEALS, FOGHORN, CRANE = WEEK["Harbour"]
OYSTERS, KELP, _ = WEEK["Science"]
HEBREW = make_article(
    "הצדפות זוכרות: קונכיות שמנהלות יומן של הנהר",
    "כל שכבה היא גאות. החוקרים קראו ארבעים אלף שכבות ומצאו את השנה שבה נסגר המפעל.",
    words=700,
    publisher="רשימות התחנה",
    language="he",
    url="https://station.example/oysters-he",
)

LTR = make_issue(
    _named(LEAD, "harbour-dusk"),
    {
        "Harbour": (_named(FERRY, "ferry"), SEALS, _named(FOGHORN, "fog", (600, 900)), CRANE),
        "": (_named(OYSTERS, "tide-pool"), HEBREW),
    },
)

TIDE = replace(
    TIDELINE,
    title="صحيفة المد",
    tagline="ما تحدث عنه الساحل هذا الأسبوع",
    language="ar",
    postal_address="صحيفة المد، شارع الرصيف 4\nالميناء القديم",
)
_RTL = make_issue(
    make_article(
        "عودة المنارة العائمة إلى الميناء، والبلدة كلها تخرج لاستقبالها",
        "بعد واحد وتسعين عاما في عرض البحر، عبرت السفينة الحمراء حاجز الأمواج يوم الخميس. لم يخطط أحد لاستقبالها،"
        " لكن أربعة آلاف شخص وقفوا على السور في صمت.",
        words=1480,
        picture=make_picture("harbour-dusk", "السفينة الحمراء عند الفجر", "تصوير: مارتا أويلاران"),
        author="سلمى العطار",
        publisher="بريد الميناء",
        language="ar",
        url="https://port.example/lightship",
    ),
    {
        "الميناء": (
            make_article(
                "العبارة الليلية تعود في الربيع وعلى متنها مخبز",
                "اشترت الشركة سفينة مستعملة من النرويج، وتعد بخبز طازج في الرابعة صباحا.",
                words=760,
                picture=make_picture("ferry", "العبارة عند الرصيف"),
                publisher="بريد الميناء",
                language="ar",
                url="https://port.example/ferry",
            ),
            make_article(
                "الفقمات تحتل القناة الجديدة",
                "توقفت أعمال الحفر حتى تتعلم الصغار السباحة.",
                words=540,
                publisher="بريد الميناء",
                language="ar",
                url="https://port.example/seals",
            ),
        ),
        "": (KELP,),
    },
    number=12,
)


assert _RTL.content.lead is not None
RTL = replace(_RTL, content=replace(_RTL.content, lead=replace(_RTL.content.lead, topic="الميناء")))


def made(direction: str) -> tuple[Issue, MailingList]:
    """The issue of a direction, "ltr" or "rtl", and its list."""
    return (RTL, TIDE) if direction == "rtl" else (LTR, TIDELINE)
