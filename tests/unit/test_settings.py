"""Settings: what is wrong or unknown is refused by its name, and no secret is ever shown."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.model.errors import BadSetting
from digest.model.issue import OnCrash
from digest.model.picture import PictureWay
from digest.settings import Settings, load_settings

SECRET = "kV9-very-secret-indeed-0123456789abcdef"
NO_FILE = Path("there-is-no-such-file.toml")


def write(tmp_path: Path, text: str | bytes) -> Path:
    path = tmp_path / "digest.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def refused(config: Path, environ: dict[str, str] | None = None) -> str:
    with pytest.raises(BadSetting) as caught:
        load_settings(config, environ or {})
    said = str(caught.value)
    assert "\n" not in said
    assert said.endswith(".")
    return said


def test_without_a_file_and_an_environment_the_defaults_hold() -> None:
    assert load_settings(NO_FILE, {}) == Settings()
    assert Settings().database_url == "sqlite:///subscribers.db"


def test_a_file_sets_everything(tmp_path: Path) -> None:
    config = write(
        tmp_path,
        f"""
        database_url = "postgresql://db/digest"
        smtp_url = "smtp://relay:25"
        base_url = "https://news.example.org/"
        secret_key = "{SECRET}"
        on_crash = "hold"
        connections = 7
        refresh_minutes = 60
        private_networks = ["10.0.0.0/8", "fd00::/8"]
        operators = "ann@example.org"
        pictures = "embedded"
        page_pictures = true
        templates = "mine"
        lint_clients = ["gmail"]
        theme = "magazine"
        web_host = "::"
        web_port = 0
        metrics_token = "{SECRET}"
        log_format = "json"
        backup_dir = "/var/backups/digest"
        backup_hours = 30
        bounce_address = "bounces@news.example.org"
        bounce_folder = "/var/mail/bounces"
        bounce_imap = "imaps://bounces:secret@mail.example.org/INBOX"
        sign_ups = false
        sign_ups_per_hour = 1000
        unconfirmed_days = 14
        sign_up_text = "Ja, gern"
        [[dkim]]
        domain = "example.org"
        selector = "s1"
        key_file = "keys/s1.pem"
        [[relays]]
        name = "main"
        url = "smtp://main.example.org:25?tls=none"
        weight = 2
        limits = ["10/second"]
        [domain_limits]
        "gmail.com" = ["20/second"]
        [oidc]
        issuer = "https://id.example.org"
        client_id = "digest"
        client_secret = "secret"
        [[ramp_ups]]
        domain = "example.org"
        start = 2026-12-01
        first_day = 500
        [brand]
        accent = "#0B5394"
        body_font = "Verdana, sans-serif"
        logo_width = 120
        """,
    )
    settings = load_settings(config, {})
    assert settings.base_url == "https://news.example.org"
    assert settings.secret_key is not None
    assert settings.secret_key.get_secret_value() == SECRET
    assert settings.on_crash is OnCrash.HOLD
    assert settings.pictures is PictureWay.EMBEDDED
    assert settings.private_networks == ("10.0.0.0/8", "fd00::/8")
    assert settings.operators == ("ann@example.org",)
    assert (settings.connections, settings.web_port, settings.templates) == (7, 0, Path("mine"))
    assert [(key.domain, key.selector, key.key_file) for key in settings.dkim] == [
        ("example.org", "s1", Path("keys/s1.pem"))
    ]
    assert [(relay.name, relay.weight, relay.limits) for relay in settings.relays] == [("main", 2, ("10/second",))]
    assert settings.domain_limits == {"gmail.com": ("20/second",)}
    assert [(each.domain, each.start, each.first_day) for each in settings.ramp_ups] == [
        ("example.org", date(2026, 12, 1), 500)
    ]
    default = Settings().model_dump()
    assert [name for name, value in settings.model_dump().items() if value == default[name]] == []


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    config = write(tmp_path, 'connections = 7\nweb_host = "::1"\n')
    settings = load_settings(config, {"DIGEST_CONNECTIONS": "9", "PATH": "/bin", "digest_web_port": "1"})
    assert (settings.connections, settings.web_host, settings.web_port) == (9, "::1", 8000)


def test_any_setting_may_stand_in_a_file_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(f"  {SECRET}\n")
    (tmp_path / "networks").write_text("10.0.0.0/8, 192.168.0.0/16\n")
    config = write(tmp_path, 'secret_key = "overruled by the environment, whatever it is"')
    environ = {"DIGEST_SECRET_KEY_FILE": f"{tmp_path}/key", "DIGEST_PRIVATE_NETWORKS_FILE": f"{tmp_path}/networks"}
    settings = load_settings(config, environ)
    assert settings.secret_key is not None
    assert settings.secret_key.get_secret_value() == SECRET
    assert settings.private_networks == ("10.0.0.0/8", "192.168.0.0/16")
    chosen = load_settings(tmp_path / "none.toml", {"DIGEST_LINT_CLIENTS": "gmail, outlook.windows"})
    assert chosen.lint_clients == ("gmail", "outlook.windows")


def test_what_the_command_line_reads_is_no_setting_and_no_mistake() -> None:
    assert load_settings(NO_FILE, {"DIGEST_CONFIG": "x", "DIGEST_DEBUG": "1"}) == Settings()


def test_a_setting_given_twice_in_the_environment_is_refused(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(SECRET)
    said = refused(NO_FILE, {"DIGEST_SECRET_KEY": SECRET + "x", "DIGEST_SECRET_KEY_FILE": f"{tmp_path}/key"})
    assert "both DIGEST_SECRET_KEY and DIGEST_SECRET_KEY_FILE" in said
    assert SECRET not in said


@pytest.mark.parametrize("name", ["DIGEST_SMTPURL", "DIGEST_X", "DIGEST_", "DIGEST_X_FILE", "DIGEST_CONFIG_FILE"])
def test_an_unknown_setting_in_the_environment_is_refused_by_name(name: str) -> None:
    said = refused(NO_FILE, {name: SECRET})
    assert f"'{name}'," in said
    assert SECRET not in said


def test_an_unknown_setting_in_the_file_is_refused_by_name(tmp_path: Path) -> None:
    config = write(tmp_path, f'smtpurl = "{SECRET}"')
    said = refused(config)
    assert "'smtpurl'" in said
    assert str(config) in said
    assert SECRET not in said


WRONG = [
    ("connections", "none"),
    ("connections", "0"),
    ("connections", "101"),
    ("connections", "2.5"),
    ("refresh_minutes", "-1"),
    ("refresh_minutes", "1441"),
    ("web_port", "65536"),
    ("web_port", ""),
    ("on_crash", "panic"),
    ("secret_key", "short"),
    ("secret_key", ""),
    ("base_url", "news.example.org"),
    ("base_url", "ftp://news.example.org"),
    ("base_url", "https://"),
    ("base_url", "https://news example.org"),
    ("base_url", "https://news.example.org/?a=b"),
    ("base_url", "https://news.example.org/#top"),
    ("base_url", "https://news.example.org:port"),
    ("base_url", "https://ann:pw@news.example.org"),
    ("private_networks", "banana"),
    ("private_networks", "10.0.0.0/33"),
    ("private_networks", "10.0.0.0/8,,loopback"),
    ("dkim", "{}"),
    ("dkim", '"s1.pem"'),
    ("dkim", '["s1.pem"]'),
]


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_wrong_setting_is_refused_by_name(name: str, value: str) -> None:
    said = refused(NO_FILE, {f"DIGEST_{name.upper()}": value})
    assert f"The setting {name} (or DIGEST_{name.upper()}) is wrong: " in said


@pytest.mark.parametrize("name", Settings.model_fields)
def test_a_table_where_a_value_belongs_is_refused_by_name(tmp_path: Path, name: str) -> None:
    assert f"The setting {name} (or DIGEST_{name.upper()}) is wrong: " in refused(write(tmp_path, f"[{name}]\na = 1"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[brand]\naccent = 'red'", "brand (or DIGEST_BRAND) is wrong: The brand's accent is 'red'; write a colour"),
        ("[brand]\naccent = '#fc0'", "has a contrast of 1.4:1 on #fffdf8, and text needs 4.5:1"),
        ("[brand]\ncolour = '#fc0'", "A brand has no 'colour'"),
        ("[[brand]]\naccent = '#fc0'", "it is a table; begin it with [brand]"),
        ("theme = 'No such'", "theme (or DIGEST_THEME) is wrong"),
    ],
)
def test_a_brand_that_cannot_be_read_is_refused(tmp_path: Path, text: str, said: str) -> None:
    assert said in refused(write(tmp_path, text))


KEY = 'domain = "example.org"\nselector = "s1"\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"[dkim]\n{KEY}", "it is a list of tables; begin each with two brackets, [[dkim]]."),
        (f"[[dkim]]\n{KEY}", "in table 1, 'key_file': Field required."),
        (f"[[dkim]]\n{KEY}keyfile = 'x'", "in table 1, 'keyfile': there is no such field."),
        (f"[[dkim]]\n{KEY}key_file = 'x'\n[[dkim]]\n{KEY}key_file = 5", "in table 2, 'key_file': "),
    ],
)
def test_a_wrong_key_is_refused_by_its_table_and_field(tmp_path: Path, text: str, said: str) -> None:
    assert said in refused(write(tmp_path, text))


def test_keys_in_the_environment_are_json() -> None:
    json = '[{"domain": "example.org", "selector": "s1", "key_file": "/keys/s1.pem"}]'
    (key,) = load_settings(NO_FILE, {"DIGEST_DKIM": json}).dkim
    assert str(key) == "s1._domainkey.example.org (/keys/s1.pem)"
    assert refused(NO_FILE, {"DIGEST_DKIM": "s1.pem"}).startswith("DIGEST_DKIM is no JSON; write it as [{")


def test_a_word_where_a_list_belongs_is_refused_by_name(tmp_path: Path) -> None:
    assert "The setting private_networks (or" in refused(write(tmp_path, 'private_networks = "10.0.0.0/8"'))
    assert "The setting private_networks (or DIGEST_PRIVATE_NETWORKS)" in refused(
        write(tmp_path, "private_networks = [1]")
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("connections", "is no valid TOML: "),
        ("a = 1\na = 2", "is no valid TOML: "),
        (b"web_host = '\xff'", "cannot be read: it is not UTF-8"),
    ],
)
def test_a_file_that_cannot_be_understood_is_said_so(tmp_path: Path, text: str | bytes, said: str) -> None:
    config = write(tmp_path, text)
    assert f"{config} {said}" in refused(config)


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    assert load_settings(write(tmp_path, b"\xef\xbb\xbfconnections = 7\r\n"), {}).connections == 7


def test_a_folder_is_no_settings_file(tmp_path: Path) -> None:
    assert f"{tmp_path} cannot be read: Is a directory" in refused(tmp_path)


@pytest.mark.parametrize(
    ("name", "why"), [("missing", "No such file"), (".", "Is a directory"), ("latin", "not UTF-8")]
)
def test_a_file_for_one_setting_that_cannot_be_read_is_said_so(tmp_path: Path, name: str, why: str) -> None:
    (tmp_path / "latin").write_bytes(b"\xff\xfe secret")
    said = refused(NO_FILE, {"DIGEST_SMTP_URL_FILE": str(tmp_path / name)})
    assert "DIGEST_SMTP_URL_FILE names a file that cannot be read" in said
    assert why in said


def test_no_secret_is_shown(tmp_path: Path) -> None:
    config = write(tmp_path, f'secret_key = "{SECRET}"\nsmtp_url = "smtp://u:{SECRET}@h"\nconnections = 0')
    assert SECRET not in refused(config)
    database = f"postgresql://u:{SECRET}@h/d"
    settings = load_settings(
        NO_FILE, {"DIGEST_SECRET_KEY": SECRET, "DIGEST_SMTP_URL": SECRET, "DIGEST_DATABASE_URL": database}
    )
    assert settings.database_url == database
    assert SECRET not in f"{settings!r} {settings}"


@pytest.mark.parametrize("name", ["secret_key", "smtp_url", "database_url"])
def test_a_secret_of_the_wrong_kind_is_not_shown(tmp_path: Path, name: str) -> None:
    assert SECRET not in refused(write(tmp_path, f'{name} = ["{SECRET}"]'))


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Settings().connections = 5


def sentence(environ: dict[str, str]) -> str:
    """What is said of it; "" when these are good settings."""
    try:
        load_settings(NO_FILE, environ)
    except BadSetting as error:
        return str(error)
    return ""


@given(st.dictionaries(st.text().map("DIGEST_".__add__), st.text(), max_size=3))
def test_whatever_stands_in_the_environment_is_settings_or_one_sentence(environ: dict[str, str]) -> None:
    assert "\n" not in sentence(environ)


@given(st.sampled_from(sorted(Settings.model_fields)), st.text())
def test_whatever_a_setting_is_given_is_settings_or_one_sentence_that_names_it(name: str, value: str) -> None:
    said = sentence({f"DIGEST_{name.upper()}": value})
    assert not said or f"DIGEST_{name.upper()}" in said
    assert "\n" not in said
