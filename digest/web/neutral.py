"""An issue's HTML as everybody may see it: no reader's address, and none of the links that only work for one reader."""

import re
from html import escape

from digest.model.edition import Edition

_DEAD = r'<a\b[^>]*\shref="#"[^>]*>(?:[^<]*)</a>'
_DEAD_LINK = re.compile(r'<a\b(?P<before>[^>]*)\shref="#"(?P<after>[^>]*)>(?P<words>[^<]*)</a>')
#: The footer's line of links, in our template: it is nothing but them and what stands between.
_DEAD_LINE = re.compile(rf"(?P<open><p\b[^>]*>)(?:\s|&nbsp;|&middot;|\u00a0|·|\||{_DEAD})+</p>")


def make_neutral(edition: Edition, sign_up_url: str) -> str:
    """A line that is all links of one reader becomes an invitation; such a link elsewhere becomes plain words."""
    from digest.rendering.compose import fill_web  # noqa: PLC0415  the mail's rendering, needed by one page only
    from digest.rendering.frame import read_frame  # noqa: PLC0415  the same

    invitation = read_frame(edition).gettext("Get email updates")
    html = _DEAD_LINE.sub(lambda line: _invite(line, sign_up_url, invitation), fill_web(edition, {}))
    return _DEAD_LINK.sub(r"\g<words>", html)


def _invite(line: re.Match[str], sign_up_url: str, invitation: str) -> str:
    link = _DEAD_LINK.search(line[0])
    if link is None:
        return line[0]
    href = escape(sign_up_url)
    return f'{line["open"]}<a{link["before"]} href="{href}"{link["after"]}>{escape(invitation)}</a></p>'
