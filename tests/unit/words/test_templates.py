from datetime import date

from jinja2 import Environment

from digest.words import speak


def render(template: str, **context: object) -> str:
    environment = Environment(autoescape=True)
    speak(environment)
    return environment.from_string(template).render(**context)


def test_values_are_escaped_and_sentences_are_not() -> None:
    assert render("{{ _('Hi & bye, %(name)s', name=name) }}", name="<b>", lang="en") == "Hi & bye, &lt;b&gt;"


def test_dates_and_lists_are_of_the_language() -> None:
    assert render("{{ day|long_date }}, {{ day|plain_date }}", day=date(2026, 11, 23), lang="es") == (
        "lunes, 23 de noviembre de 2026, 23 de noviembre de 2026"
    )
    listed = "{{ names|listed('<b>'|safe, '</b>'|safe) }}"
    assert render(listed, names=["a", "<", "c"], lang="de") == "<b>a</b>, <b>&lt;</b> und <b>c</b>"


def test_names_in_a_row_are_escaped_once() -> None:
    assert render("{{ names|in_a_row }}", names=["a & b", "c"], lang="ar") == "a &amp; b، c"


def test_plurals_and_blocks() -> None:
    assert render("{{ ngettext('%(num)d story', '%(num)d stories', 2) }}") == "2 stories"
    assert render("{% trans n=n %}Only {{ n }}{% endtrans %}", n="x") == "Only x"
