"""The one account of the cloud, and its administrator."""

ACCOUNT = "123456789012"
PARTITION = "aws"
DEVELOPER = "developer"  # the user whose access key `localcloud env` gives


def iam_arn(resource: str) -> str:
    """The ARN of an IAM resource of the account, such as "role/name"."""
    return f"arn:{PARTITION}:iam::{ACCOUNT}:{resource}"


def arn(service: str, region: str, resource: str) -> str:
    """The ARN of a regional resource of the account."""
    return f"arn:{PARTITION}:{service}:{region}:{ACCOUNT}:{resource}"
