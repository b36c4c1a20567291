"""What AWS and the providers answer to the program in tests."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

BALANCER = "lb-0123456789.elb.eu-west-1.amazonaws.com"
ACCOUNT = "123456789012"
TODAY = datetime.now(UTC).date()
KEY_ARN = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/k-1"
CALLER = f"arn:aws:sts::{ACCOUNT}:assumed-role/deployer/me"
ZONES = ("eu-west-1a", "eu-west-1b", "eu-west-1c")
CALLS: dict[str, dict[str, Any]] = {
    "aws:index/getAvailabilityZones:getAvailabilityZones": {
        "names": ZONES,
        "zoneIds": ("euw1-az1", "euw1-az2", "euw1-az3"),
    },
    "pulumi:pulumi:readStackOutputs": {"outputs": {"bastion_instance_id": "i-0123456789"}},
    "aws:ec2/getSecurityGroups:getSecurityGroups": {"ids": [], "arns": [], "vpcIds": []},
    "aws:index/getCallerIdentity:getCallerIdentity": {"accountId": ACCOUNT, "arn": CALLER},
    "aws:eks/getClusterVersions:getClusterVersions": {
        "clusterVersions": [
            {"clusterVersion": version, "endOfStandardSupportDate": f"{end}T00:00:00Z"}
            for version, end in (("1.34", TODAY + timedelta(60)), ("1.35", TODAY + timedelta(61)))
        ]
    },
    "aws:cloudwatch/getLogGroups:getLogGroups": {"logGroupNames": []},
    "aws:cloudwatch/getLogGroup:getLogGroup": {"kmsKeyId": KEY_ARN},
    "aws:eks/getClusters:getClusters": {"names": []},
    "aws:eks/getCluster:getCluster": {"tags": {}, "version": "1.35"},
    "aws:ec2/getAmi:getAmi": {"id": "ami-0123456789"},
    "aws:ec2/getInstanceTypeOfferings:getInstanceTypeOfferings": {
        "instanceTypes": ("t3.micro", "t3.small", "t3.medium", "m6i.large"),
        "region": "eu-west-1",
    },
    "aws:eks/getAddonVersion:getAddonVersion": {"version": "v1.2.3-eksbuild.1"},
    "aws:ssm/getParameter:getParameter": {"insecureValue": "1.35.4-20261101"},
    "aws:iam/getRole:getRole": {"path": "/"},
    "aws:route53/getZone:getZone": {"zoneId": "Z0LOOKEDUP", "nameServers": ["ns-1.example"]},
}
API = "0123456789.gr7.eu-west-1.eks.amazonaws.com"
NO_ZONE, NO_ROLE = "nowhere.net", "nobody"
# What the provider says of these names.
MISSING = {
    NO_ZONE: "no matching Route 53 Hosted Zone found",
    NO_ROLE: f"reading IAM Role ({NO_ROLE}): couldn't find resource",
}
CLUSTERS = [{"cluster": {"server": f"https://{API}"}}]
STATUS = {"loadBalancer": {"ingress": [{"hostname": BALANCER}]}}
# What a provider adds to the inputs of a type.
OUTPUTS: dict[str, dict[str, Any]] = {
    "eks:index:Cluster": {
        "kubeconfigJson": json.dumps({"clusters": CLUSTERS}),
        "clusterSecurityGroupId": "sg-of-eks",
        "oidcProviderArn": f"arn:aws:iam::{ACCOUNT}:oidc-provider/issuer.example/id/ABC",
        "oidcIssuer": "issuer.example/id/ABC",
    },
    "aws:ec2/launchTemplate:LaunchTemplate": {"latestVersion": 1},
    "aws:s3/bucket:Bucket": {"bucket": "logs-0123456"},
    "aws:route53/zone:Zone": {"zoneId": "Z0MADE", "nameServers": ["ns-1.example"]},
}
