"""A call of an AWS operation."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from localcloud.aws.caller import Caller
from localcloud.aws.protocol import Params
from localcloud.aws.request import Request
from localcloud.aws.services import Service


@dataclass(frozen=True)
class Call:
    """`params` have botocore's names; `caller` is None for an unsigned request."""

    service: Service
    operation: str
    params: Params
    region: str
    request: Request
    caller: Caller | None = None


Handler = Callable[[Call], Mapping[str, Any]]
OperationName = tuple[str, str]  # service and operation
READ_PREFIXES = ("Describe", "List", "Get", "Search", "Lookup", "Decode", "Simulate", "Test")


def mutates(operation: str) -> bool:
    """Whether an operation may change a record."""
    return not operation.startswith(READ_PREFIXES)
