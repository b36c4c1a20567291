"""Session Manager's sessions, and the processes that serve them."""

import json
import secrets
import socket
import subprocess
import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from localcloud.aws.errors import AwsError

# Starts a process on an instance, with settings (JSON), that serves a client's connection.
StartWorker = Callable[[str, str, socket.socket], "subprocess.Popen[bytes]"]
STREAM = "/v1/data-channel/"  # the path of a session's WebSocket, before its id
ACTIVE = ("Connecting", "Connected")


@dataclass
class Session:
    """`kind` and `properties` are as its document says; `owner` is an ARN; the process `worker`
    serves it."""

    id: str
    region: str
    target: str
    document: str
    kind: str
    properties: Mapping[str, str]
    owner: str
    reason: str | None
    status: str = "Connecting"
    token: str = field(default_factory=lambda: secrets.token_urlsafe(96))
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    ended: datetime | None = None
    worker: "subprocess.Popen[bytes] | None" = None

    def settings(self, key: str) -> str:
        """The worker's settings, as JSON; `key` is the client's Sec-WebSocket-Key."""
        return json.dumps({
            "SessionID": self.id, "TokenValue": self.token, "WebSocketKey": key,
            "SessionType": self.kind, "Properties": dict(self.properties),
        })  # fmt: skip


class Sessions:
    """The sessions that were started. A process of its own, the worker, serves each of them.

    `start_worker`, set by localcloud/cloud.py, starts that process. It raises OSError if it cannot.
    """

    def __init__(self) -> None:
        self.start_worker: StartWorker | None = None
        self.started: dict[str, Session] = {}
        self._lock = threading.Lock()

    def find(self, session_id: str) -> Session:
        """A session by its id. Raises AwsError if there is none."""
        if session_id not in self.started:
            raise AwsError("DoesNotExistException", f"Session {session_id} does not exist")
        return self.started[session_id]

    def active(self) -> Iterator[Session]:
        """The sessions that have not ended."""
        return (s for s in list(self.started.values()) if s.status in ACTIVE)

    def connect(self, session_id: str, key: str, connection: socket.socket) -> None:
        """Start a worker for a client's connection, on which it has requested a WebSocket.

        Raises AwsError unless the session still waits for its client, and OSError.
        """
        with self._lock:
            session = self.find(session_id)
            if session.status != "Connecting":
                raise AwsError("BadRequest", f"session {session_id} is {session.status}")
            if self.start_worker is None:
                raise OSError("nothing serves sessions on instances")
            settings = session.settings(key)
            session.worker = self.start_worker(session.target, settings, connection)
            session.status = "Connected"
        name = f"session {session_id}"
        threading.Thread(target=self._wait, args=(session,), name=name, daemon=True).start()

    def _wait(self, session: Session) -> None:
        assert session.worker
        session.worker.wait()
        self._end(session)

    def _end(self, session: Session) -> None:
        with self._lock:
            if session.status in ACTIVE:
                session.status, session.ended = "Terminated", datetime.now(UTC)

    def terminate(self, session: Session) -> None:
        """End a session; its worker tells the client."""
        if session.worker:
            session.worker.terminate()
        self._end(session)

    def end_unless_running(self, running: Callable[[str], Collection[str]]) -> None:
        """End the sessions whose instance is not among those that `running(region)` returns."""
        for session in self.active():
            if session.target not in running(session.region):
                self.terminate(session)
