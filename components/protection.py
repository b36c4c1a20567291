"""What `pulumi destroy` must not delete while a stack is protected."""

from collections.abc import Callable

import pulumi

# What the program cannot make again: data, keys, a delegated zone, and the network, to which others
# may be connected. EKS itself protects the cluster (`deletion_protection` in cluster.py).
_TYPES = frozenset(
    {"aws:ec2/vpc:Vpc", "aws:kms/key:Key", "aws:route53/zone:Zone", "aws:s3/bucket:Bucket"}
)
Transformation = Callable[
    [pulumi.ResourceTransformationArgs], pulumi.ResourceTransformationResult | None
]


def protection(on: bool) -> Transformation:
    """A stack transformation that protects these resources: `pulumi destroy` then fails in its
    preview. With --skip-preview, it deletes unprotected resources before it fails."""

    def protect(
        args: pulumi.ResourceTransformationArgs,
    ) -> pulumi.ResourceTransformationResult | None:
        if not on or args.type_ not in _TYPES:
            return None
        protected = pulumi.ResourceOptions(protect=True)
        return pulumi.ResourceTransformationResult(
            args.props, pulumi.ResourceOptions.merge(args.opts, protected)
        )

    return protect
