"""A fork server: `python -P -u server.py SOCKET LISTENER CLOUD [PRELOAD]`, run by path.

It runs with a program's own interpreter, so it imports nothing of localcloud. LISTENER is the
listening socket SOCKET and CLOUD a handle on the cloud's first process, both inherited. PRELOAD is
a script whose imports are had from the start; its STEPS, functions, follow while nobody asks.

A client sends its stdin, stdout and stderr and, marshalled behind their length,
    {"argv": [script, ...], "path": [...], "env": {...}, "cwd": "...", "umask": 18}
and gets a handle on the fork that runs the script, then its exit status (negative: that signal).
A fork whose client has gone gets SIGTERM. A fork server whose modules have changed on the disk
answers nothing and ends with its last fork. A program that ended well sends what to import:
    {"import": [...]}
"""

import array
import atexit
import contextlib
import gc
import importlib
import marshal
import os
import runpy
import select
import signal
import socket
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, NoReturn

# Of what a program imports only the SDKs: with its other imports at hand, a program that forgot
# one would run here and nowhere else.
TAUGHT = "pulumi"
SLOW_CLIENT = 5.0  # seconds for a request, which is one write, to come
STANDARD = 3  # stdin, stdout, stderr
LENGTH = 4  # bytes before a request that say how many follow
PIECE = 65536

Stamp = tuple[int, int]


def stamp(file: str) -> Stamp | None:
    """What changes when a file does; None when it is not there."""
    try:
        status = os.stat(file)
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size


class Modules:
    """What is imported, or will be while nobody asks; and whether the disk still has the same."""

    def __init__(self, steps: Iterable[Callable[[], object]]) -> None:
        self.steps = deque(steps)
        self._stamps: dict[str, Stamp | None] = {}
        # A package that was installed or removed changes the folder.
        self._folders = [folder for folder in sys.path if os.path.isdir(folder)]
        self.note()

    def note(self) -> None:
        """Take in what was imported since, and keep the garbage collector from it in forks."""
        files = [getattr(module, "__file__", None) for module in list(sys.modules.values())]
        for file in (*self._folders, *files):
            if file and file not in self._stamps:
                self._stamps[file] = stamp(file)
        gc.collect()
        gc.freeze()

    def learn(self, names: Iterable[str]) -> None:
        """Import these, step by step."""
        self.steps.extend(partial(importlib.import_module, name) for name in names)

    def step(self) -> None:
        """Take the next step; what cannot be imported is left to the program."""
        before = len(sys.modules)
        with contextlib.suppress(Exception):
            self.steps.popleft()()
        if not self.steps or len(sys.modules) != before:
            self.note()

    def changed(self) -> bool:
        return any(stamp(file) != then for file, then in self._stamps.items())


def receive(client: socket.socket) -> tuple[dict[str, Any], list[int]]:
    """A request and the files that came with it. Raises OSError, EOFError or ValueError."""
    client.settimeout(SLOW_CLIENT)
    text, files, _, _ = socket.recv_fds(client, PIECE, STANDARD)
    while len(text) < LENGTH + int.from_bytes(text[:LENGTH], "big"):
        more = client.recv(PIECE)
        if not more:
            raise ConnectionResetError("the client has gone")
        text += more
    client.settimeout(None)
    request: dict[str, Any] = marshal.loads(text[LENGTH:])
    return request, files


class Server:
    """Forks for its clients; `serve` returns in a fork only, with what it shall run."""

    def __init__(self, listener: socket.socket, cloud: int, modules: Modules) -> None:
        self._listener: socket.socket | None = listener
        self._modules = modules
        self._clients: dict[int, socket.socket] = {}  # by the process id of their fork
        self._cloud = cloud
        self._ended, self._wakeup = os.pipe()
        os.set_blocking(self._ended, False)
        os.set_blocking(self._wakeup, False)
        signal.set_wakeup_fd(self._wakeup, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def serve(self) -> dict[str, Any]:
        """Answer clients until the cloud ends, or the modules change and the last fork ends."""
        while self._listener or self._clients:
            files: list[Any] = [self._cloud, self._ended]
            ready, _, _ = select.select(
                [*files, self._listener] if self._listener else files,
                [],
                [],
                0 if self._modules.steps else None,
            )
            if not ready:
                self._modules.step()
            if self._cloud in ready:
                break
            if self._ended in ready:
                self._reap()
            if self._listener and self._listener in ready:
                request = self._answer(self._listener)
                if request is not None:
                    return request
        sys.exit()

    def _reap(self) -> None:
        with contextlib.suppress(BlockingIOError):
            os.read(self._ended, PIECE)
        while self._clients:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            client = self._clients.pop(pid, None)
            if client:  # else a process that some import had started
                with client, contextlib.suppress(OSError):
                    client.sendall(str(os.waitstatus_to_exitcode(status)).encode())

    def _answer(self, listener: socket.socket) -> dict[str, Any] | None:
        client, _ = listener.accept()
        if self._modules.changed():
            # First, and for a fork that has not closed it yet too: who sees its connection end
            # shall start a new fork server.
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()
            self._listener = None
            client.close()
            return None
        try:
            request, files = receive(client)
        except (OSError, EOFError, ValueError):
            client.close()
            return None
        if "import" in request:
            client.close()
            self._modules.learn(request["import"])
            return None
        pid = os.fork()
        if not pid:
            return self._become(request, client, files)
        self._clients[pid] = client
        for file in files:
            os.close(file)
        self._hand_over(client, pid)
        return None

    def _hand_over(self, client: socket.socket, pid: int) -> None:
        handle = os.pidfd_open(pid)
        ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [handle]))]
        with contextlib.suppress(OSError):  # it has gone, which its fork sees too
            client.sendmsg([b"\n"], ancillary)
        os.close(handle)

    def _become(
        self, request: dict[str, Any], client: socket.socket, files: list[int]
    ) -> dict[str, Any]:
        """Leave behind, in a fork, all that was the fork server's."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for other in self._clients.values():
            other.close()
        if self._listener:
            self._listener.close()
        for file in (self._ended, self._wakeup, self._cloud):
            os.close(file)
        for number, file in enumerate(files):
            os.dup2(file, number)
            os.close(file)
        threading.Thread(target=_end_with, args=(client,), daemon=True).start()
        return request


def _end_with(client: socket.socket) -> None:
    with contextlib.suppress(OSError):
        client.recv(1)
    os.kill(os.getpid(), signal.SIGTERM)


def _teach(server: str, known: frozenset[str]) -> None:
    new = [n for n in sys.modules if n not in known and n.partition(".")[0].startswith(TAUGHT)]
    if not new:
        return
    # By its folder's handle: a socket's path may be 107 characters long, a folder's any length.
    folder, name = os.path.split(server)
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as client:
        client.connect(f"/proc/self/fd/{os.open(folder, os.O_PATH)}/{name}")
        text = marshal.dumps({"import": new})
        client.sendall(len(text).to_bytes(LENGTH, "big") + text)


def run(request: dict[str, Any]) -> NoReturn:
    """Be the script: its arguments, environment, folder and umask."""
    os.environ.clear()
    os.environ.update(request["env"])
    time.tzset()
    os.chdir(request["cwd"])
    os.umask(request["umask"])
    sys.path[:0] = request["path"]
    sys.argv[:] = request["argv"]
    status = 0
    try:
        runpy.run_path(sys.argv[0], run_name="__main__")
    except SystemExit as asked:
        status = exit_status(asked.code)
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGINT)
    except BaseException:
        sys.excepthook(*sys.exc_info())
        status = 1
    end(status)


def exit_status(code: object) -> int:
    """What `sys.exit(code)` comes to; a text is told."""
    if code is None or isinstance(code, int):
        return (code or 0) & 0xFF
    print(code, file=sys.stderr)
    return 1


def end(status: int) -> NoReturn:
    """End as an interpreter does, but for taking its modules apart.

    That would write to, and so copy, every page that the fork shares with its server: it took
    longer than all else that a program does, and the engine gives its plugins 5 s in all.
    """
    threading._shutdown()  # type: ignore[attr-defined]  # as multiprocessing ends its forks
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(status)


def main() -> NoReturn:
    """Preload, serve; what follows runs in a fork."""
    address, listener, cloud, *preload = sys.argv[1:]
    steps = [step for script in preload for step in runpy.run_path(script)["STEPS"]]
    with socket.socket(fileno=int(listener)) as listening:
        request = Server(listening, int(cloud), Modules(steps)).serve()
    if not preload:
        atexit.register(_teach, address, frozenset(sys.modules))
    run(request)


if __name__ == "__main__":
    main()
