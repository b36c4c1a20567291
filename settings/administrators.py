"""Who administers the cluster: its creator always does, by an access entry that EKS makes."""

import pulumi
import pulumi_aws as aws

from components.cluster import CREATED_BY, AccessEntry
from settings.reader import refuse

ADMINISTRATOR = "AmazonEKSClusterAdminPolicy"


def find_creator(cluster: aws.eks.GetClusterResult | None) -> str:
    """The ARN of the IAM principal that created the cluster, by its tag CREATED_BY, or "" if it has
    no such tag; that of the caller if there is no cluster yet."""
    if cluster:
        return cluster.tags.get(CREATED_BY, "")
    return principal_of(aws.get_caller_identity().arn)


def principal_of(caller_arn: str) -> str:
    """The IAM ARN of a caller; for a role's session, the ARN of the role, without its path."""
    account, _, name = caller_arn.partition("sts::")[2].partition(":assumed-role/")
    if not name:
        return caller_arn
    return f"arn:aws:iam::{account}:role/{name.partition('/')[0]}"


def without_creator(entries: tuple[AccessEntry, ...], creator: str) -> tuple[AccessEntry, ...]:
    """The entries but that of the creator: EKS makes one itself, and refuses a second.

    Raises pulumi.RunError if the creator's entry grants less than the one that EKS makes.
    """
    others = []
    for entry in entries:
        if _without_path(entry.principal_arn) != _without_path(creator):
            others.append(entry)
        elif entry.policy != ADMINISTRATOR or entry.namespaces:
            rule = f"is the cluster's creator, whom EKS makes administrator; leave out {entry.name}"
            refuse("access-entries", entry.principal_arn, rule)
        else:
            pulumi.log.info(f"access entry {entry.name} is left out: EKS makes one for the creator")
    return tuple(others)


def require_roles(entries: tuple[AccessEntry, ...]) -> None:
    """Raises pulumi.RunError for an entry of a role that does not exist, which EKS refuses only
    after the cluster is made. Roles of other accounts cannot be looked up."""
    roles = [each for each in entries if ":role/" in each.principal_arn]
    account = aws.get_caller_identity().account_id if roles else ""
    for each in roles:
        prefix, _, name = each.principal_arn.rpartition("/")
        if prefix.startswith(f"arn:aws:iam::{account}:") and not _exists(name):
            rule = f"the account has no such role: create it, or leave {each.name} out"
            refuse("access-entries", each.principal_arn, rule)


def _exists(role: str) -> bool:
    try:
        aws.iam.get_role(name=role)
    except Exception as error:  # the SDK has no other class for it
        if "couldn't find resource" not in str(error) and "NoSuchEntity" not in str(error):
            raise
        return False
    return True


def _without_path(arn: str) -> str:
    kind, _, name = arn.partition(":role/")
    return f"{kind}:role/{name.rpartition('/')[2]}" if name else arn
