"""Starts and ends a cloud: one tree of processes, in namespaces of their own.

Whether a cloud runs is read from the machine's process table. A cloud writes `cloud.json` when it
is ready. The file is ignored unless the cloud runs, so one that a killed cloud left does no harm.
"""

import contextlib
import errno
import fcntl
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from localcloud.errors import CloudError
from localcloud.forkserver.client import SERVER
from localcloud.kubernetes.cgroup import remove_cgroups
from localcloud.machine import check_machine
from localcloud.paths import CloudPaths, state_home
from localcloud.process import tail
from localcloud.process_table import INIT, command_lines, first_process

PROXIES = {"http_proxy", "https_proxy", "all_proxy", "no_proxy"}
SESSION = {"xdg_runtime_dir"}  # a folder below the machine's /run
REMOVALS = 20  # attempts to remove a folder that is still written to
KILL_TIMEOUT = 10.0  # seconds for the kernel to end a killed tree
UNSHARE = (
    "unshare", "--pid", "--fork", "--kill-child", "--mount", "--mount-proc", "--net",
    "--uts", "--ipc", "--propagation", "private", "--",
)  # fmt: skip


@dataclass(frozen=True)
class CloudInfo:
    """How to use a running cloud. It writes this to `cloud.json`, which only its owner may read."""

    aws_port: int
    access_key_id: str
    secret_access_key: str

    def write(self, paths: CloudPaths) -> None:
        text = json.dumps(asdict(self))
        temporary = paths.root / "cloud.json.new"
        temporary.touch(mode=0o600)
        temporary.write_text(text)
        temporary.rename(paths.root / "cloud.json")

    @classmethod
    def read(cls, paths: CloudPaths) -> "CloudInfo | None":
        try:
            return cls(**json.loads((paths.root / "cloud.json").read_text()))
        except FileNotFoundError:
            return None


@contextlib.contextmanager
def locked(paths: CloudPaths) -> Iterator[None]:
    """Allow one `up` or `down` of a cloud at a time; another one waits. No lock file is left."""
    state_home().mkdir(parents=True, exist_ok=True)
    path = state_home() / f".{paths.name}.lock"
    while True:
        with path.open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not _is_at(path, lock.fileno()):
                continue  # its holder has removed the file: lock the new one
            try:
                yield
            finally:
                path.unlink()
            return


def _is_at(path: Path, fd: int) -> bool:
    """Whether an open file is still the one at a path."""
    try:
        return os.path.samestat(path.stat(), os.fstat(fd))
    except FileNotFoundError:
        return False


def processes(paths: CloudPaths) -> list[int]:
    """The ids of the processes to kill: `unshare`, the cloud's first process, fork servers, and the
    engine's Go plugins, which outlive an engine that is killed.

    The kernel kills the others inside the cloud with its first process (pid1.py). An engine that
    runs ends by itself, without its plugins.
    """
    wanted, plugins = ["-m", INIT, str(paths.root)], f"{paths.plugins}/"
    return sorted(
        pid
        for pid, line in command_lines()
        if line[-3:] == wanted or line[0].startswith(plugins) or _is_fork_server(line, paths)
    )


def _is_fork_server(line: list[str], paths: CloudPaths) -> bool:
    # python -P -u SERVER ADDRESS ...: forkserver/client.py
    script, address = line[3:5] if len(line) > 4 else ("", "")
    # The server may be that of another checkout.
    return Path(script).name == Path(SERVER).name and Path(address).parent == paths.forkservers


def kill(pids: Sequence[int]) -> None:
    """Kill processes and wait until they have ended."""
    for pid in pids:
        try:
            pidfd = os.pidfd_open(pid)
        except ProcessLookupError:
            continue
        try:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(pidfd, signal.SIGKILL)
            if not select.select([pidfd], [], [], KILL_TIMEOUT)[0]:
                raise CloudError(f"process {pid} was killed and still runs: see /proc/{pid}/stack")
        finally:
            os.close(pidfd)


def down(paths: CloudPaths) -> bool:
    """End the cloud and remove its folder and cgroups; returns whether there were any."""
    with locked(paths):
        return _remove(paths)


def _remove(paths: CloudPaths) -> bool:
    found = False
    while running := processes(paths):  # a fork server may fork meanwhile
        kill(running)
        found = True
    remove_cgroups(paths.cgroup)
    folder = paths.root.exists()
    if folder:
        _remove_folder(paths.root)
    return found or folder


def _remove_folder(folder: Path) -> None:
    """Remove a folder, even while an engine that still runs writes into it.

    Raises CloudError if the engine does not stop writing, and OSError for any other reason.
    """
    for _ in range(REMOVALS):
        try:
            return shutil.rmtree(folder)
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.ENOENT):
                raise
    raise CloudError(f"{folder} is still written to: end pulumi, then run down again")


def _listen(port: int) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except OSError as error:
        listener.close()
        raise CloudError(
            f"port {port} of 127.0.0.1 is not available ({error.strerror}): free it, or choose"
            " another with --port (without it, any free port)"
        ) from error
    listener.listen(128)
    return listener


def up(paths: CloudPaths, port: int, zone: str, say: Callable[[str], None]) -> bool:
    """Start the cloud; returns False if it is running already.

    What is left of an unfinished start or of a dead cloud is removed first. Raises CloudError with
    the tail of the log if it does not start; nothing is left then, nor after an interrupt.
    """
    check_machine()
    with locked(paths):
        if first_process(str(paths.root)) and CloudInfo.read(paths):
            return False
        if _remove(paths):
            say(f"removed the remains of an earlier cloud {paths.name}")
        say(f"starting cloud {paths.name} ...")
        try:
            _start(paths, port, zone)
        except BaseException as error:
            text = _with_log(paths, error)
            _remove(paths)
            if text:
                raise CloudError(text) from error
            raise
        return True


def _with_log(paths: CloudPaths, error: BaseException) -> str | None:
    log = paths.logs / "cloud.log"
    return f"{error}\n{tail(log)}" if isinstance(error, CloudError) and log.exists() else None


def _start(paths: CloudPaths, port: int, zone: str) -> None:
    with _listen(port) as listener, open("/proc/self/ns/net") as machine_netns:
        for folder in (
            paths.root, paths.logs, paths.pki, paths.clusters, paths.pulumi, paths.bin,
            paths.forkservers,
        ):  # fmt: skip
            folder.mkdir(mode=0o700, parents=True)
        ready, ready_end = os.pipe()
        inherited = {
            "AWS_LISTENER": listener.fileno(),
            "MACHINE_NETNS": machine_netns.fileno(),
            "READY": ready_end,
        }
        with (paths.logs / "cloud.log").open("ab") as log:
            child = subprocess.Popen(
                [*UNSHARE, sys.executable, "-m", INIT, str(paths.root)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                pass_fds=list(inherited.values()),
                env=_own_environment({**inherited, "ZONE": zone}),
            )  # fmt: skip
        os.close(ready_end)
        _wait_until_ready(ready)
    if child.poll() is not None or CloudInfo.read(paths) is None:
        raise CloudError(f"the cloud {paths.name} did not start; the end of its log:")


def _own_environment(given: Mapping[str, int | str]) -> dict[str, str]:
    # With a proxy the API server and the controller would not reach the cloud's own names; runc
    # would look for the session's folder, which does not exist in the cloud's own /run.
    kept = {k: v for k, v in os.environ.items() if k.lower() not in PROXIES | SESSION}
    return {**kept, **{f"LOCALCLOUD_{name}": str(value) for name, value in given.items()}}


def _wait_until_ready(pipe: int) -> None:
    """Wait until the cloud writes to the pipe, or has ended."""
    with open(pipe) as ready:
        ready.readline()
