"""What can go wrong between this plugin and an API server."""

from typing import Any

from localcloud.plugins.kubernetes.objects import Obj, pluck
from localcloud.plugins.provider import ProviderError


class ApiError(ProviderError):
    """The API server answered with a Status that is not a success."""

    def __init__(self, code: int, status: Any) -> None:
        """`status` is the decoded body: a Status object, or text from something in between."""
        body = status if isinstance(status, dict) else {}
        self.code = code
        self.reason: str = body.get("reason", "")
        self.details: Obj = body.get("details") or {}
        text = body.get("message") or str(status).strip() or "no message"
        super().__init__(text if body else f"HTTP {code}: {text[:500]}")

    @property
    def already_exists(self) -> bool:
        """Whether an object of that name was there before."""
        return self.reason == "AlreadyExists"

    @property
    def namespace_missing(self) -> bool:
        """Whether the namespace of the object does not exist (yet)."""
        return self.code == 404 and self.details.get("kind") == "namespaces"

    @property
    def conflicts(self) -> list[tuple[str, str]]:
        """The (field, message) pairs of a server-side apply conflict."""
        causes = pluck(self.details, "causes", default=[]) if self.code == 409 else []
        found = [cause for cause in causes if cause.get("reason") == "FieldManagerConflict"]
        return [(cause.get("field", ""), cause.get("message", "")) for cause in found]

    @property
    def webhook_starting(self) -> bool:
        """Whether an admission webhook could not be reached: its pods are up, it listens later.

        The API server says so only in words: code 500 and `failed calling webhook ...`.
        """
        text = str(self)
        if self.code != 500 or "failed calling webhook" not in text:
            return False
        return any(sign in text for sign in _NOT_LISTENING)


# What Go's dialer and the API server's endpoint resolver say of a service nobody listens on yet.
_NOT_LISTENING = (
    "connection refused",
    "no endpoints available",
    "connect: no route to host",
    "connection reset by peer",
    "i/o timeout",
    "context deadline exceeded",
    "EOF",
)


class NoMatchError(ProviderError):
    """The API server does not serve this kind (yet)."""


class Unreachable(ProviderError):
    """No API server answered."""


class Cancelled(ProviderError):
    """The engine wants to stop."""


class NotReady(ProviderError):
    """An object was made but did not become ready.

    `live` is its last known state, `reasons` what is known to be wrong.
    """

    def __init__(self, message: str, live: Obj, reasons: list[str]) -> None:
        super().__init__(message)
        self.live = live
        self.reasons = reasons
