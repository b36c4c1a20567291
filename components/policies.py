"""IAM and key policy documents: pure functions that return the document as data."""

from collections.abc import Sequence
from typing import Any

PolicyDocument = dict[str, Any]


def document(statements: Sequence[dict[str, Any]]) -> PolicyDocument:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def managed_policy_arn(name: str) -> str:
    """The ARN of a policy that AWS manages, such as AmazonSSMManagedInstanceCore."""
    return f"arn:aws:iam::aws:policy/{name}"


def service_trust(service: str) -> PolicyDocument:
    """Who may assume a role: one AWS service, such as ec2.amazonaws.com."""
    return document(
        [{"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}]
    )


def flow_logs_trust(account_id: str) -> PolicyDocument:
    """Who may assume a role: VPC flow logs, for this account's VPCs alone."""
    trust = service_trust("vpc-flow-logs.amazonaws.com")
    trust["Statement"][0]["Condition"] = {"StringEquals": {"aws:SourceAccount": account_id}}
    return trust


def web_identity_trust(
    *, provider_arn: str, issuer: str, namespace: str, service_account: str
) -> PolicyDocument:
    """Who may assume a role: one service account of the cluster behind an OIDC issuer (IRSA).

    `issuer` is the issuer's URL without https://.
    """
    condition = {
        f"{issuer}:aud": "sts.amazonaws.com",
        f"{issuer}:sub": f"system:serviceaccount:{namespace}:{service_account}",
    }
    return document(
        [
            {
                "Effect": "Allow",
                "Principal": {"Federated": provider_arn},
                "Action": "sts:AssumeRoleWithWebIdentity",
                "Condition": {"StringEquals": condition},
            }
        ]
    )


def pod_identity_trust(*, cluster: str, namespace: str, service_account: str) -> PolicyDocument:
    """Who may assume a role: one service account of one cluster, through EKS Pod Identity."""
    # EKS sets these session tags itself; without the condition, any cluster of the account could
    # be given the role.
    condition = {
        "aws:RequestTag/eks-cluster-name": cluster,
        "aws:RequestTag/kubernetes-namespace": namespace,
        "aws:RequestTag/kubernetes-service-account": service_account,
    }
    return document(
        [
            {
                "Effect": "Allow",
                "Principal": {"Service": "pods.eks.amazonaws.com"},
                "Action": ["sts:AssumeRole", "sts:TagSession"],
                "Condition": {"StringEquals": condition},
            }
        ]
    )


def key_policy(*, account_id: str, region: str, log_group: str) -> PolicyDocument:
    """Who may use a cluster's key: the account's own IAM, and CloudWatch Logs for one log group."""
    log_group_arn = f"arn:aws:logs:{region}:{account_id}:log-group:{log_group}"
    return document(
        [
            {
                # Without it no principal, not even the root user, could change or delete the key.
                "Sid": "AccountDecidesByIam",
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{account_id}:root"},
                "Action": "kms:*",
                "Resource": "*",
            },
            {
                "Sid": "LogsOfTheControlPlane",
                "Effect": "Allow",
                "Principal": {"Service": f"logs.{region}.amazonaws.com"},
                "Action": [
                    "kms:Encrypt*",
                    "kms:Decrypt*",
                    "kms:ReEncrypt*",
                    "kms:GenerateDataKey*",
                    "kms:Describe*",
                ],
                "Resource": "*",
                "Condition": {"ArnEquals": {"kms:EncryptionContext:aws:logs:arn": log_group_arn}},
            },
        ]
    )
