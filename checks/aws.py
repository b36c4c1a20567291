"""Clients of the AWS API with the environment's credentials; its errors become those of checks."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import botocore.exceptions as failures
from botocore.config import Config

from checks.outcome import CannotRun, FailedProbe
from checks.outputs import Outputs

# Prefixes of error codes for which retrying is useless.
NOT_ALLOWED = (
    "AccessDenied",
    "UnauthorizedOperation",
    "ExpiredToken",
    "UnrecognizedClient",
    "InvalidClientTokenId",
    "InvalidSignature",
    "SignatureDoesNotMatch",
    "AuthFailure",
)
CONFIG = Config(connect_timeout=5, read_timeout=20, retries={"mode": "standard"})


class Aws:
    """Clients in the stack's region, one of each service."""

    def __init__(self, outputs: Outputs) -> None:
        self._outputs = outputs
        self._making = threading.Lock()  # boto3 cannot make two clients at the same time
        self._session: Any = None
        self._clients: dict[str, Any] = {}

    @contextmanager
    def translating_errors(self, service: str, request: str) -> Iterator[Callable[[str], Any]]:
        """Yields a function that makes the client of a service. An error of AWS becomes
        FailedProbe, or CannotRun where waiting does not help; `service` and `request` are for
        its message."""
        try:
            yield self._client
        except failures.ClientError as error:
            code, message = error.response["Error"]["Code"], error.response["Error"]["Message"]
            reason = f"{service}, asked {request}, answers {code}: {message}"
            raise _error_of(code)(reason) from error
        except (
            failures.NoCredentialsError,
            failures.PartialCredentialsError,
            failures.ProfileNotFound,
            failures.TokenRetrievalError,
            failures.SSOError,
        ) as error:
            raise CannotRun(f"no AWS credentials: {error}") from error
        except failures.BotoCoreError as error:
            raise FailedProbe(f"{service}, asked {request}: {error}") from error

    def _client(self, service: str) -> Any:
        with self._making:
            if self._session is None:
                self._session = boto3.Session(region_name=self._outputs.region)
            if service not in self._clients:
                self._clients[service] = self._session.client(service, config=CONFIG)
            return self._clients[service]

    def public_addresses(self, instance_ids: list[str]) -> dict[str, str]:
        """The public addresses of instances, by id; an instance without one is left out."""
        with self.translating_errors("EC2", "for the nodes") as make_client:
            pages = make_client("ec2").get_paginator("describe_instances")
            found = {
                each["InstanceId"]: each
                for page in pages.paginate(InstanceIds=instance_ids)
                for reservation in page["Reservations"]
                for each in reservation["Instances"]
            }
        if missing := set(instance_ids) - set(found):
            raise FailedProbe(f"EC2 has no instance {', '.join(sorted(missing))}")
        return {name: address for name, each in found.items() if (address := _public(each))}


def _error_of(code: str) -> type[CannotRun] | type[FailedProbe]:
    return CannotRun if code.startswith(NOT_ALLOWED) else FailedProbe


def _public(instance: dict[str, Any]) -> str | None:
    """Its public IPv4 address, or an IPv6 address, which is always public."""
    for interface in instance.get("NetworkInterfaces", []):
        if address := interface.get("Association", {}).get("PublicIp"):
            return str(address)
        for each in interface.get("Ipv6Addresses", []):
            return str(each["Ipv6Address"])
    return instance.get("PublicIpAddress") or instance.get("Ipv6Address")
