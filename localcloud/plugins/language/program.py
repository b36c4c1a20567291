"""Runs one Pulumi program; the language host starts it, as a fork if it can.

It is run by path, with the program's own interpreter, so it imports nothing of localcloud. The
first argument is the settings as JSON, the others are the program's. The exit status is 0, 32 for
an error about which the language host must not print anything more, or 1 for any other.
"""

import asyncio
import gc
import json
import logging
import os
import runpy
import signal
import sys
import traceback
from concurrent.futures import ThreadPoolExecutor
from typing import Any

SHOWN = 32


def main() -> int:
    """Connect to the engine and run the program; returns the exit status."""
    # The engine interrupts a program when a resource has failed, and reports that itself.
    signal.signal(signal.SIGINT, lambda *_: os._exit(1))
    # The SDKs' thousands of classes are never garbage: collect less often.
    gc.set_threshold(50_000, 20, 50)
    settings: dict[str, Any] = json.loads(sys.argv[1])
    try:
        import pulumi.runtime
    except ImportError:
        traceback.print_exc()
        print(
            f"{sys.executable} has no Pulumi SDK: install the program's requirements.txt into it,"
            " or set runtime.options.virtualenv in Pulumi.yaml",
            file=sys.stderr,
        )
        return 1
    pulumi.runtime.set_all_config(
        pulumi.runtime.get_config_env(), pulumi.runtime.get_config_secret_keys_env()
    )
    program = settings.pop("program")
    pulumi.runtime.configure(pulumi.runtime.Settings(**settings))
    sys.argv = [program, *sys.argv[2:]]
    return _run(program, max(settings["parallel"], 1) * 4)


def _run(program: str, threads: int) -> int:
    import pulumi

    # After a failure asyncio would report every future that was not awaited.
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    executor = ThreadPoolExecutor(threads)
    loop.set_default_executor(executor)
    try:
        loop.run_until_complete(pulumi.runtime.run_in_stack(lambda: _execute(program)))
    except pulumi.RunError as error:
        if _stopped(error):
            return SHOWN
        pulumi.log.error(str(error))
        return 1
    except Exception as error:  # a program may raise anything
        if _stopped(error):
            return SHOWN
        text = f"Program failed with an unhandled exception:\n{_program_traceback(program)}"
        pulumi.log.error(text)
        return SHOWN
    finally:
        executor.shutdown(wait=True)
        loop.close()
        sys.stdout.flush()
        sys.stderr.flush()
    return 0


def _stopped(error: Exception) -> bool:
    """Whether the engine has ended the run because a resource failed, which it reports itself."""
    return str(error).startswith(("resource monitor shut down", "Resource monitor has terminated"))


def _execute(program: str) -> None:
    import pulumi

    main_file = os.path.join(program, "__main__.py")
    if os.path.isdir(program) and not os.path.exists(main_file):
        folder = os.path.abspath(program)
        pulumi.log.error(f"unable to find main python program `__main__.py` in `{folder}`")
        sys.exit(SHOWN)
    runpy.run_path(program, run_name="__main__")


def _program_traceback(program: str) -> str:
    """The traceback from the program's first frame on."""
    wanted = _main_file(program)
    frames = traceback.extract_tb(sys.exc_info()[2])
    for index, frame in enumerate(frames):
        if _main_file(frame.filename) == wanted:
            return traceback.format_exc(limit=index - len(frames))
    return traceback.format_exc()


def _main_file(path: str) -> str:
    stem, extension = os.path.splitext(path)
    return os.path.abspath(stem if extension else os.path.join(stem, "__main__"))


if __name__ == "__main__":
    sys.exit(main())
