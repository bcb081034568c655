"""What a digest shows of an entry, whatever its feed, its address and what we have already: all of judging that takes time.

A feed's entries are told here in the confined process, right after they were parsed (`pipeline.refresh` hands `gist_of` there),
so that several cores judge. Who took that process over could tell anything: `decide` tidies what comes from it once more.
"""

from dataclasses import replace

from digest.articles.language import language_of
from digest.articles.summary import headline, picture_words, summary
from digest.articles.text import plain_text, tidy, word_count
from digest.model.feed import Entry, Gist, Picture
from digest.model.web_address import is_web_address


def gist_of(entry: Entry) -> Gist:
    """Told anew, whatever `entry.gist` says."""
    title, standfirst = headline(entry), summary(entry)
    return Gist(
        title=title,
        summary=standfirst,
        word_count=word_count(plain_text(entry.content_html or entry.summary_html)),
        language=language_of(tidy(entry.language), f"{title}\n{standfirst}"),
        author=tidy(entry.author),
        publisher=tidy(entry.publisher),
        agency=tidy(entry.agency),
        topic=tidy(entry.topic),
        picture=_picture(entry.picture),
    )


def _picture(picture: Picture | None) -> Picture | None:
    if picture is None:
        return None
    url, credit = picture.url if is_web_address(picture.url) else "", tidy(picture.credit)
    return replace(picture, url=url, alt=picture_words(picture.alt), credit=credit) if url or credit else None
