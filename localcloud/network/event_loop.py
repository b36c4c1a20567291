"""An asyncio event loop in a thread of its own, for forwarded ports and health checks."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class EventLoopThread:
    """Runs coroutines for threads that are not asynchronous."""

    def __init__(self, name: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name=name, daemon=True)
        self._thread.start()

    def call(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine in the loop and wait for it; returns its result or raises its error."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def later(self, seconds: float, function: Callable[[], None]) -> None:
        """Call a function in the loop after some seconds, unless `close` comes first."""
        self._loop.call_soon_threadsafe(self._loop.call_later, seconds, function)

    def close(self) -> None:
        """Cancel all coroutines and end the thread; safe to repeat."""
        if self._loop.is_closed():
            return
        self.call(_cancel_others())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


async def _cancel_others() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    # Transports close in the next iterations; else their sockets cause ResourceWarnings.
    for _ in range(2):
        await asyncio.sleep(0)
