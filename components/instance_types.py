"""Instance types: whether a stack's region offers those that its settings name."""

from collections.abc import Collection

import pulumi
import pulumi_aws as aws


def check_instance_type(key: str, instance_type: str) -> None:
    """Look up, in the preview too, whether the region has the type that a setting names.

    Raises pulumi.RunError with the setting and the way out when it has not.
    """
    found = aws.ec2.get_instance_type_offerings(
        filters=[{"name": "instance-type", "values": [instance_type]}]
    )
    try:
        require_offered(key, instance_type, found.instance_types, found.region)
    except ValueError as missing:
        raise pulumi.RunError(str(missing)) from None


def require_offered(key: str, instance_type: str, offered: Collection[str], region: str) -> None:
    """Raises ValueError unless the type is one of those that the region offers."""
    if instance_type not in offered:
        raise ValueError(
            f"{key} is {instance_type}: must be an EC2 instance type that {region} offers; "
            f"aws ec2 describe-instance-type-offerings --region {region} lists them"
        )
