"""Roles that AWS services assume."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.policies import managed_policy_arn, service_trust


@dataclass(frozen=True, kw_only=True)
class ServiceRole:
    """A role and the policies attached to it; what uses the role depends on the attachments too."""

    role: aws.iam.Role
    attachments: list[aws.iam.RolePolicyAttachment]


def service_role(
    name: str, *, service: str, managed_policies: Sequence[str], parent: pulumi.Resource
) -> ServiceRole:
    """A role for one AWS service (ec2.amazonaws.com) with policies that AWS manages, by name."""
    opts = pulumi.ResourceOptions(parent=parent)
    role = aws.iam.Role(
        f"{name}-role",
        assume_role_policy=pulumi.Output.json_dumps(service_trust(service)),
        opts=opts,
    )
    attachments = [
        aws.iam.RolePolicyAttachment(
            f"{name}-{policy}", role=role.name, policy_arn=managed_policy_arn(policy), opts=opts
        )
        for policy in managed_policies
    ]
    return ServiceRole(role=role, attachments=attachments)
