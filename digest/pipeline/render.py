"""How a draft becomes an edition, with the operator's own templates when there are some."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from digest.links import Links
from digest.model.edition import Edition
from digest.model.issue import Issue, IssueContent, IssueItem
from digest.model.mailing_list import MailingList
from digest.model.picture import PictureOutcome
from digest.pipeline.pictures import PictureDesk
from digest.pipeline.publish import Render


def make_render(links: Links, own_templates: Path | None, pictures: PictureDesk | None = None) -> Render:
    """With a picture desk, pictures that are not there yet are fetched: no transaction may be open when it is called."""

    def render(issue: Issue, mailing_list: MailingList) -> Edition:
        from digest.rendering.edition import render_issue  # noqa: PLC0415  premailer takes half a second to load

        linked = _all_linked(issue, mailing_list, links)
        if pictures is None:
            return render_issue(linked, mailing_list, own_templates=own_templates)
        pictures.fetch(issue)
        known = pictures.known(issue)
        shown = _all_shown(linked, pictures, known)
        return render_issue(shown, mailing_list, own_templates=own_templates, embedded=pictures.embedded(known))

    return render


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

    return _change(issue, linked)


def _all_shown(issue: Issue, pictures: PictureDesk, known: Mapping[str, PictureOutcome]) -> Issue:
    """Every picture from where its mail is to find it."""

    def shown(item: IssueItem) -> IssueItem:
        picture = item.article.picture
        return replace(item, article=replace(item.article, picture=pictures.show(picture, known))) if picture else item

    return _change(issue, shown)


def _change(issue: Issue, change: Callable[[IssueItem], IssueItem]) -> Issue:
    content = issue.content
    sections = tuple(
        replace(section, items=tuple(change(item) for item in section.items)) for section in content.sections
    )
    lead = change(content.lead) if content.lead else None
    return replace(issue, content=IssueContent(lead, sections, content.left_out))
