"""Users with no more rights than docs/policies gives, and what those policies need on AWS only."""

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from localcloud.aws.accounts import iam_arn
from tests.cloud.conftest import CHECKOUT, Cloud

POLICIES = CHECKOUT / "docs" / "policies"
# What the run on the local cloud does not call. The official providers read more of a resource than
# ours, and tagging what is created is an action of its own: see the pages of each service in
# docs.aws.amazon.com/service-authorization/latest/reference
ON_AWS: dict[str, dict[str, tuple[str, ...]]] = {
    "deployer": {
        "tags, given at creation": (
            "acm:AddTagsToCertificate",
            "eks:TagResource",
            "iam:TagInstanceProfile",
            "iam:TagOpenIDConnectProvider",
            "iam:TagPolicy",
            "iam:TagRole",
            "kms:TagResource",
            "logs:TagResource",
            "route53:ChangeTagsForResource",
            "wafv2:TagResource",
        ),
        "tags, read and changed": (
            "acm:RemoveTagsFromCertificate",
            "ec2:DeleteTags",
            "eks:ListTagsForResource",
            "eks:UntagResource",
            "iam:UntagInstanceProfile",
            "iam:UntagOpenIDConnectProvider",
            "iam:UntagPolicy",
            "iam:UntagRole",
            "kms:UntagResource",
            "logs:UntagResource",
            "wafv2:UntagResource",
        ),
        "reads of terraform-provider-aws": (
            "ec2:DescribeAddressesAttribute",
            "ec2:DescribeIamInstanceProfileAssociations",
            "ec2:DescribeInstanceAttribute",
            "ec2:DescribeInstanceCreditSpecifications",
            "ec2:DescribeInstanceTypes",
            "ec2:DescribeNetworkInterfaces",
            "ec2:DescribePrefixLists",
            "ec2:DescribeTags",
            "iam:ListInstanceProfilesForRole",
            "iam:ListRolePolicies",
            "route53:GetChange",
            "s3:GetAccelerateConfiguration",
            "s3:GetBucketAcl",
            "s3:GetBucketCORS",
            "s3:GetBucketLocation",
            "s3:GetBucketLogging",
            "s3:GetBucketObjectLockConfiguration",
            "s3:GetBucketRequestPayment",
            "s3:GetBucketVersioning",
            "s3:GetBucketWebsite",
            "s3:GetReplicationConfiguration",
        ),
        "what dev and prod have and local does not": (
            "acm:DeleteCertificate",
            "acm:DescribeCertificate",
            "acm:ListTagsForCertificate",
            "acm:RequestCertificate",
            "ec2:CreateFlowLogs",
            "ec2:DeleteFlowLogs",
            "ec2:DescribeFlowLogs",
            "eks:AssociateAccessPolicy",
            "eks:CreateAccessEntry",
            "eks:CreatePodIdentityAssociation",
            "eks:DeleteAccessEntry",
            "eks:DeletePodIdentityAssociation",
            "eks:DescribeAccessEntry",
            "eks:DescribePodIdentityAssociation",
            "eks:DisassociateAccessPolicy",
            "eks:ListAssociatedAccessPolicies",
            "eks:ListPodIdentityAssociations",
            "iam:DeleteRolePolicy",
            "iam:GetRolePolicy",
            "iam:PutRolePolicy",
            "logs:DeleteLogGroup",
            "route53:CreateHostedZone",
            "route53:DeleteHostedZone",
            "route53:ListTagsForResource",
            "s3:CreateBucket",
            "s3:DeleteBucket",
            "s3:DeleteBucketPolicy",
            "s3:DeleteObject",
            "s3:DeleteObjectVersion",
            "s3:GetBucketPolicy",
            "s3:GetBucketPublicAccessBlock",
            "s3:GetBucketTagging",
            "s3:GetEncryptionConfiguration",
            "s3:GetLifecycleConfiguration",
            "s3:ListBucket",
            "s3:ListBucketVersions",
            "s3:PutBucketPolicy",
            "s3:PutBucketPublicAccessBlock",
            "s3:PutBucketTagging",
            "s3:PutEncryptionConfiguration",
            "s3:PutLifecycleConfiguration",
            "ssm:StartSession",
            "ssm:TerminateSession",
            "wafv2:CreateWebACL",
            "wafv2:DeleteWebACL",
            "wafv2:GetWebACL",
            "wafv2:ListTagsForResource",
        ),
        "changes of a stack": (
            "ec2:CreateLaunchTemplateVersion",
            "ec2:ModifyLaunchTemplate",
            "ec2:ModifySubnetAttribute",
            "ec2:ModifyVpcEndpoint",
            "ec2:ReplaceRoute",
            "eks:DescribeUpdate",
            "eks:UpdateAccessEntry",
            "eks:UpdateAddon",
            "eks:UpdateClusterConfig",
            "eks:UpdateClusterVersion",
            "eks:UpdateNodegroupConfig",
            "eks:UpdateNodegroupVersion",
            "eks:UpdatePodIdentityAssociation",
            "iam:CreatePolicyVersion",
            "iam:DeletePolicyVersion",
            "iam:UpdateAssumeRolePolicy",
            "kms:PutKeyPolicy",
            "wafv2:UpdateWebACL",
        ),
        "roles of AWS's own services, once per account": ("iam:CreateServiceLinkedRole",),
        # docs.aws.amazon.com/eks/latest/userguide/enable-kms.html
        "encryption of Secrets": ("kms:CreateGrant",),
    },
    "checks": {"the tunnel to a private API": ("ssm:StartSession", "ssm:TerminateSession")},
}


def actions(document: dict[str, Any]) -> set[str]:
    """The actions of a policy document."""
    return {action for statement in document["Statement"] for action in statement["Action"]}


def documented(name: str) -> dict[str, Any]:
    return dict(json.loads((POLICIES / f"{name}.json").read_text()))


def user(cloud: Cloud, name: str) -> Cloud:
    """The cloud for a new user with a policy of docs/policies, and for nobody's rights else."""
    iam = cloud.client("iam")
    iam.create_user(UserName=name)
    document = json.dumps(documented(name))
    made = iam.create_policy(PolicyName=name, PolicyDocument=document)["Policy"]
    iam.attach_user_policy(UserName=name, PolicyArn=made["Arn"])
    key = iam.create_access_key(UserName=name)["AccessKey"]
    keys = {
        "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
    }
    return replace(cloud, keys=keys)


def administers(cloud: Cloud, name: str, cluster: str) -> None:
    """Let a user use a cluster that another one has created."""
    entry = {"clusterName": cluster, "principalArn": iam_arn(f"user/{name}")}
    policy = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"
    eks = cloud.client("eks")
    eks.create_access_entry(**entry)
    eks.associate_access_policy(**entry, policyArn=policy, accessScope={"type": "cluster"})


def unneeded(cloud: Cloud, name: str) -> set[str]:
    """What the policy of a user allows and neither the run nor AWS needs."""
    shown = cloud.localcloud("policy", iam_arn(f"user/{name}")).stdout
    only_on_aws: Iterable[str] = (each for group in ON_AWS[name].values() for each in group)
    return actions(documented(name)) - actions(json.loads(shown)) - set(only_on_aws)
