"""One example of every type of the table: what it is made of, and how it changes.

The tests in test_every_type.py take each through its life. A new type needs a line here.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from localcloud.plugins.aws import types

Values = dict[str, Any]
TAGGED: Values = {"tags": {"Name": "changed", "more": "x"}}


@dataclass(frozen=True)
class Example:
    """How one type is tried.

    Args:
        inputs: what it is made of; `made(token, name)` gives resources it needs.
        update: inputs that change in place, besides the tags.
        replace: inputs whose change needs a new one.
        import_id: for ids that are not the resource's own.
        unreadable: inputs that AWS does not return, which an import lacks.
        alone: AWS made it and keeps it; a creation takes it over.
    """

    inputs: Callable[[Any], Values]
    update: Values = field(default_factory=dict)
    replace: Values = field(default_factory=dict)
    import_id: Callable[[Any], str] = lambda made: made.id
    unreadable: tuple[str, ...] = ()
    alone: bool = False


def changes(token: str) -> Values:
    """The inputs of a type that change in place."""
    return {**EXAMPLES[token].update, **(TAGGED if types.find(token).tagging else {})}


def _policy(*actions: str, **more: Any) -> str:
    statement = {"Effect": "Allow", "Action": [*actions], **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _allow(action: str) -> str:
    return _policy(action, Resource="*")


def trust(service: str, *actions: str) -> str:
    return _policy("sts:AssumeRole", *actions, Principal={"Service": f"{service}.amazonaws.com"})


VPC = "aws:ec2/vpc:Vpc"
SUBNET = "aws:ec2/subnet:Subnet"
GATEWAY = "aws:ec2/internetGateway:InternetGateway"
EIP = "aws:ec2/eip:Eip"
TABLE = "aws:ec2/routeTable:RouteTable"
GROUP = "aws:ec2/securityGroup:SecurityGroup"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
ROLE = "aws:iam/role:Role"
POLICY = "aws:iam/policy:Policy"
PROFILE = "aws:iam/instanceProfile:InstanceProfile"
KEY = "aws:kms/key:Key"
LOGS = "aws:cloudwatch/logGroup:LogGroup"
ZONE = "aws:route53/zone:Zone"
CLUSTER = "aws:eks/cluster:Cluster"
ENTRY = "aws:eks/accessEntry:AccessEntry"
BUCKET = "aws:s3/bucket:Bucket"
CERTIFICATE = "aws:acm/certificate:Certificate"
VALIDATION = "aws:acm/certificateValidation:CertificateValidation"
RECORD = "aws:route53/record:Record"
WEB_ACL = "aws:wafv2/webAcl:WebAcl"

METADATA = {"httpEndpoint": "enabled", "httpTokens": "required", "httpPutResponseHopLimit": 1}
HOP = {"metadataOptions": {**METADATA, "httpPutResponseHopLimit": 2}}
OTHER_POLICY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
OTHER_ROLE = "arn:aws:iam::123456789012:role/other"
POD_TRUST = trust("pods.eks", "sts:TagSession")
_ROOT = "arn:aws:iam::123456789012:root"
_KEY_USERS = {"AWS": _ROOT, "Service": "logs.eu-west-1.amazonaws.com"}  # that of log groups too
KEY_POLICY = _policy("kms:*", Resource="*", Principal=_KEY_USERS)
_DISK = {"encrypted": "true", "volumeSize": 20, "volumeType": "gp3", "deleteOnTermination": "true"}


def _role(made: Any, service: str) -> str:
    return str(made(ROLE, service, assumeRolePolicy=trust(service)).outputs["arn"])


def _bucket(made: Any, which: str) -> str:
    return str(made(BUCKET, which).id)


def _bucket_policy(account: str) -> str:
    whom = {"AWS": f"arn:aws:iam::{account}:root"}
    return _policy("s3:PutObject", Principal=whom, Resource="arn:aws:s3:::of-policy-bucket/*")


def _lifecycle(days: int) -> Values:
    rule = {
        "id": "old",
        "status": "Enabled",
        "filter": {"prefix": ""},
        "expiration": {"days": days},
    }
    return {"rules": [rule]}


def _web_acl(group: str) -> Values:
    shown = {"cloudwatchMetricsEnabled": True, "metricName": "m", "sampledRequestsEnabled": False}
    rule = {
        "name": "rule",
        "priority": 0,
        "overrideAction": {"none": {}},
        "statement": {"managedRuleGroupStatement": {"vendorName": "AWS", "name": group}},
        "visibilityConfig": shown,
    }
    return {
        "scope": "REGIONAL",
        "defaultAction": {"allow": {}},
        "rules": [rule],
        "visibilityConfig": shown,
    }


def _cluster(made: Any) -> str:
    return str(made(CLUSTER, "needed", name="needed").id)


def _subnet(made: Any) -> str:
    made(GATEWAY, "of the network", vpcId=made(VPC).id)
    return str(made(SUBNET, "needed", cidrBlock="10.0.8.0/24").id)


def _subnets(made: Any) -> list[str]:
    zones = {"eu-west-1a": "10.0.100.0/24", "eu-west-1b": "10.0.101.0/24"}
    return [
        made(SUBNET, zone, availabilityZone=zone, cidrBlock=cidr).id for zone, cidr in zones.items()
    ]


def _validated(made: Any) -> Values:
    """A certificate with its validation record."""
    names = {"domainName": "shop.internal", "subjectAlternativeNames": ["*.shop.internal"]}
    certificate = made(CERTIFICATE, "validated", **names).outputs
    (proof, _) = certificate["domainValidationOptions"]
    given = {"ttl": 60, "type": "CNAME", "records": [proof["resourceRecordValue"]]}
    record = made(RECORD, "proof", zoneId=made(ZONE).id, name=proof["resourceRecordName"], **given)
    return {
        "certificateArn": certificate["arn"],
        "validationRecordFqdns": [record.outputs["fqdn"]],
    }


EXAMPLES: dict[str, Example] = {
    VPC: Example(
        lambda made: {
            "cidrBlock": "10.0.0.0/16",
            "enableDnsHostnames": True,
            "tags": {"Name": "net"},
        },
        update={"enableDnsHostnames": False, "enableDnsSupport": False},
        replace={"cidrBlock": "10.1.0.0/16"},
    ),
    SUBNET: Example(
        lambda made: {
            "vpcId": made(VPC).id,
            "cidrBlock": "10.0.1.0/24",
            "availabilityZone": "eu-west-1b",
        },
        update={"mapPublicIpOnLaunch": True},
        replace={"cidrBlock": "10.0.2.0/24"},
    ),
    GATEWAY: Example(lambda made: {"vpcId": made(VPC, "for gateway").id}),
    EIP: Example(lambda made: {"domain": "vpc", "tags": {"Name": "out"}}),
    "aws:ec2/natGateway:NatGateway": Example(
        lambda made: {"subnetId": _subnet(made), "allocationId": made(EIP).id},
        replace={"allocationId": "eipalloc-0123456789abcdef0"},
    ),
    "aws:ec2/vpcEndpoint:VpcEndpoint": Example(
        lambda made: {
            "vpcId": made(VPC).id,
            "serviceName": "com.amazonaws.eu-west-1.ec2",
            "vpcEndpointType": "Interface",
            "subnetIds": _subnets(made)[:1],
            "securityGroupIds": [made(GROUP, "of the endpoint", vpcId=made(VPC).id).id],
        },
        replace={"serviceName": "com.amazonaws.eu-west-1.sts"},
    ),
    TABLE: Example(
        lambda made: {"vpcId": made(VPC).id, "tags": {"Name": "public"}},
        replace={"vpcId": "vpc-0123456789abcdef0"},
    ),
    "aws:ec2/route:Route": Example(
        lambda made: {
            "routeTableId": made(TABLE, vpcId=made(VPC, "for routes").id).id,
            "destinationCidrBlock": "0.0.0.0/0",
            "gatewayId": made(GATEWAY, "for routes", vpcId=made(VPC, "for routes").id).id,
        },
        replace={"destinationCidrBlock": "192.0.2.0/24"},
        import_id=lambda made: f"{made.inputs['routeTableId']}_0.0.0.0/0",
    ),
    "aws:ec2/routeTableAssociation:RouteTableAssociation": Example(
        lambda made: {
            "routeTableId": made(TABLE, "associated").id,
            "subnetId": made(SUBNET, "associated", cidrBlock="10.0.9.0/24").id,
        },
        replace={"routeTableId": "rtb-0123456789abcdef0"},
    ),
    GROUP: Example(
        lambda made: {"vpcId": made(VPC).id, "description": "Bastion", "tags": {"Name": "b"}},
        replace={"description": "Other"},
    ),
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": Example(
        lambda made: {"vpcId": made(VPC, "for its group").id, "tags": {"Name": "unused"}},
        alone=True,
    ),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": Example(
        lambda made: {
            "securityGroupId": made(GROUP).id,
            "ipProtocol": "tcp",
            "fromPort": 30000,
            "toPort": 32767,
            "cidrIpv4": "10.0.0.0/16",
            "description": "NodePorts",
        },
        update={"fromPort": 31000, "description": "Some NodePorts"},
        replace={"securityGroupId": "sg-0123456789abcdef0"},
    ),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": Example(
        lambda made: {
            "securityGroupId": made(GROUP).id,
            "ipProtocol": "-1",
            "referencedSecurityGroupId": made(GROUP, "other").id,
            "description": "All to the others",
        },
    ),
    TEMPLATE: Example(
        lambda made: {
            "updateDefaultVersion": True,
            "metadataOptions": METADATA,
            "blockDeviceMappings": [{"deviceName": "/dev/xvda", "ebs": _DISK}],
            "tagSpecifications": [{"resourceType": "instance", "tags": {"Name": "node"}}],
        },
        update=HOP,
        unreadable=("updateDefaultVersion",),
    ),
    "aws:ec2/instance:Instance": Example(
        lambda made: {
            "ami": made.image,
            "instanceType": "t3.micro",
            "subnetId": _subnet(made),
            "vpcSecurityGroupIds": [made(GROUP).id],
            "iamInstanceProfile": made(PROFILE).outputs["name"],
            "associatePublicIpAddress": False,
            "metadataOptions": METADATA,
            "rootBlockDevice": {"encrypted": True, "volumeType": "gp3"},
            "tags": {"Name": "bastion"},
        },
        replace={"rootBlockDevice": {"encrypted": False, "volumeType": "gp3"}},
        unreadable=("associatePublicIpAddress",),
    ),
    ROLE: Example(
        lambda made: {"assumeRolePolicy": trust("ec2"), "description": "d", "tags": {"a": "b"}},
        update={"assumeRolePolicy": trust("eks"), "description": "e"},
        replace={"path": "/other/"},
    ),
    POLICY: Example(
        lambda made: {"policy": _allow("s3:GetObject"), "description": "d"},
        update={"policy": _allow("s3:PutObject")},
        replace={"description": "other"},
    ),
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": Example(
        lambda made: {
            "role": made(ROLE).id,
            "policyArn": "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore",
        },
        replace={"policyArn": OTHER_POLICY},
    ),
    "aws:iam/rolePolicy:RolePolicy": Example(
        lambda made: {"role": made(ROLE).id, "policy": _allow("s3:GetObject")},
        update={"policy": _allow("s3:PutObject")},
        replace={"role": "other"},
    ),
    PROFILE: Example(
        lambda made: {"role": made(ROLE).id},
        update={"role": None},
        replace={"path": "/other/"},
    ),
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": Example(
        lambda made: {
            "url": "https://oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE",
            "clientIdLists": ["sts.amazonaws.com"],
        },
        update={"clientIdLists": ["other.example"]},
        replace={"url": "https://oidc.eks.eu-west-1.amazonaws.com/id/OTHER"},
    ),
    KEY: Example(
        lambda made: {
            "description": "d",
            "enableKeyRotation": True,
            "deletionWindowInDays": 7,
            "policy": KEY_POLICY,
        },
        update={"description": "e", "enableKeyRotation": False, "isEnabled": False},
        replace={"keyUsage": "SIGN_VERIFY"},
        unreadable=("deletionWindowInDays",),
    ),
    "aws:kms/alias:Alias": Example(
        lambda made: {"targetKeyId": made(KEY).id},
        replace={"name": "alias/other"},
    ),
    LOGS: Example(
        lambda made: {
            "name": "/aws/eks/x/cluster",
            "retentionInDays": 7,
            "kmsKeyId": made(KEY).outputs["arn"],
        },
        update={"retentionInDays": 0, "kmsKeyId": None},
        replace={"name": "/aws/other"},
    ),
    "aws:ec2/flowLog:FlowLog": Example(
        lambda made: {
            "vpcId": made(VPC).id,
            "trafficType": "ALL",
            "logDestination": made(LOGS, "flows", name="/flows", retentionInDays=7).outputs["arn"],
            "iamRoleArn": _role(made, "vpc-flow-logs"),
        },
        replace={"trafficType": "REJECT"},
    ),
    ZONE: Example(
        lambda made: {"name": "shop.internal", "comment": "c", "tags": {"a": "b"}},
        update={"comment": "d"},
        replace={"name": "example.org"},
    ),
    RECORD: Example(
        lambda made: {
            "zoneId": made(ZONE).id,
            "name": "svc.shop.internal",
            "type": "CNAME",
            "ttl": 60,
            "records": ["lb.example.org"],
        },
        update={"ttl": 30, "records": ["other.example.org"]},
        replace={"name": "svc1.shop.internal"},
    ),
    CERTIFICATE: Example(
        lambda made: {
            "domainName": "unproven.internal",  # so that it stays pending
            "subjectAlternativeNames": ["*.unproven.internal"],
            "validationMethod": "DNS",
            "tags": {"a": "b"},
        },
        replace={"keyAlgorithm": "EC_prime256v1"},
    ),
    VALIDATION: Example(
        _validated,
        replace={"certificateArn": "arn:aws:acm:eu-west-1:123456789012:certificate/other"},
        import_id=lambda made: str(made.inputs["certificateArn"]),
        unreadable=("validationRecordFqdns",),
        alone=True,  # it has no deletion
    ),
    CLUSTER: Example(
        lambda made: {
            "name": "clu",
            "roleArn": _role(made, "eks"),
            "version": "1.35",
            "bootstrapSelfManagedAddons": False,
            "vpcConfig": {
                "subnetIds": _subnets(made),
                "endpointPrivateAccess": True,
                "endpointPublicAccess": True,
                "publicAccessCidrs": ["0.0.0.0/0"],
            },
            "accessConfig": {
                "authenticationMode": "API",
                "bootstrapClusterCreatorAdminPermissions": True,
            },
            "upgradePolicy": {"supportType": "STANDARD"},
            "tags": {"Name": "c"},
        },
        update={"upgradePolicy": {"supportType": "EXTENDED"}},
        replace={"roleArn": OTHER_ROLE},
        unreadable=("bootstrapSelfManagedAddons",),
    ),
    "aws:eks/nodeGroup:NodeGroup": Example(
        lambda made: {
            "clusterName": _cluster(made),
            "nodeRoleArn": _role(made, "ec2"),
            "subnetIds": _subnets(made),
            "amiType": "AL2023_x86_64_STANDARD",
            "instanceTypes": ["t3.medium"],
            "scalingConfig": {"minSize": 2, "desiredSize": 2, "maxSize": 3},
            "updateConfig": {"maxUnavailable": 1},
            "launchTemplate": {"id": made(TEMPLATE).id, "version": "1"},
        },
        update={"scalingConfig": {"minSize": 1, "desiredSize": 1, "maxSize": 3}},
        replace={"instanceTypes": ["t3.large"]},
    ),
    "aws:eks/addon:Addon": Example(
        lambda made: {"clusterName": _cluster(made), "addonName": "vpc-cni"},
        replace={"addonName": "coredns"},
    ),
    ENTRY: Example(
        lambda made: {"clusterName": _cluster(made), "principalArn": made(ROLE).outputs["arn"]},
        update={"kubernetesGroups": ["viewers"]},
        replace={"principalArn": OTHER_ROLE},
    ),
    "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": Example(
        lambda made: {
            "clusterName": _cluster(made),
            "principalArn": made(
                ENTRY, "associated", principalArn=made(ROLE, "associated").outputs["arn"]
            ).inputs["principalArn"],
            "policyArn": "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy",
            "accessScope": {"type": "namespace", "namespaces": ["default"]},
        },
        replace={"accessScope": {"type": "cluster"}},
    ),
    WEB_ACL: Example(
        lambda made: {**_web_acl("AWSManagedRulesCommonRuleSet"), "tags": {"a": "b"}},
        update=_web_acl("AWSManagedRulesSQLiRuleSet"),
        replace={"name": "another"},
        import_id=lambda made: f"{made.id}/{made.inputs['name']}/REGIONAL",
    ),
    BUCKET: Example(
        lambda made: {"forceDestroy": True, "tags": {"a": "b"}},
        replace={"bucket": "another-bucket"},
        unreadable=("forceDestroy",),
    ),
    "aws:s3/bucketPolicy:BucketPolicy": Example(
        lambda made: {
            "bucket": made(BUCKET, "of-policy", bucket="of-policy-bucket").id,
            "policy": _bucket_policy("156460612806"),
        },
        update={"policy": _bucket_policy("652711504416")},
        replace={"bucket": "another-bucket"},
    ),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": (
        Example(
            lambda made: {
                "bucket": _bucket(made, "encrypted"),
                "rules": [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}],
            },
            update={"rules": [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms"}}]},
            replace={"bucket": "another-bucket"},
            alone=True,
        )
    ),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": Example(
        lambda made: {"bucket": _bucket(made, "with-lifecycle"), **_lifecycle(30)},
        update=_lifecycle(90),
        replace={"bucket": "another-bucket"},
    ),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": Example(
        lambda made: {"bucket": _bucket(made, "not-public"), "blockPublicPolicy": True},
        update={"blockPublicAcls": True},
        replace={"bucket": "another-bucket"},
    ),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": Example(
        lambda made: {
            "bucket": _bucket(made, "owned"),
            "rule": {"objectOwnership": "BucketOwnerEnforced"},
        },
        replace={"bucket": "another-bucket"},
    ),
    "aws:eks/podIdentityAssociation:PodIdentityAssociation": Example(
        lambda made: {
            "clusterName": _cluster(made),
            "namespace": "kube-system",
            "serviceAccount": "aws-load-balancer-controller",
            "roleArn": made(ROLE, "pod", assumeRolePolicy=POD_TRUST).outputs["arn"],
        },
        replace={"namespace": "other"},
        import_id=lambda made: f"{made.inputs['clusterName']},{made.id}",
    ),
}
