import os
import signal
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator

import pytest

from digest.confine.pool import _environment
from digest.sources import confine
from digest.sources.confine import CRASHED, TOO_SLOW, Pool
from digest.sources.parsed import Parsed, Unreadable

RSS = b"<rss version='2.0'><channel><title>T</title><item><title>%s</title></item></channel></rss>"


@pytest.fixture
def pool() -> Iterator[Pool]:
    with Pool(size=2, seconds=10) as made:
        yield made


def read(pool: Pool, title: str = "A") -> Parsed:
    return pool.run("feed", RSS % title.encode(), location="http://example.org/")


def children(pool: Pool) -> list[int]:
    return [child._process.pid for child in pool._idle]


def test_a_child_lives_for_many_tasks(pool: Pool) -> None:
    titles = [read(pool, str(number)).entries[0].title for number in range(20)]
    assert titles == [str(number) for number in range(20)]
    assert len(children(pool)) == 1


def test_several_at_once(pool: Pool) -> None:
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(read(pool).title)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == ["T"] * 8
    assert len(children(pool)) <= 2


def test_a_child_that_died_in_its_sleep_is_replaced(pool: Pool) -> None:
    read(pool)
    (dead,) = children(pool)
    os.kill(dead, signal.SIGKILL)
    pool._idle[0]._process.wait()
    assert read(pool).title == "T"
    assert dead not in children(pool)


def test_a_crash_fails_only_its_own_feed(pool: Pool) -> None:
    read(pool)
    (victim,) = children(pool)
    os.kill(victim, signal.SIGSTOP)  # it will hear the task only when it is already lost
    killer = threading.Timer(0.2, os.kill, (victim, signal.SIGKILL))
    killer.start()
    with pytest.raises(Unreadable):
        read(pool)
    killer.join()
    assert read(pool).title == "T"


def test_a_child_that_hangs_is_killed_and_replaced() -> None:
    with Pool(size=1, seconds=3) as pool:
        read(pool)
        (victim,) = children(pool)
        pool._seconds = 0.3
        os.kill(victim, signal.SIGSTOP)
        with pytest.raises(Unreadable, match=TOO_SLOW):
            read(pool)
        assert children(pool) == []
        pool._seconds = 10
        assert read(pool).title == "T"


@pytest.mark.skipif(sys.platform == "darwin", reason="macOS does not honour RLIMIT_AS")
def test_what_needs_too_much_memory_fails() -> None:
    with Pool(size=1, memory=90_000_000, seconds=10) as pool:
        assert read(pool).title == "T"
        many = b"x" * 10_000_000
        with pytest.raises(Unreadable) as failure:
            pool.run("feed", RSS % many, location="http://example.org/")
        assert str(failure.value) in {"it needs more memory than a feed may", CRASHED, TOO_SLOW}
        assert read(pool).title == "T"


def test_an_unknown_task_is_no_crash(pool: Pool) -> None:
    with pytest.raises(Unreadable, match="KeyError"):
        pool.run("cook", b"")


def test_closing_leaves_no_process_and_may_be_done_twice(pool: Pool) -> None:
    read(pool)
    (child,) = children(pool)
    pool.close()
    pool.close()
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)
    assert read(pool).title == "T"


def test_the_child_has_none_of_our_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIGEST_SECRET_KEY", "canary")
    monkeypatch.setenv("PYTHONWARNINGS", "error")
    assert "canary" not in str(_environment())
    assert "PYTHONWARNINGS" not in _environment()


@pytest.mark.parametrize(
    "reply", [{}, {"parsed": None}, {"parsed": {"title": 1}}, {"parsed": {"title": "", "entries": [{"a": 1}]}}]
)
def test_a_reply_that_makes_no_sense_is_a_failure(reply: dict[str, object]) -> None:
    with pytest.raises(Unreadable, match=CRASHED):
        confine._judge(reply)


SCRIPT = """
    import os, sys, threading, time
    from digest.sources import confine
    RSS = {rss!r}
    def read():
        assert confine.run("feed", RSS, location="http://example.org/").title == "T"
    if __name__ == "__main__":
        read()
        child = confine._SHARED._idle[0]._process.pid
        {body}
        print(child)
"""


def run_alone(body: str) -> int:
    """Runs a program of its own with warnings as errors, and returns the pid of its child after it ended without a word."""
    code = textwrap.dedent(SCRIPT).format(rss=RSS % b"A", body=body)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-X", "dev", "-c", code],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return int(done.stdout.split()[-1])


def is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_at_exit_nothing_is_left_and_nothing_is_said() -> None:
    assert is_gone(run_alone("pass"))


def test_a_forked_copy_starts_its_own_children_and_leaves_ours_alone() -> None:
    body = "copy = os.fork()\n    if copy == 0:\n        assert not confine._SHARED._idle\n        read(); sys.exit(0)\n    assert os.waitpid(copy, 0)[1] == 0\n    assert confine._SHARED._idle[0].alive\n    read()"
    assert is_gone(run_alone(body))


def test_a_child_ends_when_its_parent_is_killed() -> None:
    code = textwrap.dedent(SCRIPT).format(rss=RSS % b"A", body="print(child, flush=True); time.sleep(60)")
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.kill()
    over = threading.Event()
    assert any(_is_dead(child) or over.wait(0.05) for _ in range(200))


def _is_dead(pid: int) -> bool:
    """Gone, or a zombie that only waits for whoever adopted it."""
    if is_gone(pid):
        return True
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return state.strip() in {"", "Z"} or state.startswith("Z")
