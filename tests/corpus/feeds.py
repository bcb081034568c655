"""Where the corpus comes from: feedparser's source distribution, by pip, with its hash; unpacked into a folder that git ignores."""

import subprocess
import sys
import tarfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
CACHE = ROOT / ".corpus"
PINNED = Path(__file__).with_name("requirements.txt")


def corpus() -> list[Path]:
    """Every file of its tests that is no program, in order of their names. Fetched once."""
    folder = CACHE / "unpacked"
    if not folder.exists():
        _fetch(folder)
    (tests,) = folder.glob("feedparser-*/tests")
    return sorted(path for path in tests.rglob("*") if path.is_file() and path.suffix not in {".py", ".pyc"})


def _fetch(folder: Path) -> None:
    CACHE.mkdir(exist_ok=True)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", "download"]
    what = ["--no-deps", "--no-binary", "feedparser", "--require-hashes", "-r", str(PINNED), "-d", str(CACHE)]
    subprocess.run([*pip, *what], check=True)
    (archive,) = CACHE.glob("feedparser-*.tar.gz")
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
