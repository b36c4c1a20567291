"""Availability zones: which of a region's zones a stack uses."""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

# EKS puts no control plane in these zones (of us-east-1, us-west-1 and ca-central-1). The ids are
# the same in every account, the names (us-east-1e ...) are not.
ZONE_IDS_WITHOUT_EKS = frozenset({"use1-az3", "usw1-az2", "cac1-az3"})


def find_zones(count: int) -> tuple[str, ...]:
    """The names of the stack's zones in its region; pulumi.RunError when there are too few."""
    # No filter on `state`: a zone impaired for an hour must not replace the subnets. The filter on
    # opt-in leaves out Local Zones, where EKS has no control plane.
    found = aws.get_availability_zones(
        filters=[{"name": "opt-in-status", "values": ["opt-in-not-required"]}]
    )
    try:
        return pick_zones(found.names, found.zone_ids, count)
    except ValueError as too_few:
        raise pulumi.RunError(str(too_few)) from None


def pick_zones(names: Sequence[str], zone_ids: Sequence[str], count: int) -> tuple[str, ...]:
    """The first `count` zone names that EKS serves; names and ids are parallel.

    Raises ValueError when the region has fewer.
    """
    served = [
        name
        for name, zone_id in zip(names, zone_ids, strict=True)
        if zone_id not in ZONE_IDS_WITHOUT_EKS
    ]
    if len(served) < count:
        raise ValueError(
            f"zone-count is {count}, but the region has {len(served)} zones for EKS: "
            f"{', '.join(served) or 'none'}"
        )
    return tuple(served[:count])
