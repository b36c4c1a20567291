"""One switch for the whole plugin: what waits is woken at once."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Cancellation(threading.Event):
    """An event that also calls back, for waits that cannot wait on an event."""

    def __init__(self) -> None:
        super().__init__()
        self._hooks: list[Callable[[], None]] = []
        self._guard = threading.Lock()

    def set(self) -> None:
        """Cancel: wake every wait."""
        super().set()
        with self._guard:
            hooks = list(self._hooks)
        for hook in hooks:
            hook()

    @contextmanager
    def calling(self, hook: Callable[[], None]) -> Iterator[None]:
        """Within the block, cancelling calls `hook` (at once if already cancelled)."""
        with self._guard:
            self._hooks.append(hook)
        try:
            if self.is_set():
                hook()
            yield
        finally:
            with self._guard:
                self._hooks.remove(hook)
