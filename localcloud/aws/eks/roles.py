"""Checks of the IAM roles that are passed to EKS."""

from localcloud.aws.eks.state import invalid
from localcloud.aws.iam import policy
from localcloud.aws.iam.sessions import find_role


def check(role_arn: str, service: str) -> None:
    """Raise InvalidParameterException for a role that does not exist or does not trust
    `service`."""
    role = find_role(role_arn)
    request = policy.PermissionRequest("sts:AssumeRole", (), {}, frozenset({service}))
    if role is None or not policy.resource_policy_allows(
        str(role.assume_role_policy_document), request
    ):
        raise invalid(
            f"Role with arn: {role_arn}, could not be assumed because it does not exist or the "
            f"trusted entity is not correct ({service})"
        )


def check_exists(role_arn: str) -> None:
    """Raise InvalidParameterException for a role that does not exist.

    Whether it trusts EKS is checked when a pod requests its credentials.
    """
    if find_role(role_arn) is None:
        raise invalid(f"The role {role_arn} does not exist")
