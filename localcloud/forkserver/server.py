"""A fork server: `python -P -u server.py SOCKET LISTENER CLOUD_PIDFD [PRELOAD]`, run by path.

It runs with a program's own interpreter, so this file imports nothing of localcloud. LISTENER
is the listening socket SOCKET, and CLOUD_PIDFD a pidfd of the cloud's first process, both
inherited. PRELOAD is a script to run at the start; the functions in its STEPS follow while there
are no requests.

A client sends the descriptors of its stdin, stdout and stderr, and a request: its length in bytes,
then, marshalled,
    {"argv": [script, ...], "path": [...], "env": {...}, "cwd": "...", "umask": 18}
and gets a pidfd of the fork that runs the script, then its exit status (negative for a signal).
A fork whose client has gone gets SIGTERM. A fork server whose modules have changed on the disk
answers nothing and ends with its last fork. Without PRELOAD, a program that ends by
itself reports which modules of the SDKs it imported, to be preloaded for later ones:
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

# Only the SDKs: with other modules imported, a program that forgot to import one would run here and
# nowhere else.
PRELOADABLE = "pulumi"
SLOW_CLIENT = 5.0  # seconds to wait for a request, which is one write
STANDARD = 3  # stdin, stdout, stderr
LENGTH = 4  # bytes at the start of a request, with the number of those that follow
PIECE = 65536

Stamp = tuple[int, int]


def stamp(file: str) -> Stamp | None:
    """A value that changes when the file does; None if it does not exist."""
    try:
        status = os.stat(file)
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size


class Modules:
    """The imported modules, those to import while idle, and whether their files have changed."""

    def __init__(self, steps: Iterable[Callable[[], object]]) -> None:
        self.steps = deque(steps)
        self._stamps: dict[str, Stamp | None] = {}
        # Installing or removing a package changes the folder.
        self._folders = [folder for folder in sys.path if os.path.isdir(folder)]
        self.note()

    def note(self) -> None:
        """Note the files of new modules, and keep the forks' garbage collector away from them."""
        files = [getattr(module, "__file__", None) for module in list(sys.modules.values())]
        for file in (*self._folders, *files):
            if file and file not in self._stamps:
                self._stamps[file] = stamp(file)
        gc.collect()
        gc.freeze()

    def preload_later(self, names: Iterable[str]) -> None:
        """Import these, one per step."""
        self.steps.extend(partial(preload, name) for name in names)

    def step(self) -> None:
        """Run the next step; if an import fails, the program that needs it reports that."""
        before = len(sys.modules)
        with contextlib.suppress(Exception):
            self.steps.popleft()()
        if not self.steps or len(sys.modules) != before:
            self.note()

    def changed(self) -> bool:
        return any(stamp(file) != then for file, then in self._stamps.items())


def preload(name: str) -> None:
    """Import a module, after its package.

    The SDKs load a package when one of its attributes is first used. If a module of it were the
    first to use one, the package would find that module half loaded, and lack what it defines.
    """
    package = sys.modules.get(name.rpartition(".")[0])
    getattr(package, "__all__", None)
    importlib.import_module(name)


def receive(client: socket.socket) -> tuple[dict[str, Any], list[int]]:
    """A request and the descriptors that came with it. Raises OSError, EOFError or ValueError."""
    client.settimeout(SLOW_CLIENT)
    text, fds, _, _ = socket.recv_fds(client, PIECE, STANDARD)
    while len(text) < LENGTH + int.from_bytes(text[:LENGTH], "big"):
        more = client.recv(PIECE)
        if not more:
            raise ConnectionResetError("the client has gone")
        text += more
    client.settimeout(None)
    request: dict[str, Any] = marshal.loads(text[LENGTH:])
    return request, fds


class Server:
    """Forks for its clients; `serve` returns in forks only, with the request to run."""

    def __init__(self, listener: socket.socket, cloud_pidfd: int, modules: Modules) -> None:
        self._listener: socket.socket | None = listener
        self._modules = modules
        self._clients: dict[int, socket.socket] = {}  # by the process id of their fork
        self._cloud_pidfd = cloud_pidfd
        # SIGCHLD makes it readable, so that `select` notices that a fork has ended.
        self._ended, self._wakeup = os.pipe()
        os.set_blocking(self._ended, False)
        os.set_blocking(self._wakeup, False)
        signal.set_wakeup_fd(self._wakeup, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def serve(self) -> dict[str, Any]:
        """Answer clients until the cloud ends, or the modules change and the last fork ends."""
        while self._listener or self._clients:
            always: list[Any] = [self._cloud_pidfd, self._ended]
            ready, _, _ = select.select(
                [*always, self._listener] if self._listener else always,
                [],
                [],
                0 if self._modules.steps else None,
            )
            if not ready:
                self._modules.step()
            if self._cloud_pidfd in ready:
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
            if client:  # else a process that an import started
                with client, contextlib.suppress(OSError):
                    client.sendall(str(os.waitstatus_to_exitcode(status)).encode())

    def _answer(self, listener: socket.socket) -> dict[str, Any] | None:
        client, _ = listener.accept()
        if self._modules.changed():
            # Before the client sees its connection end, upon which it starts a new fork server:
            # forks that have not closed the listener yet must not keep it open.
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()
            self._listener = None
            client.close()
            return None
        try:
            request, fds = receive(client)
        except (OSError, EOFError, ValueError):
            client.close()
            return None
        if "import" in request:
            client.close()
            self._modules.preload_later(request["import"])
            return None
        pid = os.fork()
        if not pid:
            return self._become(request, client, fds)
        self._clients[pid] = client
        for fd in fds:
            os.close(fd)
        self._send_pidfd(client, pid)
        return None

    def _send_pidfd(self, client: socket.socket, pid: int) -> None:
        pidfd = os.pidfd_open(pid)
        ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [pidfd]))]
        with contextlib.suppress(OSError):  # it has gone; the fork notices too
            client.sendmsg([b"\n"], ancillary)
        os.close(pidfd)

    def _become(
        self, request: dict[str, Any], client: socket.socket, fds: list[int]
    ) -> dict[str, Any]:
        """In a fork, close what is the fork server's, and take the client's stdin and outputs."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for other in self._clients.values():
            other.close()
        if self._listener:
            self._listener.close()
        for fd in (self._ended, self._wakeup, self._cloud_pidfd):
            os.close(fd)
        for number, fd in enumerate(fds):
            os.dup2(fd, number)
            os.close(fd)
        threading.Thread(target=_end_with, args=(client,), daemon=True).start()
        return request


def _end_with(client: socket.socket) -> None:
    with contextlib.suppress(OSError):
        client.recv(1)
    os.kill(os.getpid(), signal.SIGTERM)


def _report_imports(server: str, known: frozenset[str]) -> None:
    """Tell the fork server which modules to preload: those imported since `known`."""
    new = [n for n in sys.modules if n not in known and n.partition(".")[0].startswith(PRELOADABLE)]
    if not new:
        return
    # Through a descriptor of its folder, since a socket's path has 107 characters at most.
    folder, name = os.path.split(server)
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as client:
        client.connect(f"/proc/self/fd/{os.open(folder, os.O_PATH)}/{name}")
        text = marshal.dumps({"import": new})
        client.sendall(len(text).to_bytes(LENGTH, "big") + text)


def run(request: dict[str, Any]) -> NoReturn:
    """Run the script with its arguments, environment, folder and umask."""
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
    """The exit status of `sys.exit(code)`; a text is printed."""
    if code is None or isinstance(code, int):
        return (code or 0) & 0xFF
    print(code, file=sys.stderr)
    return 1


def end(status: int) -> NoReturn:
    """End as an interpreter does, without freeing its modules.

    Freeing them would write to, and so copy, every page that the fork shares with its server, which
    takes longer than the rest of a program; and the engine gives its plugins 5 s together to end.
    """
    threading._shutdown()  # type: ignore[attr-defined]  # as multiprocessing ends its forks
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(status)


def main() -> NoReturn:
    """Preload and serve; the rest runs in a fork."""
    address, listener, cloud, *preload = sys.argv[1:]
    steps = [step for script in preload for step in runpy.run_path(script)["STEPS"]]
    with socket.socket(fileno=int(listener)) as listening:
        request = Server(listening, int(cloud), Modules(steps)).serve()
    if not preload:
        atexit.register(_report_imports, address, frozenset(sys.modules))
    run(request)


if __name__ == "__main__":
    main()
