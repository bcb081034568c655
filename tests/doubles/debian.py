"""Programs of Debian, unpacked for the tests and installed nowhere: the real thing to hold ours against.

    root = unpacked("opendkim")
    subprocess.run([root / "usr/sbin/opendkim", …], env=environment(root))

apt-get fetches them once, without root; they are kept in the user's cache. Where that cannot be, the test is skipped and says why.
"""

import fcntl
import os
import platform
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

_CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "digest-tests"
_NEVER = {"libc6"}  # another C library than the one that starts programs here would break them all
_APT = ("apt-get", "-qq", "-o", "APT::Sandbox::User=root")
_SECONDS = 300


def unpacked(*packages: str) -> Path:
    """A folder with all that is in these packages, and in those that they need and this machine lacks. Skips in words."""
    folder = _CACHE / _name(packages)
    if folder.is_dir():
        return folder
    if missing := [program for program in ("apt-get", "dpkg") if not shutil.which(program)]:
        pytest.skip(f"there is no {' and no '.join(missing)} here to fetch {', '.join(packages)} with")
    try:
        _CACHE.mkdir(parents=True, exist_ok=True)
        with _alone():
            if not folder.is_dir():
                _fetch(packages, folder)
    except (OSError, subprocess.SubprocessError) as error:
        pytest.skip(f"the Debian packages {', '.join(packages)} cannot be had: {_why(error)}")
    return folder


def environment(root: Path) -> dict[str, str]:
    """What programs from such a folder need to find each other and their libraries."""
    programs = [str(folder) for part in ("usr/sbin", "usr/bin") if (folder := root / part).is_dir()]
    libraries = sorted({str(library.parent) for library in root.rglob("*.so*")})
    return {
        **os.environ,
        "PATH": os.pathsep.join([*programs, os.environ.get("PATH", os.defpath)]),
        "LD_LIBRARY_PATH": os.pathsep.join(libraries),
    }


def _name(packages: tuple[str, ...]) -> str:
    """Of the folder: packages differ from one release to the next and from one processor to another."""
    try:
        release = platform.freedesktop_os_release()
    except OSError:
        release = {}
    system = release.get("VERSION_CODENAME") or release.get("ID") or "unknown"
    return "-".join([*sorted(packages), system, platform.machine()])


@contextmanager
def _alone() -> Iterator[None]:
    """pytest's workers want the same packages at the same time."""
    with (_CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _fetch(packages: tuple[str, ...], folder: Path) -> None:
    """The folder appears whole or not at all."""
    with tempfile.TemporaryDirectory(dir=_CACHE) as scratch:
        try:
            _download(packages, Path(scratch), [])
        except subprocess.SubprocessError:  # this machine's lists of packages are old, or there are none
            _download(packages, Path(scratch), _own_lists())
        root = Path(scratch) / "root"
        for package in Path(scratch).glob("*.deb"):
            _run("dpkg", "-x", str(package), str(root), cwd=scratch)
        root.rename(folder)


def _own_lists() -> list[str]:
    """Fresh ones, for which nobody must be root; what tells apt-get to use them."""
    for folder in ("lists/partial", "apt/archives/partial"):
        (_CACHE / folder).mkdir(parents=True, exist_ok=True)
    options = ["-o", f"Dir::State::lists={_CACHE}/lists", "-o", f"Dir::Cache={_CACHE}/apt"]
    _run(*_APT, *options, "update", cwd=_CACHE)
    return options


def _download(packages: tuple[str, ...], folder: Path, options: list[str]) -> None:
    install = ("install", "--reinstall", "--yes", "--no-install-recommends", "--print-uris", *packages)
    uris = _run(*_APT, *options, "-o", "Debug::NoLocking=1", *install, cwd=folder)
    files = [line.split()[1] for line in uris.splitlines() if line.startswith("'")]
    names = {file.partition("_")[0] for file in files} - _NEVER
    _run(*_APT, *options, "download", *sorted(names | set(packages)), cwd=folder)


def _run(*command: str, cwd: str | Path) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=_SECONDS, check=True)
    return done.stdout


def _why(error: Exception) -> str:
    said = str(getattr(error, "stderr", "") or "").strip().splitlines()
    return said[-1] if said else str(error)
