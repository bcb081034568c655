"""What the templates of one mail give: subject, text and inlined HTML, with tokens where readers differ. Pure but for reading
templates.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from digest.model.errors import DigestError
from digest.rendering.environment import render_template
from digest.rendering.inline import inline_css
from digest.rendering.plaintext import tidy
from digest.rendering.slots import Part, make_slot_tokens


@dataclass(frozen=True, slots=True)
class Content:
    """What the templates gave. `text` and `html` hold tokens; without `html` it is a mail of plain text alone."""

    mail: str  # the template folder's name
    subject: str
    text: str
    html: str


def make_content(
    mail: str, values: Mapping[str, object], salt: str, *, theme: str = "", own_templates: Path | None = None
) -> Content:
    """Raises DigestError when a template is wrong."""

    def render(name: str, seen: Mapping[str, object]) -> str:
        return render_template(name, seen, own_templates, theme)

    subject = " ".join(render(f"{mail}/subject.txt", values).split())
    if not subject:
        raise DigestError(f"The e-mail template {mail}/subject.txt gives no subject.")
    seen = {**values, "subject": subject}
    text = render(f"{mail}/body.txt", {**seen, "slot": make_slot_tokens(Part.TEXT, salt)})
    html = render(f"{mail}/body.html", {**seen, "slot": make_slot_tokens(Part.HTML, salt)})
    return Content(mail, subject, tidy(text), inline_css(html, salt))
