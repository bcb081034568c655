"""A mail as rendered once for all who get the same: subject, text, inlined HTML, and the skeleton of the message.

Pure but for reading templates; safe to run again: the same values, templates and salt give the same edition, byte for byte.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from digest.model.edition import Edition, Fit, Form, Slot
from digest.model.errors import DigestError
from digest.model.issue import Issue, IssueItem
from digest.model.mailing_list import FRONT_PAGE, MailingList
from digest.model.picture import Rendition
from digest.model.subscriber import CONFIRMATION_LIFE
from digest.rendering.confine import confine_content
from digest.rendering.content import Content, make_content
from digest.rendering.context import clean, view_issue, view_items, view_list
from digest.rendering.environment import hash_templates
from digest.rendering.frame import view_frame
from digest.rendering.look import make_look
from digest.rendering.skeleton import Campaign, build_skeleton
from digest.rendering.slots import Part, make_token
from digest.words import words_in

_ROOMY = Fit()


def render_issue(
    issue: Issue,
    mailing_list: MailingList,
    *,
    archive_url: str = "",
    own_templates: Path | None = None,
    embedded: Mapping[str, Rendition] = MappingProxyType({}),
    form: Form = Form.HTML,
    fit: Fit = _ROOMY,
    more: int = 0,
    language: str = "",
) -> Edition:
    """The issue's mail. `archive_url` is where former issues are; it becomes the List-Archive header.

    `embedded` are the pictures that it may carry, by their addresses; the edition's `html` links to them all the same.
    `fit` says how much of each article is shown, `more` how many others are on the web only. Slots to fill: UNSUBSCRIBE,
    PREFERENCES, VIEW (ADDRESS is filled by the composer).
    """
    edition = render_edition(
        "issue",
        mailing_list=mailing_list,
        salt=issue.salt,
        context={"issue": view_issue(issue, mailing_list.language, fit, more, mailing_list.topics)},
        campaign=Campaign(str(issue.number), archive_url),
        own_templates=own_templates,
        embedded=embedded,
        form=form,
        language=language,
    )
    return replace(edition, fit=fit, templates=hash_templates(own_templates))


def render_confirmation(
    mailing_list: MailingList,
    titles: Sequence[str],
    *,
    salt: str,
    own_templates: Path | None = None,
    language: str = "",
) -> Edition:
    """The mail that asks whether an address is really its owner's. `titles` are the lists asked for. Slot to fill: CONFIRM."""
    hours = int(CONFIRMATION_LIFE.total_seconds()) // 3600
    return render_edition(
        "confirm-subscription",
        mailing_list=mailing_list,
        salt=salt,
        context={"titles": tuple(titles) or (mailing_list.title,), "hours": hours},
        own_templates=own_templates,
        language=language,
    )


def render_welcome(
    mailing_list: MailingList,
    *,
    salt: str,
    archive_url: str = "",
    own_templates: Path | None = None,
    language: str = "",
    best: Sequence[IssueItem] = (),
) -> Edition:
    """The mail after a confirmation. `best` of former issues are for who gets no issue with it. Slots: UNSUBSCRIBE, PREFERENCES."""
    return render_edition(
        "welcome",
        mailing_list=mailing_list,
        salt=salt,
        context={"archive_url": archive_url, "best": view_items(best, mailing_list.language)},
        own_templates=own_templates,
        language=language,
    )


def render_unsubscribed(
    mailing_list: MailingList,
    *,
    salt: str,
    signup_url: str = "",
    own_templates: Path | None = None,
    language: str = "",
) -> Edition:
    """The mail that says that someone has left, with the way back (`signup_url`). No slot to fill."""
    return render_edition(
        "unsubscribed",
        mailing_list=mailing_list,
        salt=salt,
        context={"signup_url": signup_url},
        own_templates=own_templates,
        language=language,
    )


def render_letter(
    mail: str, mailing_list: MailingList, *, salt: str, own_templates: Path | None = None, language: str = ""
) -> Edition:
    """A mail about a reader's data or address, which they asked for: your-data, allow-address, confirm-address, address-changed.

    Slot to fill: LINK, but for the last.
    """
    return render_edition(mail, mailing_list=mailing_list, salt=salt, own_templates=own_templates, language=language)


def render_edition(
    mail: str,
    *,
    mailing_list: MailingList,
    salt: str,
    context: Mapping[str, object] | None = None,
    campaign: Campaign | None = None,
    own_templates: Path | None = None,
    embedded: Mapping[str, Rendition] = MappingProxyType({}),
    form: Form = Form.HTML,
    language: str = "",
) -> Edition:
    """Any mail that has a folder of templates. They see `list`, `look`, `frame`, `lang`, `slot`, `subject` (in the bodies) and
    what `context` adds.

    `language` is what the reader wishes our own words to be in: the frame is in that if we speak it, else in the list's if we
    speak that, else in English.

    With a `campaign` it is bulk mail with all list headers, without it an automatic notice to one person. Raises DigestError
    when a template is wrong, and BadInput when the list's settings cannot stand in a header.
    """
    view = view_list(mailing_list)
    look = make_look(mailing_list.theme or FRONT_PAGE, mailing_list.brand, view.title)
    frame = view_frame(words_in(language, mailing_list.language))
    seen = {**(context or {}), "list": view, "look": look, "frame": frame, "lang": frame.language}
    values = {name: clean(value, salt) for name, value in seen.items()}
    make = make_content if own_templates is None else confine_content
    content = make(mail, values, salt, theme=look.theme, own_templates=own_templates)
    if campaign:
        _check_way_out(content, salt)
    sent = content if form is Form.HTML else replace(content, html="")
    skeleton = build_skeleton(sent, mailing_list, salt, campaign, embedded)
    web = content.html if form is Form.TEXT else ""
    sender = mailing_list.sender.address
    return Edition(
        mail, mailing_list.id, content.subject, sent.html, content.text, skeleton, salt, web=web, sender=sender
    )


def _check_way_out(content: Content, salt: str) -> None:
    """Whoever reads either part must see how to leave: no template of an operator's may forget it."""
    for part, name, body in ((Part.TEXT, "body.txt", content.text), (Part.HTML, "body.html", content.html)):
        if make_token(Slot.UNSUBSCRIBE, part, salt) not in body:
            raise DigestError(
                f"The e-mail template {content.mail}/{name} has no {{{{ slot.unsubscribe }}}}: no mail goes out without it."
            )
