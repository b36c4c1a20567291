"""The nginx of one load balancer: its files, its process, and its reloads."""

import os
import shutil
import signal
import subprocess
from pathlib import Path

from localcloud.network.balancer.nginx import NginxOptions
from localcloud.network.netns import run_in
from localcloud.process import Process
from localcloud.supervisor import Supervised

START_TIMEOUT = 15.0  # seconds


class ConfigurationError(RuntimeError):
    """nginx refused a configuration, with its message; the old configuration stays in use."""


class Server:
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
        self._text = ""
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

    def serve(self, text: str) -> None:
        """Start nginx with this configuration, or reload it if the configuration changed.

        Raises ConfigurationError, and ProcessError if nginx does not start.
        """
        if text != self._text:
            self._install(text)
            self._process.signal(signal.SIGHUP)
        if not (self._process.running or self._process.served):
            self._options.pid.unlink(missing_ok=True)
            self._supervised.wait(self._supervised.start(self._process))

    def reopen_logs(self) -> None:
        """Let nginx open its logs anew, by their names."""
        self._process.signal(signal.SIGUSR1)

    def end(self) -> None:
        """End it; its files stay."""
        self._supervised.stop(self._process.name)

    def stop(self) -> None:
        """End it and remove its files."""
        self.end()
        shutil.rmtree(self._options.prefix, ignore_errors=True)

    def _install(self, text: str) -> None:
        """Put a configuration in place once nginx accepts it."""
        self._options.prefix.mkdir(parents=True, exist_ok=True)
        self._options.prefix.chmod(0o755)  # the workers, which are not root, write below it
        new = self._file.with_suffix(".new")
        new.write_text(text)
        command = [str(self._program), "-t", "-q", "-p", str(self._options.prefix), "-c", str(new)]
        done = run_in(self._netns, lambda: subprocess.run(command, capture_output=True, text=True))
        if done.returncode:
            raise ConfigurationError(f"{self._process.name}: {' '.join(done.stderr.split())}")
        new.replace(self._file)
        self._text = text

    def _serves(self) -> bool:
        # nginx writes its pid once it listens; a configuration test leaves the file empty.
        return bool(self._options.pid.read_text())
