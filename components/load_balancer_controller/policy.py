"""The IAM policy of the AWS Load Balancer Controller, by release: a pure function.

Source: docs/install/iam_policy.json of the controller's own repository at the release's tag.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from components.load_balancer_controller.releases import PolicyVersion
from components.policies import PolicyDocument, document

_TAG = "elbv2.k8s.aws/cluster"  # on all that a controller makes
# In a condition, Null "false" means that the key is present.
_SETS_CLUSTER_TAG = {"Null": {f"aws:RequestTag/{_TAG}": "false"}}
_HAS_CLUSTER_TAG = {"Null": {f"aws:ResourceTag/{_TAG}": "false"}}
_KEEPS_CLUSTER_TAG = {
    "Null": {f"aws:RequestTag/{_TAG}": "true", f"aws:ResourceTag/{_TAG}": "false"}
}
_SECURITY_GROUPS = "arn:aws:ec2:*:*:security-group/*"
_ELB = "arn:aws:elasticloadbalancing:*:*"
_TARGET_GROUPS = f"{_ELB}:targetgroup/*/*"
_BALANCERS = [_TARGET_GROUPS, f"{_ELB}:loadbalancer/net/*/*", f"{_ELB}:loadbalancer/app/*/*"]
_LISTENERS = [
    f"{_ELB}:{kind}/{family}/*/*/*"
    for kind in ("listener", "listener-rule")
    for family in ("net", "app")
]

_EC2_READS = [
    "DescribeAccountAttributes",
    "DescribeAddresses",
    "DescribeAvailabilityZones",
    "DescribeInternetGateways",
    "DescribeVpcs",
    "DescribeVpcPeeringConnections",
    "DescribeSubnets",
    "DescribeSecurityGroups",
    "DescribeInstances",
    "DescribeNetworkInterfaces",
    "DescribeTags",
    "GetCoipPoolUsage",
    "DescribeCoipPools",
]
_ELB_READS = [
    "DescribeLoadBalancers",
    "DescribeLoadBalancerAttributes",
    "DescribeListeners",
    "DescribeListenerCertificates",
    "DescribeSSLPolicies",
    "DescribeRules",
    "DescribeTargetGroups",
    "DescribeTargetGroupAttributes",
    "DescribeTargetHealth",
    "DescribeTags",
]
_ELB_CHANGES = [
    "ModifyLoadBalancerAttributes",
    "SetIpAddressType",
    "SetSecurityGroups",
    "SetSubnets",
    "DeleteLoadBalancer",
    "ModifyTargetGroup",
    "ModifyTargetGroupAttributes",
    "DeleteTargetGroup",
]
_LISTENER_CHANGES = [
    "SetWebAcl",
    "ModifyListener",
    "AddListenerCertificates",
    "RemoveListenerCertificates",
    "ModifyRule",
]
_OTHER_SERVICES = [
    "cognito-idp:DescribeUserPoolClient",
    "acm:ListCertificates",
    "acm:DescribeCertificate",
    "iam:ListServerCertificates",
    "iam:GetServerCertificate",
    *(
        f"{waf}:{action}"
        for waf in ("waf-regional", "wafv2")
        for action in (
            "GetWebACL",
            "GetWebACLForResource",
            "AssociateWebACL",
            "DisassociateWebACL",
        )
    ),
    "shield:GetSubscriptionState",
    "shield:DescribeProtection",
    "shield:CreateProtection",
    "shield:DeleteProtection",
]

# What 2.13 added to the lists above.
_EC2_READS_2_13 = ["GetSecurityGroupsForVpc", "DescribeIpamPools", "DescribeRouteTables"]
_ELB_READS_2_13 = [
    "DescribeTrustStores",
    "DescribeListenerAttributes",
    "DescribeCapacityReservation",
]
_ELB_CHANGES_2_13 = ["ModifyListenerAttributes", "ModifyCapacityReservation", "ModifyIpPools"]
_LISTENER_CHANGES_2_13 = ["SetRulePriorities"]


def controller_policy(version: PolicyVersion) -> PolicyDocument:
    """The IAM policy document of this version, as published."""
    new = version is PolicyVersion.V2_13
    reads = [
        *_of("ec2", [*_EC2_READS, *(_EC2_READS_2_13 if new else [])]),
        *_of("elasticloadbalancing", [*_ELB_READS, *(_ELB_READS_2_13 if new else [])]),
    ]
    changes = [*_ELB_CHANGES, *(_ELB_CHANGES_2_13 if new else [])]
    listener_changes = [*_LISTENER_CHANGES, *(_LISTENER_CHANGES_2_13 if new else [])]
    return document(
        [
            _allow(
                ["iam:CreateServiceLinkedRole"],
                condition={
                    "StringEquals": {"iam:AWSServiceName": "elasticloadbalancing.amazonaws.com"}
                },
            ),
            _allow(reads),
            _allow(_OTHER_SERVICES),
            *_security_group_statements(),
            *_load_balancer_statements(changes, listener_changes),
            *([_tag_on_creation()] if new else []),
        ]
    )


def _security_group_statements() -> list[dict[str, Any]]:
    created = {"StringEquals": {"ec2:CreateAction": "CreateSecurityGroup"}, **_SETS_CLUSTER_TAG}
    rules = ["ec2:AuthorizeSecurityGroupIngress", "ec2:RevokeSecurityGroupIngress"]
    return [
        _allow(rules),  # the nodes' group is not the controller's own, so no tag can narrow this
        _allow(["ec2:CreateSecurityGroup"]),
        _allow(["ec2:CreateTags"], _SECURITY_GROUPS, created),
        _allow(["ec2:CreateTags", "ec2:DeleteTags"], _SECURITY_GROUPS, _KEEPS_CLUSTER_TAG),
        _allow([*rules, "ec2:DeleteSecurityGroup"], condition=_HAS_CLUSTER_TAG),
    ]


def _load_balancer_statements(
    changes: Sequence[str], listener_changes: Sequence[str]
) -> list[dict[str, Any]]:
    def elb(*actions: str) -> list[str]:
        return _of("elasticloadbalancing", actions)

    tags = elb("AddTags", "RemoveTags")
    return [
        _allow(elb("CreateLoadBalancer", "CreateTargetGroup"), condition=_SETS_CLUSTER_TAG),
        _allow(elb("CreateListener", "DeleteListener", "CreateRule", "DeleteRule")),
        _allow(tags, _BALANCERS, _KEEPS_CLUSTER_TAG),
        _allow(tags, _LISTENERS),
        _allow(elb(*changes), condition=_HAS_CLUSTER_TAG),
        _allow(elb("RegisterTargets", "DeregisterTargets"), _TARGET_GROUPS),
        _allow(elb(*listener_changes)),
    ]


def _tag_on_creation() -> dict[str, Any]:
    """Since 2023 AWS requires AddTags to create a load balancer with tags."""
    created = {"elasticloadbalancing:CreateAction": ["CreateTargetGroup", "CreateLoadBalancer"]}
    return _allow(
        ["elasticloadbalancing:AddTags"], _BALANCERS, {"StringEquals": created, **_SETS_CLUSTER_TAG}
    )


def _of(service: str, actions: Sequence[str]) -> list[str]:
    return [f"{service}:{action}" for action in actions]


def _allow(
    actions: Sequence[str],
    resource: str | Sequence[str] = "*",
    condition: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    statement: dict[str, Any] = {"Effect": "Allow", "Action": actions, "Resource": resource}
    return statement if condition is None else {**statement, "Condition": condition}
