"""Settings from digest.toml and the environment, frozen; what is unknown or wrong is refused at start, by its name.

The environment wins over the file. DIGEST_X may also be given as DIGEST_X_FILE, the path of a file that holds it (for secrets).
"""

import json
import os
import tomllib
from collections.abc import Callable, Mapping
from datetime import date
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError

from digest.journal import LogFormat
from digest.model.address import Address
from digest.model.brand import NO_BRAND, Brand, parse_brand
from digest.model.errors import BadInput, BadSetting
from digest.model.issue import OnCrash
from digest.model.mailing_list import FRONT_PAGE
from digest.model.picture import PictureWay
from digest.model.subscriber import UNCONFIRMED_FOR
from digest.model.web_address import is_web_address
from digest.rendering.look import check_brand

PREFIX = "DIGEST_"
LONGEST_BOUNCES = 20  # octets: what follows takes 43, and a local part has 64 (RFC 5321 §4.5.3.1.1)
OUTSIDE = {"DIGEST_CONFIG", "DIGEST_DEBUG"}  # read by the command line itself, not settings


def _base_url(value: str) -> str:
    """It begins every link in every mail, and stands in headers."""
    plain = value.isascii() and value.isprintable() and not set(value) & set(' ?#@<>"\\')
    if not plain or not value.startswith(("http://", "https://")) or not is_web_address(value):
        msg = "must be a web address that starts with https:// (or http:// for trying out), without ?, # or @"
        raise ValueError(msg)
    return value.rstrip("/")


def _address(value: str) -> str:
    try:
        return str(Address.parse(value))
    except BadInput as error:
        raise ValueError(str(error)) from None


def _bounce_address(value: str) -> str:
    if not value:
        return value
    local = _address(value).rpartition("@")[0]
    if "+" in local or len(local) > LONGEST_BOUNCES or not local.isascii():
        msg = f"the part before the @ has {LONGEST_BOUNCES} plain letters at most and no +, as in bounces@news.example.org"
        raise ValueError(msg)
    return _address(value)


def _words(value: Any) -> Any:
    """One address may be written without a list around it."""
    return (value,) if isinstance(value, str) else value


def _network(value: str) -> str:
    try:
        return str(ip_network(value))
    except ValueError:
        msg = f"{value!r} is no network; write one as 10.0.0.0/8 or fd00::/8"
        raise ValueError(msg) from None


def _secret(value: SecretStr) -> SecretStr:
    if len(value.get_secret_value()) < 32:
        msg = "must have at least 32 characters; `digest init` makes a good one"
        raise ValueError(msg)
    return value


def _token(value: SecretStr) -> SecretStr:
    if len(value.get_secret_value()) < 32:
        msg = "must have at least 32 characters; `openssl rand -hex 32` makes a good one"
        raise ValueError(msg)
    return value


def _brand(value: object) -> Brand:
    if isinstance(value, Brand):
        return value
    if not isinstance(value, dict):
        msg = "it is a table; begin it with [brand]"
        raise ValueError(msg)  # noqa: TRY004  pydantic makes words of a ValueError only
    try:
        brand = parse_brand(value)
        check_brand(brand)
    except BadInput as error:
        raise ValueError(str(error).rstrip(".")) from None
    return brand


def _tables(name: str) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        if not isinstance(value, (list, tuple)) or not all(isinstance(table, (dict, BaseModel)) for table in value):
            msg = f"it is a list of tables; begin each with two brackets, [[{name}]]"
            raise ValueError(msg)
        return value

    return check


class RelaySetting(BaseModel):
    """One of several relays. Whether its address and limits are any is seen by who sends."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9.-]{0,40}$")
    url: SecretStr
    weight: float = Field(default=1, gt=0)
    connections: int | None = Field(default=None, ge=1, le=100)
    limits: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.name} ({', '.join((f'weight {self.weight:g}', *self.limits))})"


class RampUpSetting(BaseModel):
    """A new sending domain: so many mails on the first day, each day `growth` times more, and any number after `until`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    domain: str
    start: date
    first_day: int
    growth: float = 1.5
    until: int = 100_000

    def __str__(self) -> str:
        return f"{self.domain} from {self.start}: {self.first_day:,} a day, times {self.growth:g}, until {self.until:,}"


class DkimSetting(BaseModel):
    """A key that signs mails. Whether it is one is seen by who signs: delivery/dkim_keys.py."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    domain: str
    selector: str
    key_file: Path

    def __str__(self) -> str:
        return f"{self.selector}._domainkey.{self.domain} ({self.key_file})"


class OidcSetting(BaseModel):
    """Another site that says who somebody is (OpenID Connect)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    issuer: str = Field(pattern=r"^https?://[^\s?#]+$")
    client_id: str
    client_secret: SecretStr
    label: str = Field(default="single sign-on", max_length=60)

    def __str__(self) -> str:
        return f"{self.label}: {self.issuer}"


class Settings(BaseModel):
    """Everything that can be set. docs/operate/settings.md tells the same in prose, and a test holds the two together."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    database_url: str = Field(
        default="sqlite:///subscribers.db", repr=False, description="where subscribers and the outbox are kept"
    )
    smtp_url: SecretStr | None = Field(
        default=None, description="smtp://user:password@host:port?tls=starttls|implicit|none"
    )
    base_url: Annotated[str, AfterValidator(_base_url)] = Field(
        default="http://127.0.0.1:8000", description="the public address of `digest web`; links in mails start with it"
    )
    secret_key: Annotated[SecretStr, AfterValidator(_secret)] | None = Field(
        default=None, description="signs links and hashes suppressed addresses; never change it"
    )
    on_crash: OnCrash = Field(
        default=OnCrash.RESEND, description="what becomes of a message whose fate a crash made unknown"
    )
    connections: int = Field(default=4, ge=1, le=100, description="SMTP connections at once, to all relays")
    relays: Annotated[tuple[RelaySetting, ...], BeforeValidator(_tables("relays"))] = Field(
        default=(), description="several relays in place of smtp_url, each with name, url, weight, connections, limits"
    )
    domain_limits: dict[str, tuple[str, ...]] = Field(
        default={}, description='limits to recipients\' domains, such as ["20/second"]; "*" is for all others'
    )
    ramp_ups: Annotated[tuple[RampUpSetting, ...], BeforeValidator(_tables("ramp_ups"))] = Field(
        default=(), description="new sending domains, which begin with a few mails a day"
    )
    refresh_minutes: int = Field(default=30, ge=1, le=1440, description="how often the scheduler reads all feeds")
    operators: Annotated[tuple[Annotated[str, AfterValidator(_address)], ...], BeforeValidator(_words)] = Field(
        default=(), description="who is told by mail when feeds need care; without it, where a list's replies go"
    )
    bounce_address: Annotated[str, AfterValidator(_bounce_address)] = Field(
        default="",
        description="where mails that come back are sent: each mail gets bounce_address+TOKEN as its envelope sender",
    )
    bounce_folder: Path | None = Field(
        default=None,
        description="a Maildir with what came back, read by the scheduler; or pipe it into `digest absorb`",
    )
    bounce_imap: SecretStr | None = Field(
        default=None,
        description="a mailbox with what came back, read by the scheduler: imaps://user:password@host/folder",
    )
    private_networks: tuple[Annotated[str, AfterValidator(_network)], ...] = Field(
        default=(), description="private networks that feeds may be read from"
    )
    pictures: PictureWay = Field(
        default=PictureWay.LINK,
        description="how mails show pictures: link, stored (our copies, served by `digest web`) or embedded in the mail",
    )
    page_pictures: bool = Field(
        default=False,
        description="whether an article without a picture gets the one that its own page names (og:image)",
    )
    templates: Path | None = Field(default=None, description="a folder of your own mail templates, searched first")
    theme: str = Field(
        default=FRONT_PAGE,
        pattern=r"^[a-z0-9][a-z0-9-]{0,40}$",
        description="how mails are laid out: front-page, headlines, magazine, or one of your own",
    )
    brand: Annotated[Brand, BeforeValidator(_brand)] = Field(
        default=NO_BRAND, description="colours, logo and fonts of mails; a list may have its own"
    )
    lint_clients: tuple[str, ...] = Field(
        default=(), description="mail clients to think of when an issue is checked, by caniemail's names"
    )
    web_host: str = Field(default="127.0.0.1", description="the address that `digest web` listens on")
    web_port: int = Field(default=8000, ge=0, le=65535, description="the port that `digest web` listens on")
    dkim: Annotated[tuple[DkimSetting, ...], BeforeValidator(_tables("dkim"))] = Field(
        default=(), description="keys that sign the mails of a domain; `digest dkim new` makes one"
    )
    metrics_token: Annotated[SecretStr, AfterValidator(_token)] | None = Field(
        default=None, description="who may read /metrics: asks with this token; without it, programs on this machine"
    )
    log_format: LogFormat = Field(
        default=LogFormat.TEXT, description="how the log is written: text, or json for programs"
    )
    backup_dir: Path | None = Field(default=None, description="where `digest backup` puts its files")
    backup_hours: int = Field(
        default=48, ge=0, le=10_000, description="operators are told when the last backup is older; 0 for never"
    )
    oidc: OidcSetting | None = Field(
        default=None, description="another site by which operators log in: issuer, client_id, client_secret, label"
    )
    sign_ups: bool = Field(default=True, description="whether anybody may sign up; false closes the front door at once")
    sign_ups_per_hour: int = Field(
        default=6_000, ge=1, description="at most so many mails an hour that ask for confirmation, to all together"
    )
    unconfirmed_days: int = Field(
        default=UNCONFIRMED_FOR.days,
        ge=4,  # a question may wait for a day and an hour, and its link works for two
        le=365,
        description="after so many days who has not confirmed is forgotten",
    )
    sign_up_text: str = Field(
        default="Sign up for our weekly newsletter", description="the words a reader agrees to; kept as consent"
    )


#: What an owner may change while all of it runs; kept in the database, where it counts before the file and the environment.
CHANGEABLE = ("sign_ups", "sign_ups_per_hour", "sign_up_text", "unconfirmed_days")
MOST_TEXT = 500  # characters


def read_change(name: str, text: str) -> Any:
    """What somebody typed for a setting that may be changed at run time. Raises BadInput in words."""
    if name not in CHANGEABLE:
        raise BadInput(f"{name[:60]!r} cannot be changed while digest runs; {', '.join(CHANGEABLE)} can.")
    if not text.strip() or len(text) > MOST_TEXT or not text.isprintable():
        raise BadInput(f"The setting {name} needs a line of at most {MOST_TEXT} characters.")
    try:
        return getattr(Settings.model_validate({name: text.strip()}), name)
    except ValidationError as error:
        said = error.errors(include_input=False, include_url=False)[0]["msg"]
        raise BadInput(f"The setting {name} is {text[:60]!r}: {said[:1].lower()}{said[1:]}.") from None


def with_changes(settings: Settings, changes: Mapping[str, Any]) -> Settings:
    """As they are now. What an older version of digest let somebody change counts no more."""
    return settings.model_copy(update={name: changes[name] for name in CHANGEABLE if name in changes})


def load_settings(config: Path, environ: Mapping[str, str] = os.environ) -> Settings:
    """From the file, if it exists, and the environment. Raises BadSetting in one sentence."""
    values = _from_file(config) | _from_environment(environ)
    try:
        return Settings(**values)
    except ValidationError as error:
        raise BadSetting(_in_words(error, config)) from None


def _from_file(config: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(config.read_text("utf-8-sig"))
    except FileNotFoundError:
        return {}
    except tomllib.TOMLDecodeError as error:
        raise BadSetting(f"{config} is no valid TOML: {error}.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise BadSetting(f"{config} cannot be read: {_why(error)}.") from None


def _from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in sorted(environ):
        if not name.startswith(PREFIX) or name in OUTSIDE:
            continue
        field, text = _read(name, environ[name])
        if field in found:
            raise BadSetting(
                f"The environment has both {PREFIX}{field.upper()} and {PREFIX}{field.upper()}_FILE; keep one of them."
            )
        found[field] = _value(field, text)
    return found


def _read(name: str, text: str) -> tuple[str, str]:
    """The setting that a variable gives, and its value."""
    field = name.removeprefix(PREFIX).lower()
    if field in Settings.model_fields:
        return field, text
    if field.removesuffix("_file") in Settings.model_fields:
        return field.removesuffix("_file"), _file_value(name, text)
    raise BadSetting(f"The environment has {name!r}, which is no setting; `digest config check` lists those there are.")


def _value(field: str, text: str) -> Any:
    """A list is given in the environment as words with commas between them, tables as JSON."""
    if field in {"private_networks", "lint_clients", "operators"}:
        return tuple(word.strip() for word in text.split(",") if word.strip())
    return _from_json(field, text) if field in _JSON else text


#: Tables, as they are written in the environment.
_JSON = {
    "dkim": '[{"domain": "example.org", "selector": "s1", "key_file": "s1.pem"}]',
    "relays": '[{"name": "main", "url": "smtp://user:password@mail.example.org:587"}]',
    "domain_limits": '{"gmail.com": ["20/second"]}',
    "brand": '{"accent": "#0b5394"}',
    "oidc": '{"issuer": "https://id.example.org", "client_id": "digest", "client_secret": "…", "label": "Example"}',
    "ramp_ups": '[{"domain": "example.org", "start": "2026-12-01", "first_day": 500}]',
}


def _from_json(field: str, text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        example = _JSON[field]
        raise BadSetting(
            f"{PREFIX}{field.upper()} is no JSON; write it as {example}, or in the settings file."
        ) from None


def _file_value(name: str, path: str) -> str:
    try:
        return Path(path).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise BadSetting(f"{name} names a file that cannot be read: {_why(error)}.") from None


def _why(error: OSError | ValueError) -> str:
    """Without the path, which is said already, and without what stands in the file."""
    return (isinstance(error, OSError) and error.strerror) or "it is not UTF-8"


def _in_words(error: ValidationError, config: Path) -> str:
    errors = error.errors(include_input=False, include_url=False)
    # A field that is not known may be why another one is missing.
    first = next((each for each in errors if each["type"] == "extra_forbidden"), errors[0])
    name, said, place = str(first["loc"][0]), first["msg"].removeprefix("Value error, "), ""
    match first["loc"], first["type"]:
        case (_,), "extra_forbidden":
            return f"{config} has {name!r}, which is no setting; `digest config check` lists those there are."
        case (_, int(table), field), kind:
            place = f" in table {table + 1}, {field!r}"
            said = "there is no such field" if kind == "extra_forbidden" else said
    return f"The setting {name} (or {PREFIX}{name.upper()}) is wrong{place}: {said}."
