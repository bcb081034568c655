"""Operators' templates: searched first, fenced in, and an error is one sentence that says where."""

from pathlib import Path

import pytest

from digest.model.errors import DigestError
from digest.rendering.context import view_list
from digest.rendering.environment import render_template
from digest.rendering.themes import find_shipped_templates
from tests.unit.rendering.week import TIDELINE


def write(folder: Path, text: str, name: str = "note/body.html") -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return folder


def complain(folder: Path, text: str) -> str:
    with pytest.raises(DigestError) as caught:
        render_template("note/body.html", {"list": view_list(TIDELINE), "word": "x"}, write(folder, text))
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_shipped_templates_are_there() -> None:
    mails = {path.name for path in find_shipped_templates().iterdir()}
    assert {"_base", "issue", "confirm-subscription", "welcome", "unsubscribed"} <= mails


def test_own_folder_is_searched_first_and_may_build_on_ours(tmp_path: Path) -> None:
    write(tmp_path, "Own: {{ list.title }}", "welcome/subject.txt")
    assert render_template("welcome/subject.txt", {"list": view_list(TIDELINE)}, tmp_path) == "Own: The Tideline"
    assert (
        render_template("unsubscribed/subject.txt", {"list": view_list(TIDELINE)}, tmp_path)
        == "You have left The Tideline"
    )


def test_html_is_escaped_and_text_is_not(tmp_path: Path) -> None:
    write(write(tmp_path, "{{ a }}"), "{{ a }}", "note/body.txt")
    assert render_template("note/body.html", {"a": "<b>&\"'"}, tmp_path) == "&lt;b&gt;&amp;&#34;&#39;"
    assert render_template("note/body.txt", {"a": "<b>&\"'"}, tmp_path) == "<b>&\"'"


def test_changed_template_is_seen(tmp_path: Path) -> None:
    assert render_template("note/body.html", {}, write(tmp_path, "one")) == "one"
    assert render_template("note/body.html", {}, write(tmp_path, "other")) == "other"


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("a\n{{ nobody }}", 2, "'nobody' is undefined"),
        ("a\n\n{{ list.nothing }}", 3, "has no attribute 'nothing'"),
        ("{% if %}", 1, "Expected an expression, got 'end of statement block'"),
        ("a\n{% for x in y %}", 2, "Unexpected end of template"),
        ("{{ 1 / 0 }}", 1, "ZeroDivisionError"),
        ("{{ list|nofilter }}", 1, "No filter named 'nofilter'"),
        ("\n{{ word + 1 }}", 2, "TypeError"),
    ],
)
def test_error_names_file_line_and_reason(tmp_path: Path, text: str, line: int, what: str) -> None:
    sentence = complain(tmp_path, text)
    assert f"{tmp_path}/note/body.html, line {line}, cannot be used" in sentence
    assert what in sentence


def test_missing_template_is_named() -> None:
    with pytest.raises(DigestError, match=r"no e-mail template 'nowhere/body.html'"):
        render_template("nowhere/body.html", {})


def test_missing_piece_is_named(tmp_path: Path) -> None:
    assert "'gone.html', needed for note/body.html" in complain(tmp_path, '{% include "gone.html" %}')


def test_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(DigestError, match=r"no folder of e-mail templates at .*nothing-here"):
        render_template("issue/subject.txt", {}, tmp_path / "nothing-here")


def test_template_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    (write(tmp_path, "") / "note/body.html").write_bytes(b"Caf\xe9")
    with pytest.raises(DigestError, match=r"note/body.html is not in UTF-8"):
        render_template("note/body.html", {}, tmp_path)


def test_template_cannot_be_taken_from_outside(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    (tmp_path / "own").mkdir()
    with pytest.raises(DigestError, match="no e-mail template"):
        render_template("../secret.txt", {}, tmp_path / "own")


ESCAPES = [
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ list.__class__.__init__.__globals__ }}",
    "{{ (list|attr('__class__')).x }}",
    "{{ list.name.format.__globals__ }}",
    "{{ '{0.__class__}'.format(list) }}",
    "{{ ''['__class__'].x }}",
    "{{ self._TemplateReference__context.environment }}",
    "{{ cycler.__init__.__globals__.os }}",
    "{{ lipsum(n=5000) }}",
    "{{ namespace() }}",
    "{{ range(100000) }}",
    "{% set unseen = 'a' * 20 %}",
    "{% set unseen = 9 ** 9 %}",
    "{% set unseen = '%020d' % 1 %}",
    "{% set unseen = 'a'.ljust(20) %}",
    "{% set unseen = 'a'.zfill(20) %}",
    "{{ 'a'|center(2000000000) }}",
    "{{ 'a'|indent(2000000000) }}",
    "{{ '%0200000000d'|format(1) }}",
    "{{ [1].append(2) }}",
    "{% macro a() %}{{ a() }}{% endmacro %}{{ a() }}",
]


@pytest.mark.parametrize("escape", ESCAPES)
def test_sandbox_holds(tmp_path: Path, escape: str) -> None:
    assert "note/body.html" in complain(tmp_path, escape)


def test_template_cannot_swell_without_end(tmp_path: Path) -> None:
    loops = "".join(f"{{% for {name} in 'xxxxxxxxxxxxxxxxxxxx' %}}" for name in "abcdef")
    assert "more than 5,000,000 characters" in complain(tmp_path, loops + "0123456789" * 10 + "{% endfor %}" * 6)
