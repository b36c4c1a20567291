"""Event loops for the Pulumi SDK under test, closed after it."""

import asyncio
import contextlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor


@contextlib.contextmanager
def event_loops() -> Iterator[None]:
    """Event loops for the SDK and for the threads of its mocks, which would never close theirs."""
    loops = [asyncio.new_event_loop()]

    def in_thread() -> None:
        loops.append(asyncio.new_event_loop())
        asyncio.set_event_loop(loops[-1])

    try:
        with ThreadPoolExecutor(max_workers=4, initializer=in_thread) as threads:
            loops[0].set_default_executor(threads)
            asyncio.set_event_loop(loops[0])
            yield
    finally:
        asyncio.set_event_loop_policy(None)  # other tests make loops of their own again
        for loop in loops:
            loop.close()
