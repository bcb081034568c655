"""`digest demo` as a newcomer runs it, twice in the same place."""

import subprocess
import sys
from pathlib import Path


def run_demo(place: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "digest", "demo", "--once"],
        cwd=place,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_demo_runs_and_runs_again(tmp_path: Path) -> None:
    for _ in range(2):
        said = run_demo(tmp_path)
        assert "audience 5 = accepted 5 + deferred 0 + bounced 0 + suppressed 0 + failed 0 + uncertain 0" in said
        assert len(list((tmp_path / "demo" / "mails").glob("*.eml"))) == 15  # five times: asked, welcomed, the issue


def test_the_demo_leaves_a_folder_of_somebody_else_alone(tmp_path: Path) -> None:
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "thesis.txt").write_text("years of work")
    done = subprocess.run(
        [sys.executable, "-m", "digest", "demo", "--once"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert "not the demo's" in done.stderr
    assert (tmp_path / "demo" / "thesis.txt").exists()
