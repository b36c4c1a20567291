"""The volumes of instances: which end with their instance, and the key that encrypts them."""

from collections.abc import Iterable
from typing import Any

from moto.ec2.models import EC2Backend
from moto.ec2.responses.instances import InstanceResponse
from moto.kms.models import kms_backends

from localcloud.aws.accounts import ACCOUNT

Mapping = dict[str, Any]  # a block device mapping by botocore's names
_parse = InstanceResponse._parse_block_device_mapping


def given_mappings(response: InstanceResponse) -> list[Mapping]:
    """In place of moto's own parser, which takes a missing DeleteOnTermination for False."""
    parsed = _parse(response)
    given = response._get_param("BlockDeviceMappings", [])
    for asked, mapping in zip(given, parsed, strict=True):
        mapping["Ebs"]["DeleteOnTermination"] = asked.get("Ebs", {}).get("DeleteOnTermination")
    return parsed


def completed(mappings: Iterable[Mapping], root_device: str) -> list[Mapping]:
    """Mappings that say whether a volume ends with its instance; a root device does by default."""
    made = []
    for mapping in mappings:
        ebs = dict(mapping.get("Ebs") or {})
        if ebs.get("DeleteOnTermination") is None:
            ebs["DeleteOnTermination"] = mapping["DeviceName"] == root_device
        made.append({**mapping, "Ebs": ebs})
    return made


class Volumes(EC2Backend):
    """The part of the backend that keeps volumes."""

    def root_device(self, image_id: str) -> str | None:
        """The name of an image's root device."""
        image = self.amis.get(image_id)
        return image.root_device_name if image else None

    def _create_default_encryption_key(self) -> str:
        """AWS's own key, which moto takes for a customer's."""
        arn = super()._create_default_encryption_key()
        kms_backends[ACCOUNT][self.region_name].describe_key(arn).key_manager = "AWS"
        return arn
