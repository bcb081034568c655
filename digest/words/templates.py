"""Translation in Jinja2 templates: `_("Sign up")`, `_("Hello %(name)s", name=name)`, `ngettext`, `{% trans %}`.

A template speaks the language that its context has as `lang`; without one it is English. What `_` is given is escaped where
the template escapes; the sentence itself is ours, or a catalogue's, and is not.
"""

from jinja2 import Environment, pass_context
from jinja2.runtime import Context

from digest.words.languages import Words, words_in


def speak(environment: Environment) -> None:
    """Teach an environment to translate. Its `globals` must be what they will be: this adds to them."""
    environment.add_extension("jinja2.ext.i18n")
    environment.install_gettext_callables(_gettext, _ngettext, newstyle=True)  # type: ignore[attr-defined]  # the extension adds it


def _words_of(context: Context) -> Words:
    lang = context.get("lang")
    return words_in(lang if isinstance(lang, str) else "en")


@pass_context
def _gettext(context: Context, sentence: str) -> str:
    return _words_of(context).gettext(sentence)


@pass_context
def _ngettext(context: Context, one: str, many: str, count: int) -> str:

    return _words_of(context).plural(one, many, count)
