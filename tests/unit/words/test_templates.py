from jinja2 import Environment

from digest.words import speak


def render(template: str, **context: object) -> str:
    environment = Environment(autoescape=True)
    speak(environment)
    return environment.from_string(template).render(**context)


def test_values_are_escaped_and_sentences_are_not() -> None:
    assert render("{{ _('Hi & bye, %(name)s', name=name) }}", name="<b>", lang="en") == "Hi & bye, &lt;b&gt;"


def test_plurals_and_blocks() -> None:
    assert render("{{ ngettext('%(num)d story', '%(num)d stories', 2) }}") == "2 stories"
    assert render("{% trans n=n %}Only {{ n }}{% endtrans %}", n="x") == "Only x"
