"""An operator's own templates: made in a process of their own, which may not take long or much."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from digest.confine import Confined, Pool, Why
from digest.model.errors import DigestError
from digest.model.mailing_list import FRONT_PAGE
from digest.rendering import confine
from digest.rendering.confine import confine_content
from digest.rendering.content import Content, make_content
from digest.rendering.context import view_list
from tests.unit.rendering.week import SALT, TIDELINE


@pytest.fixture
def pool() -> Iterator[Pool]:
    with Pool(size=1, seconds=30, memory=confine.MEMORY) as made:
        yield made


def write(folder: Path, html: str) -> Path:
    (folder / "note").mkdir(exist_ok=True)
    for name, text in {"subject.txt": "Note", "body.txt": "{{ words }}", "body.html": html}.items():
        (folder / "note" / name).write_text(text)
    return folder


def render(folder: Path, pool: Pool, **values: Any) -> Content:
    seen = {"words": "a & b", "list": view_list(TIDELINE), **values}
    return confine_content("note", seen, SALT, theme=FRONT_PAGE, own_templates=folder, pool=pool)


def test_it_is_the_same_mail_as_without(tmp_path: Path, pool: Pool) -> None:
    folder = write(tmp_path, "<p>{{ words }} {{ list.title }} {{ slot.address }}</p>")
    values = {"words": "a & b", "list": view_list(TIDELINE)}
    assert render(folder, pool) == make_content("note", values, SALT, theme=FRONT_PAGE, own_templates=folder)


def test_a_folder_named_from_here_is_found_by_a_process_that_was_started_elsewhere(tmp_path: Path, pool: Pool) -> None:
    for name in ("here", "there"):
        (tmp_path / name / "mine").mkdir(parents=True)
        write(tmp_path / name / "mine", f"<p>From {name}</p>")
    with contextlib.chdir(tmp_path / "there"):
        assert "From there" in render(Path("mine"), pool).html  # starts it
    with contextlib.chdir(tmp_path / "here"):
        assert "From here" in render(Path("mine"), pool).html


def test_a_wrong_template_is_named_as_ever(tmp_path: Path, pool: Pool) -> None:
    with pytest.raises(DigestError, match=r"note/body\.html, line 2, cannot be used: 'nobody' is undefined"):
        render(write(tmp_path, "\n{{ nobody }}"), pool)


def test_a_loop_that_does_not_end_is_stopped(tmp_path: Path, pool: Pool) -> None:
    render(write(tmp_path, "<p>warm</p>"), pool)
    pool._seconds = 0.5
    loops = "".join(f"{{% for {name} in list.title %}}" for name in "abcdefghijkl")
    with pytest.raises(DigestError) as caught:
        render(write(tmp_path, f"{loops}{{% endfor %}}" + "{% endfor %}" * 11), pool)
    assert str(caught.value) == (
        f"The e-mail templates in {tmp_path} cannot make the mail 'note': they take longer than 20 seconds;"
        " look for loops inside loops."
    )
    pool._seconds = 30
    assert "<p>again</p>" in render(write(tmp_path, "<p>again</p>"), pool).html


def test_a_text_that_grows_is_stopped(tmp_path: Path, pool: Pool) -> None:
    grown = "{% set a = words %}" + "{% set a = a ~ a ~ a ~ a %}" * 12
    with pytest.raises(DigestError, match=r"need more than 512 MB of memory; look for a text that grows"):
        render(write(tmp_path, grown), pool, words="x" * 100)
    assert "<p>again</p>" in render(write(tmp_path, "<p>again</p>"), pool).html


@pytest.mark.parametrize("reply", [None, {}, [], {"subject": "a"}])
def test_a_reply_that_makes_no_sense_is_no_mail(reply: object) -> None:
    with pytest.raises(DigestError, match="gave no mail"):
        confine._judge(reply, "note")


@pytest.mark.parametrize("why", Why)
def test_every_failure_has_its_words(why: Why) -> None:
    said = confine._say(Confined(why, "Out of luck"))
    assert said[0].islower()
    assert not said.endswith(".")
