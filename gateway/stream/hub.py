"""Who watches what: changes after a commit reach every open socket, rendered once per kind of viewer."""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from pydantic import BaseModel

from gateway.auth import Principal
from gateway.context import Context
from gateway.writer import Topic

log = logging.getLogger(__name__)
FRESH_SECONDS = 0.25
PERSONAL: tuple[Topic, ...] = ("offers", "greetings", "alerts", "readings")
"""What each person and each screen sees differently."""
Render = Callable[[Context, Principal], BaseModel]


@dataclass(eq=False)
class Watcher:
    """One open socket. `dirty` holds the topics to show it again; `wake` is set when there is one."""

    principal: Principal
    topics: frozenset[Topic]
    dirty: set[Topic] = field(default_factory=set)
    wake: asyncio.Event = field(default_factory=asyncio.Event)

    def mark(self, topic: Topic) -> None:
        self.dirty.add(topic)
        self.wake.set()


@dataclass(frozen=True, slots=True)
class _Rendering:
    version: int
    began: float
    task: asyncio.Task[str]

    def serves(self, version: int) -> bool:
        """Waiting times and the like go on by themselves, so a rendering is good for a moment only."""
        failed = self.task.done() and (self.task.cancelled() or self.task.exception() is not None)
        return version == self.version and not failed and time.monotonic() < self.began + FRESH_SECONDS


class Hub:
    """Lives on the event loop. Renderers read the database and are run in threads."""

    def __init__(self) -> None:
        self.watchers: set[Watcher] = set()
        self._renderers: dict[Topic, Render] = {}
        self._versions: dict[Topic, int] = {}
        self._rendered: dict[tuple[Topic, str], _Rendering] = {}

    def register(self, topic: Topic, render: Render) -> None:
        """`render(context, principal)` gives the whole state of `topic` as that principal may see it."""
        self._renderers[topic] = render

    def changed(self, topic: Topic, person_id: str | None = None) -> None:
        """Show `topic` again to everyone watching it, or only to that person."""
        self._versions[topic] = self._versions.get(topic, 0) + 1
        for watcher in self.watchers:
            if topic in watcher.topics and person_id in (None, watcher.principal.person_id):
                watcher.mark(topic)

    async def render(self, context: Context, topic: Topic, principal: Principal) -> str:
        """JSON of the topic's state. Viewers who see the same thing share one rendering of one version."""
        viewer = _viewer(topic, principal)
        version = self._versions.get(topic, 0)
        found = self._rendered.get((topic, viewer))
        if found is None or not found.serves(version):
            task = asyncio.create_task(asyncio.to_thread(self._render, context, topic, principal))
            found = self._rendered[topic, viewer] = _Rendering(version, time.monotonic(), task)
        return await asyncio.shield(found.task)

    def _render(self, context: Context, topic: Topic, principal: Principal) -> str:
        return self._renderers[topic](context, principal).model_dump_json()

    def add(self, watcher: Watcher) -> None:
        self.watchers.add(watcher)

    def remove(self, watcher: Watcher) -> None:
        self.watchers.discard(watcher)
        for topic in PERSONAL:
            viewer = _viewer(topic, watcher.principal)
            if not any(_viewer(topic, other.principal) == viewer for other in self.watchers):
                self._rendered.pop((topic, viewer), None)

    def can_render(self, topic: Topic) -> bool:
        return topic in self._renderers


def _viewer(topic: Topic, principal: Principal) -> str:
    """Who shares a rendering."""
    if topic not in PERSONAL:
        return principal.role
    return principal.person_id or f"{principal.role}:{principal.device_id}"
