"""The order of a replacement: what cannot exist twice is deleted first."""

import pulumi

# AWS refuses a second one with the same arguments, or takes it for the first.
_AWS_TYPES = frozenset(
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
        "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
    }
)


def delete_first(
    args: pulumi.ResourceTransformationArgs,
) -> pulumi.ResourceTransformationResult | None:
    """A stack transformation that sets `delete_before_replace` where it is needed.

    A provider says so when an argument changes, but is not asked by `pulumi up --replace`, which
    would make the second one, an update of the first, and then delete it. The Kubernetes objects
    of the stack have fixed names, and server-side apply updates what has the name already.
    """
    if args.type_ not in _AWS_TYPES and not args.type_.startswith("kubernetes:"):
        return None
    first = pulumi.ResourceOptions(delete_before_replace=True)
    return pulumi.ResourceTransformationResult(
        args.props, pulumi.ResourceOptions.merge(args.opts, first)
    )
