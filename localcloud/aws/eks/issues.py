"""Health issues of node groups and add-ons, with EKS's codes."""

from typing import Any

from localcloud.aws.eks import rolling, updates
from localcloud.aws.eks.state import NodegroupState, Record, now
from localcloud.aws.errors import AwsError
from localcloud.aws.iam.sessions import find_role

# EC2's and IAM's errors as https://docs.aws.amazon.com/eks/latest/APIReference/API_Issue.html
# lists them; any other error of theirs is reported as LAUNCH_FAILURE.
ISSUES = {
    "InsufficientFreeAddressesInSubnet": "InsufficientFreeAddresses",
    "InvalidSubnetID.NotFound": "Ec2SubnetNotFound",
    "InvalidGroup.NotFound": "Ec2SecurityGroupNotFound",
    "InvalidLaunchTemplateId.NotFound": "Ec2LaunchTemplateNotFound",
    "InstanceLimitExceeded": "InstanceLimitExceeded",
    "VcpuLimitExceeded": "InstanceLimitExceeded",
    "LimitExceeded": "IamLimitExceeded",
    "AccessDenied": "AccessDenied",
    "UnauthorizedOperation": "AccessDenied",
}
LAUNCH_FAILURE = "AsgInstanceLaunchFailures"
INTERNAL_FAILURE = "InternalFailure"


def settle(record: Record, status: str, issues: list[Record] | None = None) -> None:
    """Set the status of a node group or an add-on, and the health issues that explain it."""
    record["status"], record["modifiedAt"] = status, now()
    record["health"] = {"issues": issues or []}


def fail(group: NodegroupState, code: str, message: str, ids: list[str]) -> None:
    """A group that was CREATING becomes CREATE_FAILED, any other DEGRADED; its updates fail.

    A version update is rolled back: the nodes that it has not replaced yet stay.
    """
    status = "CREATE_FAILED" if group.record["status"] == "CREATING" else "DEGRADED"
    if group.before is not None:
        rolling.roll_back(group)
    settle(group.record, status, [{"code": code, "message": message, "resourceIds": ids}])
    updates.finish(group.updates, message, code)


def launch_failed(group: NodegroupState, error: Exception) -> None:
    """Report in a group's health that its instances cannot be launched."""
    code, text = _code_and_message(error)
    issue = ISSUES.get(code, LAUNCH_FAILURE if code else INTERNAL_FAILURE)
    if code == "NoSuchEntity":  # IAM's code for a missing profile and a missing role
        known = find_role(group.record["nodeRole"])
        issue = "IamInstanceProfileNotFound" if known else "IamNodeRoleNotFound"
    subnets = issue in ("InsufficientFreeAddresses", "Ec2SubnetNotFound")
    groups = [scaling["name"] for scaling in group.record["resources"]["autoScalingGroups"]]
    reason = f"{code or type(error).__name__} - {text}"
    message = f"Could not launch On-Demand Instances. {reason}"
    fail(group, issue, message, group.record["subnets"] if subnets else groups)


def _code_and_message(error: Any) -> tuple[str, str]:
    """The AWS code and the message of an error; the code is "" if it is a bug."""
    if isinstance(error, AwsError):
        return error.code, error.message
    code = getattr(error, "error_type", None) or getattr(error, "code", None)
    return (str(code), str(error.message)) if code else ("", str(error))
