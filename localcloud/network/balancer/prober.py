"""Checks the health of targets, each at its own group's interval, in one thread."""

import asyncio
from collections.abc import Callable, Mapping

from localcloud.network.balancer import health
from localcloud.network.balancer.health import Health, Key
from localcloud.network.balancer.probe import Check, probe
from localcloud.network.loop import LoopThread

# AWS checks a new target from several places at once, so it is found sooner than after its
# group's interval; how long it may fail is still counted in intervals.
EAGER = 0.5  # seconds


class Prober:
    """Keeps the health of the targets that it was told to watch.

    `changed` is called in the prober's thread with each target whose state or reason changed.
    """

    def __init__(self, changed: Callable[[Key, Health], None]) -> None:
        self._changed = changed
        self._health: dict[Key, Health] = {}
        self._tasks: dict[Key, tuple[Check, asyncio.Task[None]]] = {}
        self._loop = LoopThread("health")

    def watch(self, checks: Mapping[Key, Check]) -> None:
        """Check exactly these from now on; one that is new is checked at once."""
        self._loop.call(self._watch(dict(checks)))

    def health(self, key: Key) -> Health:
        """What is known of a target; `initial` of one that is not watched."""
        return self._health.get(key, Health())

    def close(self) -> None:
        """Stop checking."""
        self._loop.close()

    async def _watch(self, checks: dict[Key, Check]) -> None:
        for key, (check, task) in list(self._tasks.items()):
            if checks.get(key) != check:
                task.cancel()
                del self._tasks[key]
        for key in self._health.keys() - checks.keys():
            del self._health[key]
        for key in checks.keys() - self._tasks.keys():
            if key not in self._health:
                self._health[key] = Health()
                self._changed(key, self._health[key])
            self._tasks[key] = checks[key], asyncio.create_task(self._keep(key, checks[key]))

    async def _keep(self, key: Key, check: Check) -> None:
        """Check one target for as long as it is watched."""
        loop = asyncio.get_running_loop()
        counted = loop.time() - check.how.interval  # when a result last counted
        while True:
            begun = loop.time()
            failure = await probe(check)
            before = self._health[key]
            if failure is None or begun - counted >= check.how.interval:
                counted = begun
                self._health[key] = now = health.after(before, failure, check.how)
                if (now.state, now.reason) != (before.state, before.reason):
                    self._changed(key, now)
            initial = self._health[key].state == "initial"
            pause = min(EAGER, check.how.interval) if initial else check.how.interval
            await asyncio.sleep(max(0, begun + pause - loop.time()))
