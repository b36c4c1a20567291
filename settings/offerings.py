"""What the stack's region offers, looked up before any resource is made."""

from collections.abc import Collection

import pulumi_aws as aws

from settings.reader import refuse


def require_instance_types(types: dict[str, str]) -> None:
    """Raises pulumi.RunError for a type that the region does not offer; `types` are by setting."""
    found = aws.ec2.get_instance_type_offerings(
        filters=[{"name": "instance-type", "values": sorted(set(types.values()))}]
    )
    for key, instance_type in types.items():
        _require(key, instance_type, found.instance_types, found.region)


def _require(key: str, instance_type: str, offered: Collection[str], region: str) -> None:
    if instance_type not in offered:
        rule = (
            f"must be an EC2 instance type that {region} offers; "
            f"aws ec2 describe-instance-type-offerings --region {region} lists them"
        )
        refuse(key, instance_type, rule)
