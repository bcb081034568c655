"""Settings that are changed while all of it runs, by commands."""

from tests.cli.conftest import Place


def test_a_setting_is_changed_shown_and_taken_back(place: Place) -> None:
    assert "sign_ups is no now" in place.good("config", "set", "sign_ups", "no")
    assert "sign_ups was changed while it runs, and is no" in place.run("config", "check").err
    assert "sign_ups is yes again" in place.good("config", "reset", "sign_ups")
    assert "was changed" not in place.run("config", "check").err


def test_what_cannot_be_changed_is_said(place: Place) -> None:
    done = place.run("config", "set", "secret_key", "x")
    assert (done.code, done.out) == (2, "")
    assert "'secret_key' cannot be changed while digest runs; sign_ups, " in done.err
    done = place.run("config", "reset", "sign_ups")
    assert done.code != 0
    assert "was not changed" in done.err
