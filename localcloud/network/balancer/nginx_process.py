"""The nginx of one load balancer: its files, its process, its reloads and its routes."""

import hashlib
import os
import shutil
import signal
import subprocess
import time
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from localcloud.network.balancer.application_load_balancer import REFRESH, ROUTES
from localcloud.network.balancer.nginx import NginxOptions
from localcloud.network.netns import run_in, socket_in
from localcloud.process import PROBE_PERIOD, Process, ProcessError
from localcloud.supervisor import Supervised

START_TIMEOUT = 15.0  # seconds


def digest(text: str) -> str:
    """An id of a configuration, by its text."""
    return hashlib.sha256(text.encode()).hexdigest()


class ConfigurationError(RuntimeError):
    """nginx refused a configuration, with its message; the old configuration stays in use."""


class NginxProcess:
    """An nginx in one network namespace; `name` is that of its process and its log."""

    def __init__(
        self,
        name: str,
        program: Path,
        netns: Path,
        options: NginxOptions,
        logs: Path,
        supervised: Supervised,
    ) -> None:
        self._program, self._netns, self._options = program, netns, options
        self._supervised = supervised
        self._inode = os.stat(netns).st_ino
        self._text = self._routes = ""
        self._current = False  # whether nginx uses _text and _routes
        self._process = Process(
            name=name,
            args=[program, "-p", options.prefix, "-c", self._file],
            log=logs / f"{name}.log",
            netns=netns,
            healthy=self._serves,
            timeout=START_TIMEOUT,
        )

    @property
    def _file(self) -> Path:
        return self._options.prefix / "nginx.conf"

    @property
    def valid(self) -> bool:
        """Whether its network namespace still is the one that it was created for."""
        try:
            return os.stat(self._netns).st_ino == self._inode
        except FileNotFoundError:
            return False

    def serve(self, text: str, routes: str = "") -> None:
        """Start nginx with this configuration, or reload it if the configuration changed.

        `routes` (lua_routes.py) are for its Lua code; if only they change, nginx is not reloaded.
        Returns once nginx uses both; without routes, it uses the configuration a moment later.
        Raises ConfigurationError, or ProcessError if nginx does not take the routes.
        """
        changed = text != self._text
        if changed:
            self._check(text)
        if changed or routes != self._routes:
            self._write(text, routes)
        if changed:
            self._process.signal(signal.SIGHUP)
        if not (self._process.running or self._process.served):
            self._options.pid.unlink(missing_ok=True)
            self._supervised.wait(self._supervised.start(self._process))
        elif routes and not self._current:
            self._refresh()
        self._current = True

    def reopen_logs(self) -> None:
        """Make nginx reopen its logs, after they were renamed."""
        self._process.signal(signal.SIGUSR1)

    def stop(self) -> None:
        """Stop nginx; its files stay."""
        self._supervised.stop(self._process.name)

    def remove_files(self) -> None:
        """Remove the folder with the configuration and the logs."""
        shutil.rmtree(self._options.prefix, ignore_errors=True)

    def _check(self, text: str) -> None:
        """Raises ConfigurationError if nginx does not accept a configuration."""
        self._options.prefix.mkdir(parents=True, exist_ok=True)
        self._options.prefix.chmod(0o755)  # the workers, which are not root, write below it
        new = self._file.with_suffix(".new")
        _write_private(new, text)
        command = [str(self._program), "-t", "-q", "-p", str(self._options.prefix), "-c", str(new)]
        done = run_in(self._netns, lambda: subprocess.run(command, capture_output=True, text=True))
        if done.returncode:
            raise ConfigurationError(f"{self._process.name}: {' '.join(done.stderr.split())}")

    def _write(self, text: str, routes: str) -> None:
        """Put a configuration and its routes in place."""
        data = f'return {{configuration="{digest(text)}",routes={routes or "nil"}}}'
        for file, content in ((self._options.prefix / ROUTES, data), (self._file, text)):
            new = file.with_suffix(".new")
            _write_private(new, content)
            new.replace(file)
        self._text, self._routes, self._current = text, routes, False

    def _refresh(self) -> None:
        """Send nginx the routes until a worker with this configuration has taken them.

        For a moment after a reload an old worker may answer. Raises ProcessError after a timeout.
        """
        deadline = time.monotonic() + START_TIMEOUT
        while self._send((self._options.prefix / ROUTES).read_bytes()) != digest(self._text):
            if not self._process.running:
                return  # it reads them when it starts again
            if time.monotonic() > deadline:
                raise ProcessError(f"{self._process.name} does not take its new routes")
            time.sleep(PROBE_PERIOD)

    def _send(self, routes: bytes) -> str:
        """Send a worker the routes; returns the digest of its configuration, "" on an error."""
        connection = HTTPConnection(*REFRESH)
        try:
            with socket_in(self._netns) as connection.sock:
                connection.sock.settimeout(START_TIMEOUT)
                connection.sock.connect(REFRESH)
                connection.request("POST", "/", routes)
                return connection.getresponse().read().decode()
        except (OSError, HTTPException):
            return ""

    def _serves(self) -> bool:
        # nginx writes its pid once it listens; a configuration test leaves the file empty.
        return bool(self._options.pid.read_text())


def _write_private(file: Path, text: str) -> None:
    """Write a file for root alone: a configuration contains the keys of certificates."""
    file.unlink(missing_ok=True)
    file.touch(mode=0o600)
    file.write_text(text)
