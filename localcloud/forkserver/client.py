"""Asks a fork server to run a script, and starts the fork server if there is none.

The engine waits for this five times per operation, so it imports little: importing dataclasses or
json alone would take longer than all the rest.
"""

import contextlib
import fcntl
import marshal
import os
import select
import signal
import socket
import zlib
from _thread import allocate_lock
from collections.abc import Iterator, Mapping, Sequence

from localcloud.process_table import first_process_pidfd

SERVER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "server.py")
# Variables that an interpreter and its modules read only when they start: environments with
# different ones have different fork servers.
AT_START = ("PYTHON", "LANG", "LC_", "LD_", "GRPC_", "PROTOCOL_BUFFERS_")
TRACING = "TRACEPARENT"  # the SDK reads it while it is imported
CLOUD_FOLDER = "LOCALCLOUD_FOLDER"  # tells plugins the folder of the cloud
LENGTH = 4  # bytes at the start of a request, with the number of those that follow
STATUS = 16  # bytes of an exit status, as text, at most


class NoForkServer(Exception):
    """No fork server is available; the script has to run in a new process."""


class Script:
    """A script to run, with its arguments, folder and environment.

    `path` is put before the interpreter's own sys.path.
    """

    def __init__(
        self, argv: Sequence[str], cwd: str, env: Mapping[str, str], path: Sequence[str] = ()
    ) -> None:
        self.argv = list(argv)
        self.cwd = cwd
        self.env = dict(env)
        self.path = list(path)

    def request(self) -> bytes:
        umask = os.umask(0)
        os.umask(umask)
        text = marshal.dumps({**vars(self), "umask": umask})
        return len(text).to_bytes(LENGTH, "big") + text


class Fork:
    """A running script, with methods as in subprocess.Popen."""

    def __init__(self, connection: int, pidfd: int) -> None:
        self._connection = connection
        self._pidfd = pidfd
        self._lock = allocate_lock()
        self.returncode: int | None = None

    def __del__(self) -> None:
        os.close(self._connection)
        os.close(self._pidfd)

    def fileno(self) -> int:
        """Readable once the script has ended."""
        return self._connection

    def send_signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._pidfd, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def poll(self) -> int | None:
        return self.wait() if select.select([self], [], [], 0)[0] else None

    def wait(self, timeout: float | None = None) -> int:
        """The exit status, or the negative number of the signal that ended it.

        Raises subprocess.TimeoutExpired.
        """
        if not select.select([self], [], [], timeout)[0]:
            from subprocess import TimeoutExpired

            raise TimeoutExpired("a fork", timeout or 0)
        with self._lock:
            if self.returncode is None:
                # The fork server sends nothing if it was killed.
                self.returncode = int(os.read(self._connection, STATUS) or -signal.SIGKILL)
            return self.returncode


class ForkServer:
    """The fork server of an interpreter, below the folder of a cloud.

    Args:
        cloud: the folder of the cloud.
        python: the interpreter, absolute.
        preload: a script with imports to run first; without one, it preloads what programs import.
    """

    def __init__(self, cloud: str, python: str, preload: str | None = None) -> None:
        self._folder = os.path.join(cloud, "forkservers")
        self._cloud = cloud
        self._python = python
        self._preload = [preload] if preload else []

    def run(self, script: Script, fds: Sequence[int] = (0, 1, 2)) -> Fork:
        """Run a script, with `fds` as its stdin, stdout and stderr. Raises NoForkServer."""
        if TRACING in script.env:
            raise NoForkServer(f"{TRACING} is set")
        for _ in range(2):  # the first may end because its modules have changed
            with contextlib.suppress(ConnectionError):
                return self._ask(script, fds)
        raise NoForkServer("the fork server ended twice")

    def start(self, env: Mapping[str, str]) -> None:
        """Start one if none runs. Raises NoForkServer."""
        self._connect(env).close()

    def _ask(self, script: Script, fds: Sequence[int]) -> Fork:
        connection = self._connect(script.env)
        try:
            request = script.request()
            sent = socket.send_fds(connection, [request], list(fds))
            connection.sendall(request[sent:])
            answer, pidfds, _, _ = socket.recv_fds(connection, 1, 1)
            if not answer:
                raise ConnectionResetError("the fork server ended")
        except OSError:
            connection.close()
            raise
        return Fork(connection.detach(), pidfds[0])

    def _connect(self, env: Mapping[str, str]) -> socket.socket:
        at_start = sorted(f"{k}={v}" for k, v in env.items() if k.startswith(AT_START))
        key = "\0".join([self._python, *self._preload, *at_start])
        name = f"{zlib.crc32(key.encode(errors='surrogateescape')):08x}"
        try:
            with _short(self._folder) as folder:
                address = f"{folder}/{name}"
                with contextlib.suppress(ConnectionRefusedError, FileNotFoundError):
                    return _connected(address)
                with open(f"{address}.lock", "w") as lock:
                    fcntl.flock(lock, fcntl.LOCK_EX)
                    with contextlib.suppress(ConnectionRefusedError, FileNotFoundError):
                        return _connected(address)
                    self._start(name, address, env)
                return _connected(address)
        except ConnectionError:
            raise
        except OSError as error:
            raise NoForkServer(str(error)) from error

    def _start(self, name: str, address: str, env: Mapping[str, str]) -> None:
        """Start one. The socket accepts connections at once, before the process is ready."""
        import subprocess  # not needed while one runs

        with contextlib.suppress(FileNotFoundError):
            os.unlink(address)
        with (
            socket.socket(socket.AF_UNIX) as listener,
            first_process_pidfd(self._cloud) as cloud,
            open(f"{address}.log", "ab") as log,
        ):
            listener.bind(address)
            listener.listen(64)
            server = subprocess.Popen(
                [self._python, "-P", "-u", SERVER, f"{self._folder}/{name}",
                 str(listener.fileno()), str(cloud), *self._preload],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/",
                env=dict(env), start_new_session=True, pass_fds=[listener.fileno(), cloud],
            )  # fmt: skip
            server.returncode = 0  # it outlives this process: no warning that it still runs


def _connected(address: str) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.connect(address)
    except OSError:
        connection.close()
        raise
    return connection


@contextlib.contextmanager
def _short(folder: str) -> Iterator[str]:
    """A short path of a folder, by a descriptor: a socket's path has 107 characters at most."""
    fd = os.open(folder, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{fd}"
    finally:
        os.close(fd)
