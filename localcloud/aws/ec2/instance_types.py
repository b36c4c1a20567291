"""The instance types that each region offers: moto's list, with AWS's filters."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from moto.ec2.models import EC2Backend
from moto.ec2.models.instance_types import INSTANCE_TYPE_OFFERINGS, INSTANCE_TYPES
from moto.ec2.models.instances import Instance, Reservation

from localcloud.aws.errors import AwsError

FILTERS = {"instance-type": "InstanceType", "location": "Location"}


def architectures(instance_type: str) -> list[str]:
    """The processor architectures of an instance type, such as x86_64."""
    return list(INSTANCE_TYPES[instance_type]["ProcessorInfo"]["SupportedArchitectures"])


def _fits(value: str, patterns: Sequence[str]) -> bool:
    """Whether a value matches one of a filter's patterns, with * and ?."""
    wanted = (re.escape(each).replace(r"\*", ".*").replace(r"\?", ".") for each in patterns)
    return any(re.fullmatch(each, value) for each in wanted)


class InstanceTypes(EC2Backend):
    """The instance types of a region."""

    def describe_instance_type_offerings(
        self, location_type: str | None = None, filters: Mapping[str, Sequence[str]] | None = None
    ) -> list[dict[str, str]]:
        """Raises AwsError for a filter that AWS does not have."""
        for name in filters or {}:
            if name not in FILTERS:
                raise AwsError("InvalidParameterValue", f"The filter '{name}' is invalid")
        offerings = INSTANCE_TYPE_OFFERINGS.get(location_type or "region", {})
        return [
            each
            for each in offerings.get(self.region_name, [])
            if all(_fits(each[FILTERS[name]], given) for name, given in (filters or {}).items())
        ]

    def offers(self, instance_type: str) -> bool:
        """Whether the region has the type."""
        found = INSTANCE_TYPE_OFFERINGS["region"].get(self.region_name, [])
        return any(each["InstanceType"] == instance_type for each in found)

    def _check_type(self, instance_type: str) -> None:
        if not self.offers(instance_type):
            message = f"Invalid value '{instance_type}' for InstanceType."
            raise AwsError("InvalidParameterValue", message)

    def run_instances(self, *args: Any, **kwargs: Any) -> Reservation:
        if not kwargs["is_instance_type_default"]:
            self._check_type(kwargs["instance_type"])
        return super().run_instances(*args, **kwargs)

    def modify_instance_attribute(self, instance_id: str, key: str, value: Any) -> Instance:
        if key == "instance_type":
            self._check_type(value)
        return super().modify_instance_attribute(instance_id, key, value)
