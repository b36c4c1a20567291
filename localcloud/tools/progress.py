"""One line per long step: with a clock on a terminal, otherwise at its start and its end."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Lock, Thread
from time import monotonic
from typing import TextIO

WIDTH = 79
CLEAR = "\r\x1b[2K"


def clock(seconds: float) -> str:
    """Minutes and seconds, as 7:24."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


def line(title: str, time: str) -> str:
    """A line with a title, cut if necessary, and a time at its end."""
    room = WIDTH - len(time) - 1
    shown = title if len(title) <= room else f"{title[: room - 3]}..."
    return f"{shown:<{room}} {time}"


class Progress:
    """Shows steps, several of which may run at once. `say` prints one line."""

    def __init__(self, say: Callable[[str], None], terminal: TextIO | None = None) -> None:
        self._say_line = say
        self._terminal = terminal
        self._lock = Lock()
        self._running: dict[str, float] = {}

    @classmethod
    def to(cls, say: Callable[[str], None]) -> Progress:
        """With a clock if `say` is print and stdout is a terminal."""
        return cls(say, sys.stdout if say is print and sys.stdout.isatty() else None)

    def say(self, text: str) -> None:
        """Show a line."""
        with self._lock:
            self._clear()
            self._say_line(text)

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Show that a step runs, and how long it took if it succeeds."""
        start = monotonic()
        with self._lock:
            self._running[title] = start
        if self._terminal is None:
            self.say(f"{title} ...")
        try:
            yield
        except BaseException:
            self._end(title)
            raise
        self._end(title)
        self.say(line(title, clock(monotonic() - start)))

    @contextmanager
    def ticking(self) -> Iterator[None]:
        """Update the line of the running steps during the block."""
        over = Event()
        ticker = Thread(target=self._tick, args=(over,), daemon=True)
        if self._terminal is not None:
            ticker.start()
        try:
            yield
        finally:
            over.set()
            if self._terminal is not None:
                ticker.join()
                self._clear()

    def _tick(self, over: Event) -> None:
        while not over.wait(0.5):
            with self._lock:
                self._draw()

    def _draw(self) -> None:
        if self._terminal is not None and self._running:
            since = clock(monotonic() - min(self._running.values()))
            self._terminal.write(CLEAR + line(" + ".join(self._running), since))
            self._terminal.flush()

    def _clear(self) -> None:
        if self._terminal is not None:
            self._terminal.write(CLEAR)
            self._terminal.flush()

    def _end(self, title: str) -> None:
        with self._lock:
            self._running.pop(title, None)
            self._clear()
