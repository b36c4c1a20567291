"""Settings that cannot change after the first `up`, as a change would replace the cluster.

A replacement deletes the cluster with all that runs in it. If the VPC changes, it does so even
before it makes the new one, as both have the same name. Such a change therefore stops `pulumi up`
and `pulumi preview`.
"""

from collections.abc import Mapping
from typing import Any

import pulumi
import pulumi_aws as aws
from pulumi.runtime import get_root_resource, invoke
from pulumi.runtime.sync_await import _sync_await  # as in _utilities.py of every provider's SDK

from settings.reader import refuse

_WAY_OUT = "set it back, or run pulumi destroy before the change, or use another stack"


def outputs_before() -> Mapping[str, Any]:
    """The stack's outputs of the last run."""
    # Wait until the stack resource is registered, when the engine saves the state. A file backend
    # that is read at the same moment can fail with "failed to load checkpoint: EOF": the metadata
    # file beside the state (.attrs, in gocloud.dev's fileblob) is truncated, then written.
    stack = get_root_resource()
    if stack is not None:
        _sync_await(stack.urn.future())
    name = f"{pulumi.get_organization()}/{pulumi.get_project()}/{pulumi.get_stack()}"
    found = invoke("pulumi:pulumi:readStackOutputs", {"name": name}).value
    return dict(found["outputs"])


def require_same_outputs(before: Mapping[str, Any], wanted: Mapping[str, tuple[str, str]]) -> None:
    """Raises pulumi.RunError when an output of the last run has another value.

    `wanted` maps an output's name to the setting's key and its value now.
    """
    for output, (key, value) in wanted.items():
        found = before.get(output, value)
        if found != value:
            refuse(key, value, f"the stack's cluster has {found}; {_WAY_OUT}")


def require_same_block(cluster_name: str, vpc_cidr: str) -> None:
    """Raises pulumi.RunError when the cluster is in a VPC of another block.

    The VPC is that of the cluster security group, which EKS creates and tags:
    https://docs.aws.amazon.com/eks/latest/userguide/sec-group-reqs.html
    """
    tag = aws.ec2.GetSecurityGroupsFilterArgs(
        name="tag:aws:eks:cluster-name", values=[cluster_name]
    )
    vpc_ids = list(aws.ec2.get_security_groups(filters=[tag]).vpc_ids)
    if not vpc_ids:
        return
    wanted = {"vpc-id": vpc_ids, "cidr": [vpc_cidr]}
    filters = [aws.ec2.GetVpcsFilterArgs(name=name, values=wanted[name]) for name in wanted]
    if not aws.ec2.get_vpcs(filters=filters).ids:
        rule = f"the cluster is in {vpc_ids[0]}, which has another block; {_WAY_OUT}"
        refuse("vpc-cidr", vpc_cidr, rule)
