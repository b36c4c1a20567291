"""Checks EC2 requests for what the cloud does not implement; moto would accept and ignore it."""

from collections.abc import Mapping
from typing import Any

from localcloud.aws.errors import AwsError, not_offered

REFUSED_OPERATIONS = {"CreateFleet", "RequestSpotFleet", "RequestSpotInstances"}
REFUSED_PARAMETERS = ("UserData", "InstanceMarketOptions")


def check(operation: str, params: Mapping[str, Any]) -> None:
    """Raise AwsError for user data and spot instances, in a launch template too; for a dry run; and
    for a MinCount that differs from MaxCount."""
    if operation in REFUSED_OPERATIONS:
        raise not_offered(operation, "UnsupportedOperation")
    if params.get("MinCount") != params.get("MaxCount"):
        raise not_offered("a MaxCount other than MinCount", "UnsupportedOperation")
    for given in (params, params.get("LaunchTemplateData") or {}):
        for name in REFUSED_PARAMETERS:
            if given.get(name):
                raise not_offered(f"{name} of {operation}", "UnsupportedOperation")
    if params.get("DryRun"):
        message = "Request would have succeeded, but DryRun flag is set."
        raise AwsError("DryRunOperation", message, 412)
