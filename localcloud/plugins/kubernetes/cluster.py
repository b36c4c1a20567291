"""The cluster behind the provider: its options, its client and what it serves, made when needed."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from localcloud.plugins.kubernetes.cancellation import Cancellation
from localcloud.plugins.kubernetes.client import Client
from localcloud.plugins.kubernetes.discovery import Discovery, Resource
from localcloud.plugins.kubernetes.errors import Cancelled, NoMatchError, Unreachable
from localcloud.plugins.kubernetes.kinds import Kind, builtin_scope
from localcloud.plugins.kubernetes.kubeconfig import ClusterConfig, load
from localcloud.plugins.kubernetes.options import Options
from localcloud.plugins.provider import ProviderError

T = TypeVar("T")
FIRST_DELAY, MOST_DELAY = 0.1, 2.0  # seconds between tries of what is bound to pass


@dataclass
class Cluster:
    """One configured provider's cluster; no request is made before the first one is needed."""

    options: Options
    cancelled: Cancellation
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _client: Client | None = field(default=None, repr=False)
    _discovery: Discovery | None = field(default=None, repr=False)
    _config: ClusterConfig | None = field(default=None, repr=False)

    @property
    def config(self) -> ClusterConfig:
        """The chosen cluster and user; Unreachable if the kubeconfig does not say."""
        if self._config is None:
            try:
                self._config = load(
                    self.options.kubeconfig, self.options.context, self.options.cluster
                )
            except ProviderError as error:
                raise Unreachable(str(error)) from None
        return self._config

    @property
    def client(self) -> Client:
        """The one client of this cluster."""
        with self._lock:
            if self._client is None:
                self._client = Client(self.config, self.cancelled)
            return self._client

    @property
    def discovery(self) -> Discovery:
        """What the cluster serves."""
        client = self.client
        with self._lock:
            if self._discovery is None:
                self._discovery = Discovery(client)
            return self._discovery

    @property
    def namespace(self) -> str:
        """Where objects go that name no namespace."""
        if self.options.namespace:
            return self.options.namespace
        try:
            return self.config.namespace
        except Unreachable:
            return "default"

    def find(self, kind: Kind) -> Resource:
        """The resource of a kind."""
        return self.discovery.find(kind)

    def namespaced(self, kind: Kind) -> bool:
        """Whether a kind is namespaced; assumed so while the cluster cannot tell."""
        known = builtin_scope(kind)
        if known is not None:
            return known
        try:
            return self.find(kind).namespaced
        except (NoMatchError, Unreachable):
            return True

    def trouble(self) -> str:
        """Why the cluster cannot be used, or an empty string."""
        try:
            self.client.get("/version")
        except Unreachable as error:
            return str(error)
        return ""

    def retrying(self, attempt: Callable[[], T], passing: Callable[[ProviderError], float]) -> T:
        """What `attempt` gives, tried again while it fails with something that is bound to pass.

        `passing` says of an error how many seconds from the start it may take; 0: none.
        """
        delay, start = FIRST_DELAY, time.monotonic()
        while True:
            try:
                return attempt()
            except ProviderError as error:
                if time.monotonic() - start + delay > passing(error):
                    raise
            if self.cancelled.wait(delay):
                raise Cancelled("cancelled while waiting to try again")
            delay = min(2 * delay, MOST_DELAY)
