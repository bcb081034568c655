"""What is installed without a checkout: the wheel, made from the sdist as a packager would, in an environment of its own."""

import subprocess
import sys
import sysconfig
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

RENDER_AND_MIGRATE = """
from datetime import time
from pathlib import Path

import digest
from digest.model.address import Mailbox
from digest.model.mailing_list import MailingList, Schedule
from digest.rendering.edition import render_welcome
from digest.store.engine import open_engine
from digest.store.schema import upgrade

weekly = MailingList(
    id=1, name="weekly", title="The Weekly Gull", sender=Mailbox.parse("news@example.org"), reply_to=None,
    postal_address="Quay 1, Saltby", list_id="weekly.example.org", schedule=Schedule(frozenset(), time(8), "UTC"),
)
edition = render_welcome(weekly, salt="0" * 32, language="de")
assert "Abmelden" in edition.html  # the catalogues are there
assert "The Weekly Gull" in edition.html and "The Weekly Gull" in edition.text and b"List-Id" in edition.skeleton
print(upgrade(open_engine("sqlite:///installed.db")))
print(Path(digest.__file__).parent)
"""


@dataclass(frozen=True)
class Installed:
    wheel: Path
    bin: Path
    elsewhere: Path  # a working directory far from the checkout

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """What it printed, errors too; the environment has nothing that points at the checkout."""
        line = [str(self.bin / command[0]), *command[1:]]
        return subprocess.run(
            line,
            cwd=self.elsewhere,
            env={"PATH": str(self.bin)},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(out), str(ROOT)]
    built = subprocess.run(command, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    (made,) = out.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The wheel in a virtual environment that sees the libraries of this one, but not its editable install.

    A folder named by a .pth file is searched, but the .pth files in it are not read; so the checkout is not found.
    """
    venv = tmp_path_factory.mktemp("clean")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(venv)], check=True)
    site_packages = Path(sysconfig.get_path("purelib", "venv", {"base": str(venv)}))
    (site_packages / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
    pip = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        str(venv / "bin/python"),
        "install",
        "--no-deps",
        "--no-index",
        "--quiet",
    ]
    done = subprocess.run([*pip, str(wheel)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return Installed(wheel, venv / "bin", tmp_path_factory.mktemp("elsewhere"))


def test_it_holds_what_it_needs_and_nothing_else(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for room in ("templates/email", "examples"):
        ours = {path.relative_to(ROOT).as_posix() for path in (ROOT / room).rglob("*") if path.is_file()}
        assert {f"digest/{name}" for name in ours} - names == set()
    ours = {path.relative_to(ROOT).as_posix() for path in (ROOT / "digest").rglob("*") if path.is_file()}
    assert {name for name in ours if "__pycache__" not in name} - names == set()  # migrations, pages, py.typed
    assert {name.partition("/")[0].partition("-")[0] for name in names} == {"digest"}  # no tests, bench or scheduler
    assert any(name.endswith("licenses/NOTICE") for name in names)


def test_it_works_far_from_the_checkout(installed: Installed) -> None:
    done = installed.run("python", "-I", "-W", "error", "-c", RENDER_AND_MIGRATE)
    assert done.returncode == 0, done.stderr
    assert Path(done.stdout.splitlines()[-1]).is_relative_to(installed.bin.parent)
    done = installed.run("digest", "--help")
    assert done.returncode == 0, done.stderr
    assert "deliver" in done.stdout
