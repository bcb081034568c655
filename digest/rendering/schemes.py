"""A mail as a program shows it that is dark, or light, whatever the browser is that it is looked at with."""

import re

_ASKED = re.compile(r"\(\s*prefers-color-scheme\s*:\s*(dark|light)\s*\)", re.IGNORECASE)
_SAID = re.compile(r'(color-schemes?(?:"\s+content="|\s*:\s*))light dark')


def in_scheme(html: str, *, dark: bool) -> str:
    """The same HTML whose media queries have made up their mind."""
    scheme = "dark" if dark else "light"
    decided = _ASKED.sub(lambda asked: "(min-width: 0)" if asked[1].lower() == scheme else "(max-width: 0)", html)
    return _SAID.sub(rf"\g<1>{scheme}", decided)
