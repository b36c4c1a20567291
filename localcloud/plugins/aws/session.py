"""Calls to AWS: clients made once, errors in one line, waits that end when the engine says so."""

import functools
import threading
from collections.abc import Iterable, Iterator, Mapping
from time import monotonic
from typing import Any

import jmespath

from localcloud.plugins.provider import ProviderError

FIRST_PAUSE = 0.05
LONGEST_PAUSE = 1.0


class AwsError(ProviderError):
    """AWS refused a call: `code` is AWS's own, such as DependencyViolation."""

    def __init__(self, operation: str, code: str, message: str) -> None:
        super().__init__(f"{operation}: {code}: {' '.join(message.split())}")
        self.code = code
        self.message = message


@functools.cache
def _models() -> Any:
    """The files that describe AWS's services, each read once."""
    import botocore.loaders

    return botocore.loaders.create_loader()


def read_models(services: Iterable[str]) -> None:
    """Import and read ahead what clients of these services need."""
    nobody = {"aws_access_key_id": "-", "aws_secret_access_key": "-"}  # else it would look for one
    clients = Clients()
    for service in services:
        clients.get(service, "eu-west-1", **nobody)


class Clients:
    """botocore clients, one for a service and region, made when first used. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: dict[tuple[str, str], Any] = {}
        self._session: Any = None

    def get(self, service: str, region: str, **credentials: str) -> Any:
        """The client of a service in a region; making one costs up to 0.3 s without its model."""
        with self._lock:
            if (service, region) not in self._made:
                self._made[service, region] = self._make(service, region, **credentials)
            return self._made[service, region]

    def _make(self, service: str, region: str, **credentials: str) -> Any:
        import botocore.config
        import botocore.session

        if self._session is None:
            self._session = botocore.session.get_session()
            self._session.register_component("data_loader", _models())
        config = botocore.config.Config(
            max_pool_connections=32, retries={"mode": "standard", "max_attempts": 3}
        )
        return self._session.create_client(
            service, region_name=region, config=config, **credentials
        )


class Session:
    """All talk to AWS of one plugin process. Thread-safe."""

    def __init__(self, cancelled: threading.Event, clients: Clients | None = None) -> None:
        self._cancelled = cancelled
        self._clients = clients or Clients()
        self._account = ""

    def call(self, service: str, region: str, operation: str, args: Mapping[str, Any]) -> Any:
        """Call AWS. Raises AwsError, or ProviderError when AWS cannot be reached or asked so."""
        from botocore.exceptions import BotoCoreError, ClientError

        client = self._clients.get(service, region)
        name = client.meta.method_to_api_mapping[operation]
        try:
            return getattr(client, operation)(**args)
        except ClientError as error:
            detail = error.response["Error"]
            raise AwsError(name, detail["Code"], detail.get("Message", "")) from None
        except BotoCoreError as error:
            raise ProviderError(f"{name}: {' '.join(str(error).split())}") from None

    def account(self, region: str) -> str:
        """The account that the credentials are of; asked for once."""
        if not self._account:
            self._account = str(self.call("sts", region, "get_caller_identity", {})["Account"])
        return self._account

    def attempts(self, seconds: float, what: str) -> Iterator[int]:
        """Count attempts, with a growing pause after each, for up to `seconds`.

        Raises ProviderError once the time is over or the engine cancels; `what` says what was
        waited for.
        """
        deadline, pause, count = monotonic() + seconds, FIRST_PAUSE, 0
        while True:
            if self._cancelled.is_set():
                raise ProviderError(f"cancelled while waiting for {what}")
            yield count
            if monotonic() + pause > deadline:
                raise ProviderError(f"gave up after {seconds:g} s of waiting for {what}")
            self._cancelled.wait(pause)
            pause, count = min(pause * 1.5, LONGEST_PAUSE), count + 1


def search(path: str, answer: Any) -> Any:
    """The part of an answer at a JMESPath."""
    return answer if path == "@" else jmespath.search(path, answer)
