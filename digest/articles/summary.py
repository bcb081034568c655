"""What a digest shows of an entry: its headline, and two or three lines that say what it is about."""

import re

from digest.articles.boilerplate import without_furniture, without_source
from digest.articles.sentences import ELLIPSIS, cut, sentence_ends, shorten
from digest.articles.text import paragraphs, tidy
from digest.model.feed import Entry

MAX_HEADLINE = 250  # columns; a longer one is a paragraph that lost its way
MAX_SUMMARY = 300  # columns: three lines at 600 px
_READ = 3_000  # characters; what stands later can never be in a summary
_ENOUGH = 3 * MAX_SUMMARY  # characters of the story's own
_WHOLE = 60  # columns; less than this is no summary, if there is more

#: What feed generators put after the text: words that must stand in it, for that is seen at once, and how they stand there.
_SUBMITTED = re.compile(r"\s*\bsubmitted by\s+/?u/\S+(?:\s+to\s+r/\S+)?(?:\s+\[link\])?(?:\s+\[comments\])?$")
#: "Continue reading How to bake →", after a sentence or an ellipsis only: people do continue reading.
_READ_ON = re.compile(
    r"(?:^|(?<=[.!?…\]。\n\"”»)]))\s*(?:continue reading|keep reading|read (?:more|on|the (?:full|whole|rest)))\b[^.!?\n]{0,160}[.!?…]*$",
    re.IGNORECASE,
)
#: The same words as the label of a link, wherever they stand; in prose they have no capital.
_LABELS = (
    *("Read More", "Read more", "READ MORE", "Continue Reading", "Continue reading", "Keep Reading", "Keep reading"),
    *("Read on", "Weiterlesen", "Mehr lesen", "Lire la suite", "Leer más", "Seguir leyendo", "Continua a leggere"),
    *("Leggi tutto", "Lees verder", "Läs mer", "Les mer", "Læs mere", "Czytaj dalej", "Leia mais", "Читать далее"),
    *("続きを読む", "阅读全文", "اقرأ المزيد"),
)
_BEHIND_LABEL = "\t\n\r \u00a0\u202f.…:)]→»›>"
_LABEL = re.compile(rf"\s*[(\[]?\b(?:{'|'.join(_LABELS)})[\s{re.escape(_BEHIND_LABEL)}]*$")
#: How generators mark a text that they broke off.
_BREAKS_OFF = ("…", "...", ")", "]")
_BROKEN_OFF = re.compile(r"\s*(?:[(\[]\s*(?:more)?(?:…|\.\.\.)\s*[)\]]|…+|\.{3,})\s*$")


#: Alternative texts that say nothing: a file's name, an address, a number, the word "image".
_NO_WORDS = re.compile(
    r"\S*\.(?:jpe?g|png|gif|webp|avif|svg)|https?://\S+|\W*|(?:(?:img|image|photo|picture|foto|bild|imagen|immagine|imagem|pic|dsc|dscn"
    r"|p|screenshot|screen shot|untitled|unnamed|featured image|thumbnail|default|null|undefined|alt)[-_ ]?[\d_-]*)|[\d_-]+",
    re.IGNORECASE,
)


def picture_words(alt: str) -> str:
    """What a picture's alternative text says; "" when it says nothing, so that the headline can stand in."""
    words = tidy(alt)
    return "" if _NO_WORDS.fullmatch(words) else words


def headline(entry: Entry) -> str:
    """The title; for an entry without one (a note, a photo) its first words; "" when it has no text either."""
    title = tidy(entry.title) or _first(entry.summary_html) or _first(entry.content_html)
    return cut(title, MAX_HEADLINE)


def summary(entry: Entry) -> str:
    """The standfirst or description, else the body's first sentences; one line of plain text, "" when there is none.

    What generators add is removed ("The post … appeared first on …", "Read more", "[…]"), and so is the headline where
    a feed repeats it.
    """
    title = tidy(entry.title).casefold()
    texts = (_prose(html, title) for html in (entry.summary_html, entry.content_html))
    return tidy(shorten(next(filter(None, texts), ""), MAX_SUMMARY, least=_WHOLE))


def without_boilerplate(text: str) -> str:
    """The text without what feed generators put after it; one that they broke off ends at a sentence or in `…`."""
    before = None
    broken_off = False
    while text != before:
        before = text
        text = without_source(text).rstrip()
        text = _without_trailers(text)
        if text.rstrip().endswith(_BREAKS_OFF) and _BROKEN_OFF.search(text):
            text, broken_off = _BROKEN_OFF.sub("", text), True
    return _completed(text) if broken_off else text.strip()


def _without_trailers(text: str) -> str:
    if "submitted by" in text:
        text = _SUBMITTED.sub("", text)
    if "read" in text.lower():
        text = _READ_ON.sub("", text)
    return _LABEL.sub("", text) if text.rstrip(_BEHIND_LABEL).endswith(_LABELS) else text


def _completed(text: str) -> str:
    whole = max((end for end in sentence_ends(text) if end < len(text.rstrip())), default=0)
    if text.rstrip().endswith((".", "!", "?", "。")) or not text.strip():
        return text.strip()
    return text[:whole].strip() if whole >= _WHOLE else text.rstrip(" ,;:") + ELLIPSIS


def _prose(html: str, title: str) -> str:
    """The story's own sentences, a line for each paragraph."""
    texts = paragraphs(html, prose=True)
    if texts and texts[0].casefold() == title:
        texts = texts[1:]
    return without_boilerplate("\n".join(without_furniture(texts, _ENOUGH))[:_READ])


def _first(html: str) -> str:
    texts = paragraphs(html)
    return texts[0] if texts else ""
