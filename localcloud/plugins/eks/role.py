"""The service role of a cluster."""

import hashlib
import json
from collections.abc import Sequence

import pulumi
import pulumi_aws as aws


class ServiceRole(pulumi.ComponentResource):
    """A role for an AWS service with AWS managed policies, named as in pulumi-eks."""

    role: aws.iam.Role
    attachments: list[pulumi.Resource]

    def __init__(
        self,
        name: str,
        *,
        service: str,
        description: str,
        policies: Sequence[str],
        partition: pulumi.Input[str],
        tags: pulumi.Input[dict[str, pulumi.Input[str]]] | None,
        opts: pulumi.ResourceOptions,
    ) -> None:
        super().__init__("eks:index:ServiceRole", name, None, opts)
        trust = {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Action": ["sts:AssumeRole", "sts:TagSession"],
                    "Effect": "Allow",
                    "Principal": {"Service": [service]},
                }
            ],
        }
        self.role = aws.iam.Role(
            f"{name}-role",
            description=description,
            assume_role_policy=json.dumps(trust, separators=(",", ":")),
            tags=tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.attachments = [self._attach(name, policy, partition) for policy in policies]
        self.register_outputs({"directRole": self.role, "resolvedRole": self.role})

    def _attach(
        self, name: str, policy: str, partition: pulumi.Input[str]
    ) -> aws.iam.RolePolicyAttachment:
        # The name cannot depend on the partition, which is an output.
        suffix = hashlib.sha1(f"arn:aws:iam::aws:policy/{policy}".encode()).hexdigest()[:8]
        return aws.iam.RolePolicyAttachment(
            f"{name}-{suffix}",
            role=self.role.name,
            policy_arn=pulumi.Output.concat("arn:", partition, ":iam::aws:policy/", policy),
            opts=pulumi.ResourceOptions(parent=self),
        )
