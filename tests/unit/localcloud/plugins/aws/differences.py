"""Where the table of AWS types and the functions differ from the official provider, and why.

Inputs that the table lacks need no rows: they are refused by name (test_against_sdk.py tries each),
and are not among the outputs either. All other differences are here.
"""

from typing import NamedTuple

from tests.unit.localcloud.plugins.aws.comparison import ABSENT, DEFAULT, KIND, REPLACES, REQUIRED


class Row(NamedTuple):
    """Properties of a type or function that differ in the same way, for the same reason."""

    token: str
    what: str
    properties: str
    reason: str


ROWS = (
    # More is required.
    Row("aws:ec2/vpc:Vpc", REQUIRED, "cidrBlock", "no IPAM pool gives one"),
    Row("aws:ec2/subnet:Subnet", REQUIRED, "cidrBlock", "no IPAM, no subnets of IPv6 alone"),
    Row("aws:ec2/natGateway:NatGateway", REQUIRED, "subnetId", "no regional NAT gateways"),
    Row("aws:ec2/route:Route", REQUIRED, "destinationCidrBlock", "no IPv6, no prefix lists"),
    Row(
        "aws:ec2/routeTableAssociation:RouteTableAssociation",
        REQUIRED,
        "subnetId",
        "no tables of gateways",
    ),
    Row(
        "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
        REQUIRED,
        "vpcId",
        "no default VPC to fall back on",
    ),
    Row(
        "aws:ec2/instance:Instance",
        REQUIRED,
        "ami instanceType",
        "no launch template that may have them",
    ),
    Row("aws:route53/zone:Zone", REQUIRED, "name", "a domain is never made up"),
    Row("aws:route53/record:Record", REQUIRED, "ttl records", "no aliases"),
    Row("aws:route53/getZone:getZone", REQUIRED, "name", "zones are found by name only"),
    Row("aws:eks/getCluster:getCluster", REQUIRED, "name", "it looks up one cluster"),
    Row("aws:cloudwatch/getLogGroup:getLogGroup", REQUIRED, "name", "it looks up one group"),
    # The documentation has no default, or not as a value.
    Row("aws:ec2/eip:Eip", DEFAULT, "domain", "the API has had no other since EC2-Classic ended"),
    Row("aws:iam/role:Role", DEFAULT, "maxSessionDuration path", "the API's own: one hour, /"),
    Row("aws:iam/policy:Policy", DEFAULT, "path", "the API's own: /"),
    Row("aws:iam/instanceProfile:InstanceProfile", DEFAULT, "path", "the API's own: /"),
    Row("aws:cloudwatch/logGroup:LogGroup", DEFAULT, "retentionInDays", "0 is for ever"),
    Row("aws:route53/zone:Zone", DEFAULT, "forceDestroy", "no record is destroyed unasked"),
    # Policies as objects are refused.
    Row("aws:iam/role:Role", KIND, "assumeRolePolicy", "policies as text only"),
    Row("aws:iam/rolePolicy:RolePolicy", KIND, "policy", "policies as text only"),
    Row("aws:iam/policy:Policy", KIND, "policy", "policies as text only"),
    # Replaced instead of changed in place.
    Row("aws:ec2/instance:Instance", REPLACES, "userData", "the local cloud runs no user data"),
    # Outputs of what is not offered.
    Row("aws:ec2/vpc:Vpc", ABSENT, "ipv6AssociationId", "no IPv6"),
    Row("aws:ec2/subnet:Subnet", ABSENT, "ipv6CidrBlockAssociationId", "no IPv6"),
    Row(
        "aws:ec2/eip:Eip", ABSENT, "privateDns ptrRecord publicDns", "the API does not answer them"
    ),
    Row(
        "aws:ec2/natGateway:NatGateway",
        ABSENT,
        "autoProvisionZones autoScalingIps regionalNatGatewayAddresses regionalNatGatewayAutoMode"
        " routeTableId",
        "no regional NAT gateways",
    ),
    Row(
        "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
        ABSENT,
        "namePrefix",
        "it is always named default",
    ),
    Row("aws:ec2/instance:Instance", ABSENT, "passwordData", "no Windows"),
    Row(
        "aws:ec2/getAmi:getAmi",
        ABSENT,
        "blockDeviceMappings productCodes stateReason",
        "no program has wanted them",
    ),
    Row(
        "aws:eks/getCluster:getCluster",
        ABSENT,
        "accessConfigs clusterId computeConfigs controlPlaneScalingConfigs kubeApiServerConfigs"
        " kubeControllerManagerConfigs kubeSchedulerConfigs kubernetesNetworkConfigs"
        " outpostConfigs remoteNetworkConfigs storageConfigs upgradePolicies vpcConfig"
        " zonalShiftConfigs",
        "no program has wanted them",
    ),
    Row(
        "aws:cloudwatch/getLogGroup:getLogGroup",
        ABSENT,
        "deletionProtectionEnabled logGroupClass",
        "no program has wanted them",
    ),
)


def listed(token: str) -> set[tuple[str, str]]:
    """The differences of one type or function in the rows, by property and kind."""
    return {
        (name, row.what) for row in ROWS if row.token == token for name in row.properties.split()
    }
