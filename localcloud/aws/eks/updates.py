"""Update records: what UpdateX answers, and DescribeUpdate tells until it is done."""

import uuid
from typing import Any

from localcloud.aws.eks.state import Record, now

# Those of an update (ErrorDetail of the EKS API) that a health issue is told by, too.
CODES = {
    "AccessDenied", "InsufficientFreeAddresses", "NodeCreationFailure", "SecurityGroupNotFound",
    "SubnetNotFound",
}  # fmt: skip


def begun(kind: str, params: dict[str, Any], done: bool = False) -> Record:
    """A new update; `done` when there is nothing left to make real."""
    return {
        "id": str(uuid.uuid4()),
        "status": "Successful" if done else "InProgress",
        "type": kind,
        "params": [{"type": name, "value": str(value)} for name, value in params.items()],
        "createdAt": now(),
        "errors": [],
    }


def finish(updates: dict[str, Record], error: str | None = None, issue: str = "") -> None:
    """End every update that is under way, in success or with an error (and its health issue)."""
    code = issue.removeprefix("Ec2")
    for update in updates.values():
        if update["status"] == "InProgress":
            update["status"] = "Failed" if error else "Successful"
            if error:
                update["errors"] = [
                    {"errorCode": code if code in CODES else "Unknown", "errorMessage": error}
                ]
