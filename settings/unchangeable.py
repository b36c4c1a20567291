"""What a stack that stands cannot change in place, as it would replace the cluster.

A cluster cannot stand twice under one name, and its replacement would take with it all that is
inside. So such a change stops the run, in the preview too.
"""

from collections.abc import Mapping
from typing import Any

import pulumi
import pulumi_aws as aws
from pulumi.runtime import invoke

from settings.reader import refuse

_WAY_OUT = "set it back, or run pulumi destroy before the change, or use another stack"


def outputs_before() -> Mapping[str, Any]:
    """The stack's outputs, as the last run left them."""
    name = f"{pulumi.get_organization()}/{pulumi.get_project()}/{pulumi.get_stack()}"
    found = invoke("pulumi:pulumi:readStackOutputs", {"name": name}).value
    return dict(found["outputs"])


def require_same_outputs(before: Mapping[str, Any], wanted: Mapping[str, tuple[str, str]]) -> None:
    """Raises pulumi.RunError when the last run's output has another value.

    `wanted` has a setting and its value, by the output's name.
    """
    for output, (key, value) in wanted.items():
        found = before.get(output, value)
        if found != value:
            refuse(key, value, f"the stack's cluster stands with {found}; {_WAY_OUT}")


def require_same_block(cluster_name: str, vpc_cidr: str) -> None:
    """Raises pulumi.RunError when the cluster stands in a VPC of another block.

    Its security group, which EKS makes and tags, says where:
    https://docs.aws.amazon.com/eks/latest/userguide/sec-group-reqs.html
    """
    tag = aws.ec2.GetSecurityGroupsFilterArgs(
        name="tag:aws:eks:cluster-name", values=[cluster_name]
    )
    places = list(aws.ec2.get_security_groups(filters=[tag]).vpc_ids)
    if not places:
        return
    asked = {"vpc-id": places, "cidr": [vpc_cidr]}
    filters = [aws.ec2.GetVpcsFilterArgs(name=name, values=asked[name]) for name in asked]
    if not aws.ec2.get_vpcs(filters=filters).ids:
        rule = f"the cluster stands in {places[0]}, which has another block; {_WAY_OUT}"
        refuse("vpc-cidr", vpc_cidr, rule)
