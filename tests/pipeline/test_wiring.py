"""The composition root: what does not fit together is refused in words, and asked for only by those who need it."""

from pathlib import Path

import pytest

from digest.app import open_app
from digest.model.errors import BadSetting

SECRET = "a secret of the tests, 32 bytes or more"


def environment(database_url: str, **changes: str) -> dict[str, str]:
    return {"DIGEST_DATABASE_URL": database_url, "DIGEST_SECRET_KEY": SECRET} | changes


def test_another_secret_than_the_databases_own_is_refused(database_url: str, tmp_path: Path) -> None:
    config = tmp_path / "none.toml"
    open_app(config, environment(database_url)).close()
    open_app(config, environment(database_url)).close()
    with pytest.raises(BadSetting, match=r"secret_key is not the one that the database was made with"):
        open_app(config, environment(database_url, DIGEST_SECRET_KEY=SECRET[::-1]))


def test_a_missing_secret_is_named(sqlite_url: str, tmp_path: Path) -> None:
    config = tmp_path / "digest.toml"
    with pytest.raises(
        BadSetting, match=r"no settings file .*digest\.toml, nor a DIGEST_SECRET_KEY; run `digest init`"
    ):
        open_app(config, {"DIGEST_DATABASE_URL": sqlite_url})
    config.write_text(f'database_url = "{sqlite_url}"\n')
    with pytest.raises(
        BadSetting, match=r"no secret_key in .*digest\.toml, nor a DIGEST_SECRET_KEY; run `digest init`"
    ):
        open_app(config, {})


def test_a_missing_smtp_url_is_said_by_those_who_send_only(sqlite_url: str, tmp_path: Path) -> None:
    app = open_app(tmp_path / "none.toml", environment(sqlite_url))
    assert app.render is not None
    assert app.limits is not None
    with pytest.raises(BadSetting, match="There is no smtp_url"):
        app.sender()
    app.close()


def test_each_process_has_a_name_of_its_own_in_its_claims(sqlite_url: str, tmp_path: Path) -> None:
    relay = {"DIGEST_SMTP_URL": "smtp://127.0.0.1:25?tls=none"}
    app = open_app(tmp_path / "none.toml", environment(sqlite_url, **relay))
    assert app.sender().owner != app.sender().owner
    app.close()
