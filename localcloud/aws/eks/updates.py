"""Update records, which the update operations and DescribeUpdate return."""

import uuid
from typing import Any

from localcloud.aws.eks.state import Record, now

# The error codes of updates (ErrorDetail of the EKS API) whose health issue has the same code, or
# the same after the prefix Ec2.
CODES = {
    "AccessDenied", "AdmissionRequestDenied", "ConfigurationConflict", "InsufficientFreeAddresses",
    "NodeCreationFailure", "PodEvictionFailure", "SecurityGroupNotFound", "SubnetNotFound",
}  # fmt: skip


def new(kind: str, params: dict[str, Any], done: bool = False) -> Record:
    """A new update; `params` have botocore's names; `done` if no reconciler has to act on it."""
    return {
        "id": str(uuid.uuid4()),
        "status": "Successful" if done else "InProgress",
        "type": kind,
        "params": [
            {"type": name[0].upper() + name[1:], "value": str(value)}
            for name, value in params.items()
        ],
        "createdAt": now(),
        "errors": [],
    }


def finish(
    updates: dict[str, Record],
    error: str | None = None,
    issue: str = "",
    resources: tuple[str, ...] = (),
) -> None:
    """End every update in progress; `error` is a message, `issue` the code of its health issue."""
    code = issue.removeprefix("Ec2")
    known = code if code in CODES else "Unknown"
    for update in updates.values():
        if update["status"] == "InProgress":
            update["status"] = "Failed" if error else "Successful"
            if error:
                detail = {"errorCode": known, "errorMessage": error, "resourceIds": list(resources)}
                update["errors"] = [detail]
