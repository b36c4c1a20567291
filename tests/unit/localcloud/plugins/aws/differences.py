"""Where the table of AWS types and the functions differ from the official provider, and why.

Inputs that the table lacks need no rows: they are refused by name (test_against_sdk.py tries each),
and are not among the outputs either. All other differences are here.
"""

from tests.unit.localcloud.plugins.aws.comparison import ABSENT, DEFAULT, KIND, REPLACES, REQUIRED

_SIGNATURE = "the SDK's signatures have None for what the documentation says is required"
_OF_CLUSTER = (
    "accessConfigs clusterId computeConfigs controlPlaneScalingConfigs kubeApiServerConfigs"
    " kubeControllerManagerConfigs kubeSchedulerConfigs kubernetesNetworkConfigs outpostConfigs"
    " remoteNetworkConfigs storageConfigs upgradePolicies vpcConfig zonalShiftConfigs"
)
ROWS: dict[str, dict[str, str]] = {
    REQUIRED: {
        "aws:ec2/vpc:Vpc cidrBlock": "no IPAM pool gives one",
        "aws:ec2/subnet:Subnet cidrBlock": "no IPAM, no subnets of IPv6 alone",
        "aws:ec2/natGateway:NatGateway subnetId": "no regional NAT gateways",
        "aws:ec2/route:Route destinationCidrBlock": "no IPv6, no prefix lists",
        "aws:ec2/routeTableAssociation:RouteTableAssociation subnetId": "no tables of gateways",
        "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup vpcId": "no default VPC to fall back on",
        "aws:ec2/instance:Instance ami instanceType": "no launch template that may have them",
        "aws:route53/zone:Zone name": "a domain is never made up",
        "aws:route53/getZone:getZone name": "zones are found by name only",
        "aws:ec2/vpcEndpoint:VpcEndpoint serviceName": "no VPC Lattice",
        "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration rules": "of use",
        "aws:ec2/flowLog:FlowLog vpcId trafficType logDestination iamRoleArn": (
            "of VPCs, to CloudWatch Logs, alone"
        ),
        "aws:acm/certificate:Certificate domainName validationMethod": (
            "no imports, no validation by email"
        ),
        "aws:wafv2/webAcl:WebAcl rules.overrideAction"
        " rules.statement.managedRuleGroupStatement": "rules of managed groups only",
        "aws:ssm/getParameter:getParameter name": _SIGNATURE,
        "aws:eks/getCluster:getCluster name": _SIGNATURE,
        "aws:iam/getRole:getRole name": _SIGNATURE,
        "aws:cloudwatch/getLogGroup:getLogGroup name": _SIGNATURE,
        "aws:eks/getAddonVersion:getAddonVersion addonName kubernetesVersion": _SIGNATURE,
    },
    # The documentation has no default, or not as a value.
    DEFAULT: {
        "aws:ec2/eip:Eip domain": "the API has had no other since EC2-Classic ended",
        "aws:iam/role:Role maxSessionDuration path": "the API's own: one hour, /",
        "aws:iam/policy:Policy path": "the API's own: /",
        "aws:iam/instanceProfile:InstanceProfile path": "the API's own: /",
        "aws:cloudwatch/logGroup:LogGroup retentionInDays": "0 is for ever",
        "aws:route53/zone:Zone forceDestroy": "no record is destroyed unasked",
        "aws:s3/bucket:Bucket forceDestroy": "no object is destroyed unasked",
    },
    KIND: {
        "aws:iam/role:Role assumeRolePolicy": "policies as text only",
        "aws:iam/rolePolicy:RolePolicy policy": "policies as text only",
        "aws:iam/policy:Policy policy": "policies as text only",
        "aws:s3/bucketPolicy:BucketPolicy policy": "policies as text only",
    },
    # Replaced instead of changed in place.
    REPLACES: {"aws:ec2/instance:Instance userData": "the local cloud runs no user data"},
    # Outputs of what is not offered.
    ABSENT: {
        "aws:ec2/vpc:Vpc ipv6AssociationId": "no IPv6",
        "aws:ec2/subnet:Subnet ipv6CidrBlockAssociationId": "no IPv6",
        "aws:ec2/eip:Eip privateDns ptrRecord publicDns": "the API does not answer them",
        "aws:ec2/natGateway:NatGateway autoProvisionZones autoScalingIps"
        " regionalNatGatewayAddresses regionalNatGatewayAutoMode routeTableId": (
            "no regional NAT gateways"
        ),
        "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup namePrefix": "it is named default",
        "aws:ec2/instance:Instance passwordData": "no Windows",
        "aws:ec2/vpcEndpoint:VpcEndpoint cidrBlocks prefixListId": (
            "of a list that only gateway endpoints have"
        ),
        f"aws:eks/getCluster:getCluster {_OF_CLUSTER}": "not needed yet",
        "aws:cloudwatch/getLogGroup:getLogGroup deletionProtectionEnabled logGroupClass": (
            "not needed yet"
        ),
        "aws:wafv2/webAcl:WebAcl applicationIntegrationUrl": "no groups that an SDK works with",
        "aws:s3/bucket:Bucket hostedZoneId websiteDomain websiteEndpoint": "no websites",
        "aws:ec2/getAmi:getAmi blockDeviceMappings productCodes stateReason": "not needed yet",
    },
}
"""Reasons by the kind of difference, and by a type or function with the properties that differ."""
TOKENS = {key.split()[0] for rows in ROWS.values() for key in rows}


def listed(token: str) -> set[tuple[str, str]]:
    """The differences of one type or function in the rows, by property and kind."""
    rows = [(what, *key.split()) for what, keys in ROWS.items() for key in keys]
    return {(name, what) for what, of, *names in rows if of == token for name in names}
