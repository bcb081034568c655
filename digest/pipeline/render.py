"""How a draft becomes an edition that fits, with the operator's own templates when there are some."""

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from digest.issues.budget import LARGEST_HTML, cut_to, ladder
from digest.links import Links
from digest.model.brand import NO_BRAND, Brand
from digest.model.edition import Edition, Fit, Form, Slot
from digest.model.errors import DigestError
from digest.model.issue import Issue, IssueItem
from digest.model.mailing_list import FRONT_PAGE, Archive, MailingList
from digest.model.picture import PictureOutcome, Rendition
from digest.pipeline.page_pictures import PageAsker
from digest.pipeline.pictures import PictureDesk

LONGEST_ADDRESS = "&" * 64 + "@" + "a" * 189  # RFC 5321 §4.5.3.1; each `&` takes five octets in HTML
LARGEST_NUMBER = 2**63 - 1


class Render(Protocol):
    """A draft, or what one group of readers gets of it, as an edition; `language` is the frame's, "" the list's. Raises DigestError
    in words.
    """

    def __call__(
        self, issue: Issue, mailing_list: MailingList, form: Form = Form.HTML, language: str = ""
    ) -> Edition: ...


def make_render(
    links: Links,
    own_templates: Path | None,
    theme: str = FRONT_PAGE,
    brand: Brand = NO_BRAND,
    *,
    pictures: PictureDesk | None = None,
    pages: PageAsker | None = None,
    ask: bool = True,
) -> Render:
    """`theme` and `brand` are for lists that say nothing themselves.

    With a picture desk, pictures that are not there yet are fetched, and with a page asker pages are: no transaction may be
    open when it is called. Unless nobody is to be asked: then what is not known is linked to.
    """

    def render(issue: Issue, mailing_list: MailingList, form: Form = Form.HTML, language: str = "") -> Edition:
        issue = pages.complete(issue, ask=ask) if pages else issue
        linked, dressed = _all_linked(issue, mailing_list, links), mailing_list.dressed(theme, brand)
        if pictures is None:
            return _Fitting(linked, dressed, form, language, links, own_templates).edition()
        if ask:
            pictures.fetch(issue)
        known = pictures.known(issue)
        shown, embedded = _all_shown(linked, pictures, known), pictures.embedded(known)
        return _Fitting(shown, dressed, form, language, links, own_templates, embedded).edition()

    return render


@dataclass(frozen=True, slots=True)
class _Fitting:
    """The search for the most that fits."""

    issue: Issue
    mailing_list: MailingList
    form: Form
    language: str
    links: Links
    own_templates: Path | None
    embedded: Mapping[str, Rendition] = field(default_factory=dict)

    def edition(self) -> Edition:
        """The first step of the ladder that fits; the web edition with everything beside it."""
        roomy = self._render(Fit())
        if self.form is Form.TEXT or self._size(roomy) <= LARGEST_HTML:
            return roomy
        steps = ladder(len(self.issue.content.items))[1:]
        rendered: dict[Fit, Edition] = {}

        def fits(step: Fit) -> bool:
            rendered[step] = self._render(step)
            return self._size(rendered[step]) <= LARGEST_HTML

        first = bisect_left(steps, True, key=fits)
        if first == len(steps):
            raise DigestError(self._too_large(rendered[steps[-1]]))
        return replace(rendered[steps[first]], web=roomy.html)

    def _render(self, fit: Fit) -> Edition:
        from digest.rendering.edition import render_issue  # noqa: PLC0415  premailer takes half a second to load

        content = cut_to(self.issue.content, fit.shown)
        return render_issue(
            replace(self.issue, content=content),
            self.mailing_list,
            archive_url=_archive_url(self.mailing_list, self.links),
            own_templates=self.own_templates,
            form=self.form,
            language=self.language,
            embedded=self.embedded,
            fit=fit,
            more=len(self.issue.content.items) - len(content.items),
        )

    def _size(self, edition: Edition) -> int:
        return largest(edition, self.links)

    def _too_large(self, edition: Edition) -> str:
        return (
            f"Issue {self.issue.id} has {self._size(edition) / 1000:.0f} kB of HTML with its lead alone, more than the "
            f"{LARGEST_HTML // 1000} kB that mail programs show whole: its template is too large."
        )


def _archive_url(mailing_list: MailingList, links: Links) -> str:
    return "" if mailing_list.archive is Archive.OFF else links.list_page(mailing_list.name, "archive")


def largest(edition: Edition, links: Links) -> int:
    """Octets of the HTML part for the reader with the longest address and links."""
    from digest.rendering.compose import fill_html  # noqa: PLC0415  the same

    longest = {
        Slot.ADDRESS: LONGEST_ADDRESS,
        Slot.UNSUBSCRIBE: links.unsubscribe(LARGEST_NUMBER, LARGEST_NUMBER),
        Slot.PREFERENCES: links.preferences(LARGEST_NUMBER, LARGEST_NUMBER),
        Slot.VIEW: links.view(LARGEST_NUMBER),
    }
    return len(fill_html(edition, longest).encode())


def _all_linked(issue: Issue, mailing_list: MailingList, links: Links) -> Issue:
    """Every headline leads somewhere: an article without a page of its own, such as a folder's text, gets ours."""

    def linked(item: IssueItem) -> IssueItem:
        if item.article.url:
            return item
        own = replace(
            item.article,
            url=links.article(item.article_id),
            publisher=item.article.publisher or mailing_list.title,
        )
        return replace(item, article=own)

    corrections = tuple(
        each if each.url else replace(each, url=links.article(each.article_id)) for each in issue.content.corrections
    )
    changed = issue.changed(linked)
    return replace(changed, content=replace(changed.content, corrections=corrections))


def _all_shown(issue: Issue, pictures: PictureDesk, known: Mapping[str, PictureOutcome]) -> Issue:
    """Every picture from where its mail is to find it."""

    def shown(item: IssueItem) -> IssueItem:
        picture = item.article.picture
        return replace(item, article=replace(item.article, picture=pictures.show(picture, known))) if picture else item

    return issue.changed(shown)
