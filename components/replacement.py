"""The order of a replacement: what cannot exist twice is deleted first."""

import pulumi

# Of these AWS refuses a second one with the same arguments, or returns the first.
_DELETE_FIRST_TYPES = frozenset(
    {
        "aws:cloudwatch/logGroup:LogGroup",
        "aws:ec2/flowLog:FlowLog",
        "aws:ec2/internetGateway:InternetGateway",
        "aws:ec2/natGateway:NatGateway",
        "aws:ec2/route:Route",
        "aws:ec2/routeTableAssociation:RouteTableAssociation",
        "aws:ec2/subnet:Subnet",
        "aws:ec2/vpcEndpoint:VpcEndpoint",
        "aws:eks/addon:Addon",
        "aws:eks/podIdentityAssociation:PodIdentityAssociation",
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        "aws:route53/record:Record",
        "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
        "aws:s3/bucketPolicy:BucketPolicy",
        "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
        "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
    }
)


def delete_first(
    args: pulumi.ResourceTransformationArgs,
) -> pulumi.ResourceTransformationResult | None:
    """A stack transformation that sets `delete_before_replace` where it is needed.

    When an argument changes, the provider itself asks for delete-first. `pulumi up --replace` does
    not ask it: it would create first and delete afterwards. With a fixed name, as all Kubernetes
    objects of the stack have, the creation only updates the old object, which is then deleted.
    """
    if args.type_ not in _DELETE_FIRST_TYPES and not args.type_.startswith("kubernetes:"):
        return None
    first = pulumi.ResourceOptions(delete_before_replace=True)
    return pulumi.ResourceTransformationResult(
        args.props, pulumi.ResourceOptions.merge(args.opts, first)
    )
