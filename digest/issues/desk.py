"""What the editor's wishes make of an assembled issue. Pure: the articles themselves stay as they are.

Pins and drops have their say while the articles are chosen (choose.py); here comes what is asked of those that are in.
A wish for an article that is not there does nothing.
"""

from collections.abc import Iterator
from dataclasses import replace

from digest.issues.choose import lead_rank, section_of
from digest.model.issue import IssueContent, IssueItem, Section
from digest.model.wish import Wish, Wishes, WishKind

Sections = dict[str, list[IssueItem]]


def apply_wishes(content: IssueContent, wishes: Wishes, topics: tuple[str, ...]) -> IssueContent:
    """The content with the wishes applied, the oldest first. Applied to its own result it changes nothing."""
    page = _Page(content, topics)
    for wish in wishes.each:
        page.apply(wish)
    return replace(content, lead=page.lead, sections=tuple(page.in_order()), subject=page.subject, intro=page.intro)


class _Page:
    """An issue's items while they are being moved about."""

    def __init__(self, content: IssueContent, topics: tuple[str, ...]) -> None:
        self.lead = content.lead
        self.sections: Sections = {section.title: list(section.items) for section in content.sections}
        self.subject, self.intro = content.subject, content.intro
        self._topics = topics

    def apply(self, wish: Wish) -> None:
        match wish.kind:
            case WishKind.SUBJECT:
                self.subject = wish.text
            case WishKind.INTRO:
                self.intro = wish.text
            case WishKind.LEAD:
                self._make_lead(wish.article_id)
            case WishKind.MOVE:
                self._move(wish)
            case WishKind.TITLE | WishKind.SUMMARY:
                self._rewrite(wish)
            case WishKind.PIN | WishKind.DROP:
                return

    def in_order(self) -> Iterator[Section]:
        """The list's topics first; an empty section is none."""
        for title in dict.fromkeys((*self._topics, *self.sections)):
            if items := self.sections.get(title):
                yield Section(title, tuple(items))

    def _items(self) -> Iterator[IssueItem]:
        if self.lead:
            yield self.lead
        for items in self.sections.values():
            yield from items

    def _take(self, article_id: int) -> IssueItem | None:
        """Out of its place; when that was the lead's, the best of the others leads."""
        found = next((item for item in self._items() if item.article_id == article_id), None)
        for title, items in self.sections.items():
            self.sections[title] = [item for item in items if item.article_id != article_id]
        if found is not None and found is self.lead:
            self.lead = None
            if best := min(self._items(), key=lambda item: lead_rank(item.article), default=None):
                self.lead = self._take(best.article_id)
        return found

    def _make_lead(self, article_id: int) -> None:
        if self.lead and self.lead.article_id == article_id:
            return
        before = self.lead
        if found := self._take(article_id):
            self.lead = found
            if before:
                self.sections.setdefault(section_of(before.topic, self._topics), []).insert(0, before)

    def _move(self, wish: Wish) -> None:
        if found := self._take(wish.article_id):
            place = self.sections.setdefault(wish.text, [])
            place.insert(wish.position - 1 if wish.position else len(place), found)

    def _rewrite(self, wish: Wish) -> None:
        def rewritten(item: IssueItem) -> IssueItem:
            if item.article_id != wish.article_id:
                return item
            field = "title" if wish.kind is WishKind.TITLE else "summary"
            return replace(item, article=replace(item.article, **{field: wish.text}))  # type: ignore[arg-type]  # a text

        self.lead = rewritten(self.lead) if self.lead else None
        self.sections = {title: [rewritten(item) for item in items] for title, items in self.sections.items()}
