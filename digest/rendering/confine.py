"""An operator's own templates are rendered in the confined process (digest.confine; security S23): one that loops for ever or
swells stops its mail, with a sentence, and nothing else. Ours need not pay for this.
"""

import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from digest.confine import Confined, Pool, Why
from digest.model.errors import DigestError
from digest.rendering.content import Content, make_content

SECONDS = 20.0  # of wall clock, for the three parts of one mail; ours take a twentieth of one
MEMORY = 536_870_912  # octets of address space, of which Python and its libraries take half

_POOL = Pool(size=2, seconds=SECONDS, memory=MEMORY)


def confine_content(
    mail: str, values: Mapping[str, object], salt: str, *, theme: str, own_templates: Path | None, pool: Pool = _POOL
) -> Content:
    """The same as `make_content`, in the confined process. Raises DigestError also for what takes too much there."""
    folder = own_templates and own_templates.resolve()  # the process may have been started in another working directory
    given = pickle.dumps((mail, dict(values), salt, theme, folder))
    try:
        reply = pool.run("digest.rendering.confine:answer", given)
    except Confined as failure:
        raise DigestError(
            f"The e-mail templates in {own_templates} cannot make the mail {mail!r}: {_say(failure)}."
        ) from None
    return _judge(reply, mail)


def answer(given: bytes) -> dict[str, str]:
    """In the confined process. Our own pickle comes in, and only texts go out."""
    mail, values, salt, theme, own_templates = pickle.loads(given)  # noqa: S301  made by confine_content, in our parent
    try:
        content = make_content(mail, values, salt, theme=theme, own_templates=own_templates)
    except DigestError as error:
        return {"error": str(error)}
    return {"subject": content.subject, "text": content.text, "html": content.html}


def _judge(reply: Any, mail: str) -> Content:
    if isinstance(reply, dict) and "error" in reply:
        raise DigestError(str(reply["error"]))
    try:
        return Content(mail, str(reply["subject"]), str(reply["text"]), str(reply["html"]))
    except (KeyError, TypeError):
        raise DigestError(f"The e-mail templates for {mail!r} gave no mail.") from None


def _say(failure: Confined) -> str:
    match failure.why:
        case Why.TOO_SLOW:
            return f"they take longer than {SECONDS:g} seconds; look for loops inside loops"
        case Why.TOO_LARGE | Why.TOO_LONG:
            return f"they need more than {MEMORY // 1_048_576} MB of memory; look for a text that grows in a loop"
        case Why.NO_PROCESS:
            return f"no process could be started for them ({failure.said})"
    return "they make the process that renders them crash; look for a text that grows, or a macro that calls itself"
