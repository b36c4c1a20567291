"""Who administers the cluster: its creator always does, by an access entry that EKS makes."""

import pulumi
import pulumi_aws as aws

from components.cluster import CREATED_BY, AccessEntry
from settings.reader import refuse

ADMINISTRATOR = "AmazonEKSClusterAdminPolicy"


def find_creator(cluster: aws.eks.GetClusterResult | None) -> str:
    """The ARN of the IAM principal that made the cluster or, with none, will: the caller.

    "" for a cluster that does not say so in its tags.
    """
    if cluster:
        return cluster.tags.get(CREATED_BY, "")
    return principal_of(aws.get_caller_identity().arn)


def principal_of(caller_arn: str) -> str:
    """The IAM ARN of a caller: of the role, without its path, for a session of a role."""
    account, _, name = caller_arn.partition("sts::")[2].partition(":assumed-role/")
    if not name:
        return caller_arn
    return f"arn:aws:iam::{account}:role/{name.partition('/')[0]}"


def without_creator(entries: tuple[AccessEntry, ...], creator: str) -> tuple[AccessEntry, ...]:
    """The entries of others: EKS refuses a second entry of the creator.

    Raises pulumi.RunError if the creator's grants less than EKS does.
    """
    others = []
    for entry in entries:
        if _without_path(entry.principal_arn) != _without_path(creator):
            others.append(entry)
        elif entry.policy != ADMINISTRATOR or entry.namespaces:
            rule = f"is the cluster's creator, whom EKS makes administrator; leave out {entry.name}"
            refuse("access-entries", entry.principal_arn, rule)
        else:
            pulumi.log.info(f"no access entry {entry.name} is made: EKS made one for the creator")
    return tuple(others)


def _without_path(arn: str) -> str:
    kind, _, name = arn.partition(":role/")
    return f"{kind}:role/{name.rpartition('/')[2]}" if name else arn
