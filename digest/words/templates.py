"""Translation in Jinja2 templates: `_("Sign up")`, `_("Hello %(name)s", name=name)`, `ngettext`, `{% trans %}`; and the filters
`long_date` (Monday 23 November 2026), `plain_date` (23 November 2026), `listed` (a, b and c) and `in_a_row` (a, b, c).

A template speaks the language that its context has as `lang`; without one it is English. What `_` is given is escaped where
the template escapes; the sentence itself is ours, or a catalogue's, and is not.
"""

from collections.abc import Iterable
from datetime import date

from jinja2 import Environment, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from digest.words.languages import Words, words_in


def speak(environment: Environment) -> None:
    """Teach an environment to translate. Its `globals` must be what they will be: this adds to them."""
    environment.add_extension("jinja2.ext.i18n")
    environment.install_gettext_callables(_gettext, _ngettext, newstyle=True)  # type: ignore[attr-defined]  # the extension adds it
    environment.filters.update(long_date=_long_date, plain_date=_plain_date, listed=_listed, in_a_row=_in_a_row)


def _words_of(context: Context) -> Words:
    lang = context.get("lang")
    return words_in(lang if isinstance(lang, str) else "en")


@pass_context
def _gettext(context: Context, sentence: str) -> str:
    return _words_of(context).gettext(sentence)


@pass_context
def _ngettext(context: Context, one: str, many: str, count: int) -> str:
    return _words_of(context).plural(one, many, count)


@pass_context
def _long_date(context: Context, day: date) -> str:
    return _words_of(context).long_date(day)


@pass_context
def _plain_date(context: Context, day: date) -> str:
    return _words_of(context).plain_date(day)


@pass_context
def _listed(context: Context, parts: Iterable[str], before: str = "", after: str = "") -> str:
    """Each between `before` and `after`; escaped where the template escapes, but for what is markup already."""
    join = _words_of(context).join
    if not context.eval_ctx.autoescape:
        return join([f"{before}{part}{after}" for part in parts])
    return Markup(join([f"{escape(before)}{escape(part)}{escape(after)}" for part in parts]))  # noqa: S704  as just escaped


@pass_context
def _in_a_row(context: Context, parts: Iterable[str]) -> str:
    """A plain text, which a template escapes where it stands."""
    return _words_of(context).gettext(", ").join(parts)
