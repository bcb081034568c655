"""The readers' pages on a database, in a process of its own: `python -m bench.doorway URL` prints its port."""

import sys
from threading import Event

from bench.child import end_with_parent
from bench.world import KEYS, clock
from digest.app import App
from digest.settings import Settings
from digest.store import open_store
from digest.web import running

PER_HOUR = 100_000_000  # sign-ups: the limits are not what is measured


def main(url: str) -> None:
    end_with_parent()
    settings = Settings(database_url=url, base_url="https://news.example.org", sign_ups_per_hour=PER_HOUR)
    with running(App(settings, open_store(url), KEYS, now=clock)) as port:
        print(port, flush=True)
        Event().wait()


if __name__ == "__main__":
    main(sys.argv[1])
