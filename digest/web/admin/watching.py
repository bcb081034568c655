"""Who watches campaigns go out: one look a second at each, however many watch, and no thread that waits.

A watcher is a coroutine that sleeps; a look takes a thread for as long as its queries. All end when the server stops, when the
campaign is over, and after MOST_SECONDS: then the browser asks again, and is asked who it is.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from threading import Lock, Thread
from typing import Annotated

from fastapi import Depends, Request

from digest.app import App
from digest.model.errors import TryLater
from digest.model.issue import Campaign, CampaignState
from digest.pipeline.watch import Follower, Sight

LOOK_SECONDS = 1.0
NAPS = 5  # in which a watcher looks whether the server stops
MOST_SECONDS = 300
MOST_WATCHERS = 100
MOST_POSTS = 100  # campaigns that are looked at


@dataclass(frozen=True, slots=True)
class Scene:
    """A campaign as it is just now."""

    campaign: Campaign
    sight: Sight

    @property
    def moves(self) -> bool:
        """Whether there will be something else to see by itself."""
        return self.campaign.state is CampaignState.RUNNING and self.sight.account.open > 0


class _Post:
    """Where one campaign is looked at. Only who looks first, or has just changed something, waits for its messages to be counted."""

    def __init__(self, app: App, issue_id: int) -> None:
        self._follower = Follower(app.store, issue_id, app.now, waits=False)
        self._lock = Lock()
        self._scene: Scene | None = None
        self._at = 0.0
        self._counting: Thread | None = None

    def look(self, *, anew: bool = False) -> Scene:
        with self._lock:
            if anew or self._scene is None or time.monotonic() - self._at >= LOOK_SECONDS / 2:
                self._scene = Scene(*self._follower.look(anew=anew))
                self._at = time.monotonic()
                if self._scene.moves and self._follower.is_due:
                    self._count()
            return self._scene

    def close(self) -> None:
        with self._lock:
            if self._counting is not None:
                self._counting.join()

    def _count(self) -> None:
        if self._counting is None or not self._counting.is_alive():
            self._counting = Thread(target=self._follower.count, name="counting")
            self._counting.start()


class Watchers:
    """For the whole site."""

    def __init__(self) -> None:
        self._posts: dict[int, _Post] = {}
        self._lock = Lock()
        self._closed = False
        self._count = 0

    def close(self) -> None:
        """The server stops: whoever watches is sent home."""
        self._closed = True
        for post in self._posts.values():
            post.close()

    def look(self, app: App, issue_id: int, *, anew: bool = False) -> Scene:
        """Raises NotFound for an issue that was not sent."""
        return self._post(app, issue_id).look(anew=anew)

    async def watch(self, app: App, issue_id: int) -> AsyncIterator[Scene]:
        """A scene a second, and a last one when nothing moves any more. Raises TryLater when too many watch."""
        if self._count >= MOST_WATCHERS:
            raise TryLater("Very many are watching just now; load the page again in a while.")
        self._count += 1
        try:
            until = time.monotonic() + MOST_SECONDS
            while not self._closed and time.monotonic() < until:
                scene = await asyncio.to_thread(self.look, app, issue_id)
                yield scene
                if not scene.moves:
                    return
                await self._nap()
        finally:
            self._count -= 1

    async def _nap(self) -> None:
        for _ in range(NAPS):
            if self._closed:
                return
            await asyncio.sleep(LOOK_SECONDS / NAPS)

    def _post(self, app: App, issue_id: int) -> _Post:
        with self._lock:
            if issue_id not in self._posts:
                if len(self._posts) >= MOST_POSTS:
                    self._posts.pop(next(iter(self._posts)))
                self._posts[issue_id] = _Post(app, issue_id)
            return self._posts[issue_id]


def _watchers(request: Request) -> Watchers:
    watchers: Watchers = request.app.state.watchers
    return watchers


AtWindow = Annotated[Watchers, Depends(_watchers)]
