"""How a draft becomes an edition, with the operator's own templates when there are some."""

from dataclasses import replace
from pathlib import Path

from digest.links import Links
from digest.model.brand import NO_BRAND, Brand
from digest.model.edition import Edition
from digest.model.issue import Issue, IssueContent, IssueItem
from digest.model.mailing_list import FRONT_PAGE, MailingList
from digest.pipeline.publish import Render


def make_render(links: Links, own_templates: Path | None, theme: str = FRONT_PAGE, brand: Brand = NO_BRAND) -> Render:
    """`theme` and `brand` are for lists that say nothing themselves."""

    def render(issue: Issue, mailing_list: MailingList) -> Edition:
        from digest.rendering.edition import render_issue  # noqa: PLC0415  premailer takes half a second to load

        dressed = mailing_list.dressed(theme, brand)
        return render_issue(_all_linked(issue, mailing_list, links), dressed, own_templates=own_templates)

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

    content = issue.content
    sections = tuple(
        replace(section, items=tuple(linked(item) for item in section.items)) for section in content.sections
    )
    lead = linked(content.lead) if content.lead else None
    return replace(issue, content=IssueContent(lead, sections, content.left_out))
