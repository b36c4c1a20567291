"""Calls to AWS: cached clients, errors in one line, waits that the engine can cancel."""

import functools
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic
from typing import Any

import jmespath

from localcloud.plugins.provider import PluginError

FIRST_PAUSE = 0.05
LONGEST_PAUSE = 1.0


class ApiError(PluginError):
    """AWS refused a call: `code` is AWS's own, such as DependencyViolation."""

    def __init__(self, operation: str, code: str, message: str) -> None:
        super().__init__(f"{operation}: {code}: {' '.join(message.split())}")
        self.code = code
        self.message = message


@functools.cache
def _models() -> Any:
    """The loader of botocore's models of the services, which reads each file once."""
    import botocore.loaders

    return botocore.loaders.create_loader()


def read_models(services: Iterable[str]) -> None:
    """Load what clients of these services need, in advance."""
    # Without credentials botocore searches for them.
    placeholders = {"aws_access_key_id": "-", "aws_secret_access_key": "-"}
    clients = Clients()
    for service in services:
        clients.get(service, "eu-west-1", **placeholders)


@dataclass(frozen=True)
class Identity:
    """Whose credentials calls are signed with: those of the environment or of a profile, or of
    roles, each assumed with the credentials of the one before. A role is pairs of roleArn,
    sessionName, externalId."""

    profile: str = ""
    roles: tuple[tuple[tuple[str, str], ...], ...] = ()


class Clients:
    """botocore clients, one per service and region, made when first used. Thread-safe."""

    def __init__(self, identity: Identity = Identity()) -> None:
        self._lock = threading.Lock()
        self._made: dict[tuple[str, str], Any] = {}
        self._session: Any = None
        self._identity = identity
        self._assumed: dict[str, str] = {}

    def get(self, service: str, region: str, **credentials: str) -> Any:
        """The client of a service in a region."""
        with self._lock:
            if (service, region) not in self._made:
                self._made[service, region] = self._make(service, region, **credentials)
            return self._made[service, region]

    def _make(self, service: str, region: str, **credentials: str) -> Any:
        import botocore.config
        import botocore.session

        if self._session is None:
            self._session = botocore.session.Session(profile=self._identity.profile or None)
            self._session.register_component("data_loader", _models())
            for role in self._identity.roles:
                self._assumed = self._assume(dict(role), region)
        config = botocore.config.Config(
            max_pool_connections=32, retries={"mode": "standard", "max_attempts": 3}
        )
        return self._session.create_client(
            service, region_name=region, config=config, **{**self._assumed, **credentials}
        )

    def _assume(self, role: Mapping[str, str], region: str) -> dict[str, str]:
        asked = {
            "RoleArn": role["roleArn"],
            "RoleSessionName": role.get("sessionName") or "pulumi",
            **({"ExternalId": role["externalId"]} if role.get("externalId") else {}),
        }
        sts = self._session.create_client("sts", region_name=region, **self._assumed)
        with _errors_of("AssumeRole"):
            given = sts.assume_role(**asked)["Credentials"]
        return {
            "aws_access_key_id": given["AccessKeyId"],
            "aws_secret_access_key": given["SecretAccessKey"],
            "aws_session_token": given["SessionToken"],
        }


@contextmanager
def _errors_of(operation: str) -> Iterator[None]:
    """Turn botocore's errors into the plugin's, in one line."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as error:
        detail = error.response["Error"]
        raise ApiError(operation, detail["Code"], detail.get("Message", "")) from None
    except BotoCoreError as error:
        raise PluginError(f"{operation}: {' '.join(str(error).split())}") from None


class Session:
    """The calls to AWS of one plugin process. Thread-safe."""

    def __init__(self, cancelled: threading.Event, clients: Clients | None = None) -> None:
        self._cancelled = cancelled
        self._clients = clients or Clients()
        self._account = ""

    def use(self, identity: Identity) -> None:
        """Sign the calls from now on as `identity`."""
        if identity != Identity():
            self._clients = Clients(identity)

    def call(self, service: str, region: str, operation: str, args: Mapping[str, Any]) -> Any:
        """Call AWS. Raises ApiError, or PluginError if the call is invalid or gets no answer."""
        client = self._clients.get(service, region)
        with _errors_of(client.meta.method_to_api_mapping[operation]):
            return getattr(client, operation)(**args)

    def pages(
        self, service: str, region: str, operation: str, args: Mapping[str, Any]
    ) -> list[Any]:
        """Every page of the answer. Raises as `call` does."""
        client = self._clients.get(service, region)
        with _errors_of(client.meta.method_to_api_mapping[operation]):
            return list(client.get_paginator(operation).paginate(**args))

    def account(self, region: str) -> str:
        """The account id of the credentials; cached."""
        if not self._account:
            self._account = str(self.call("sts", region, "get_caller_identity", {})["Account"])
        return self._account

    def attempts(self, seconds: float, what: str) -> Iterator[int]:
        """Count attempts, with a growing pause after each, for up to `seconds`.

        Raises PluginError, which names `what` was waited for, once the time is over or the engine
        cancels.
        """
        deadline, pause, count = monotonic() + seconds, FIRST_PAUSE, 0
        while True:
            if self._cancelled.is_set():
                raise PluginError(f"cancelled while waiting for {what}")
            yield count
            if monotonic() + pause > deadline:
                raise PluginError(f"timed out after {seconds:g} s waiting for {what}")
            self._cancelled.wait(pause)
            pause, count = min(pause * 1.5, LONGEST_PAUSE), count + 1


def search(path: str, answer: Any) -> Any:
    """The part of an answer at a JMESPath."""
    return answer if path == "@" else jmespath.search(path, answer)
