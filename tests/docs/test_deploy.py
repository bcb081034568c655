"""What stands in deploy/ is true: its commands, settings, paths and users exist, and its files can be read by what they are for."""

import configparser
import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from digest.settings import Settings, load_settings
from tests.docs.documents import ROOT, read
from tests.docs.test_examples import check_digest

DEPLOY = ROOT / "deploy"
COMPOSE: dict[str, Any] = yaml.safe_load(read(DEPLOY / "compose.yaml"))
CONTAINERFILE = read(DEPLOY / "Containerfile")
UNITS = sorted((DEPLOY / "systemd").iterdir())
NOT_SETTINGS = {"DIGEST_CONFIG", "DIGEST_DEBUG"}


def test_every_setting_named_is_one() -> None:
    text = "\n".join(read(path) for path in DEPLOY.rglob("*") if path.is_file() and path.parent.name != "secrets")
    named = set(re.findall(r"DIGEST_[A-Z_]+", text)) - NOT_SETTINGS
    assert named
    fields = {f"DIGEST_{name.upper()}" for name in Settings.model_fields}
    assert {name.removesuffix("_FILE") for name in named} <= fields


def test_the_example_of_an_environment_is_one(tmp_path: Path) -> None:
    lines = [line for line in read(DEPLOY / "digest.env.example").splitlines() if line and not line.startswith("#")]
    settings = load_settings(tmp_path / "none.toml", dict(line.split("=", 1) for line in lines))
    assert settings.operators == ("ann@example.org",)


def test_compose_runs_commands_that_exist_and_opens_nothing_to_the_world() -> None:
    for name, service in COMPOSE["services"].items():
        if name != "database":
            check_digest(service["command"])
            assert service["read_only"] is True
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))
        test = service.get("healthcheck", {}).get("test", ["CMD", "pg_isready"])
        if test[1] == "digest":
            check_digest(test[2:])
        for volume in service.get("volumes", []):
            assert volume.split(":")[0] in COMPOSE["volumes"]
        assert set(service.get("secrets", [])) <= set(COMPOSE["secrets"])
        assert set(service.get("depends_on", {})) <= set(COMPOSE["services"])


def test_the_secrets_that_compose_reads_are_made(tmp_path: Path) -> None:
    for name in ("secrets.sh", "digest.env.example"):
        shutil.copy(DEPLOY / name, tmp_path / name)
    first = subprocess.run([tmp_path / "secrets.sh"], check=True, capture_output=True, text=True)
    for secret in COMPOSE["secrets"].values():
        assert (tmp_path / secret["file"]).read_text()
    environ = {
        "DIGEST_SECRET_KEY_FILE": str(tmp_path / "secrets/secret_key"),
        "DIGEST_DATABASE_URL_FILE": str(tmp_path / "secrets/database_url"),
    }
    settings = load_settings(tmp_path / "none.toml", environ)
    assert settings.database_url.endswith("@database/digest")
    again = subprocess.run([tmp_path / "secrets.sh"], check=True, capture_output=True, text=True)
    assert "made" in first.stdout
    assert not again.stdout
    assert load_settings(tmp_path / "none.toml", environ) == settings


def test_the_image_copies_what_is_there_and_runs_as_nobody_in_particular() -> None:
    copied = [
        line.split()[1:-1] for line in CONTAINERFILE.splitlines() if line.startswith("COPY ") and "--from" not in line
    ]
    let_in = {line.removeprefix("!") for line in read(ROOT / ".containerignore").splitlines() if line.startswith("!")}
    for path in (path for paths in copied for path in paths):
        assert (ROOT / path).exists(), path
        assert path.split("/")[0] in let_in
    assert read(ROOT / ".containerignore") == read(ROOT / ".dockerignore")
    *_, last = CONTAINERFILE.split("\nFROM ")
    assert "\nUSER digest\n" in last
    check_digest(re.findall(r'^CMD \["(.*)"\]$', last, re.MULTILINE))
    assert re.findall(r"^FROM .*/python:(\d+\.\d+)-slim", CONTAINERFILE, re.MULTILINE) == ["3.13", "3.13"]


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_units_start_commands_that_exist(path: Path) -> None:
    parser = configparser.RawConfigParser(strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # systemd's names have capitals
    parser.read_string(read(path))
    if path.suffix == ".timer":
        assert (path.parent / f"{path.stem}.service").is_file()
        return
    service = parser["Service"]
    program, *words = shlex.split(service["ExecStart"])
    assert program == "/opt/digest/bin/digest"
    check_digest(words)
    assert service["NoNewPrivileges"] == "yes"
    guide = ROOT / "docs" / parser["Unit"]["Documentation"].removeprefix("file:///usr/share/doc/digest/")
    assert guide.is_file()


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd here")
def test_systemd_itself_understands_them(tmp_path: Path) -> None:
    """With a program that exists in place of ours, and a user that does."""
    for path in UNITS:
        text = re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", read(path), flags=re.MULTILINE)
        (tmp_path / path.name).write_text(re.sub(r"^(User|Group)=.*\n", "", text, flags=re.MULTILINE))
    names = [str(tmp_path / path.name) for path in UNITS]
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *names], check=False, capture_output=True, text=True
    )
    ours = [line for line in done.stderr.splitlines() if "digest-" in line]
    assert ours == []


@pytest.mark.parametrize("name", ["nginx.conf", "Caddyfile"])
def test_proxies_hand_over_to_where_the_pages_are(name: str) -> None:
    text = read(DEPLOY / "proxy" / name)
    web = f"{Settings.model_fields['web_host'].default}:{Settings.model_fields['web_port'].default}"
    assert web in text
    assert "/metrics" in text
    if name == "nginx.conf":
        assert text.count("{") == text.count("}")
        assert "access_log off" in text
