"""What we say, in the reader's language: the sentences of mails and pages, their dates, numbers and lists.

    words = words_in("de-AT")                   the closest of LANGUAGES, else English
    words.gettext("Sign up")                    as catalogues/de.po has it, else as it stands
    speak(environment)                          gives `_()`, `ngettext` and `{% trans %}` to a Jinja2 environment

English is written where it is said; catalogues/LANGUAGE.po (GNU gettext) has the others, and is read as it is: nothing is
compiled. `make words` brings new sentences into the catalogues, and a test fails while one has no translation.
"""

from digest.words.languages import LANGUAGES, Words, negotiate, read_direction, to_say, words_in
from digest.words.templates import speak

__all__ = ["LANGUAGES", "Words", "negotiate", "read_direction", "speak", "to_say", "words_in"]
