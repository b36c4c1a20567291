"""The volumes of instances: which are deleted with them, and the key that encrypts them."""

from collections.abc import Iterable
from typing import Any

from moto.ec2.models import EC2Backend
from moto.ec2.responses.instances import InstanceResponse
from moto.kms.models import kms_backends

from localcloud.aws.accounts import ACCOUNT

BlockDeviceMapping = dict[str, Any]  # a block device mapping by botocore's names
_parse = InstanceResponse._parse_block_device_mapping


def given_mappings(response: InstanceResponse) -> list[BlockDeviceMapping]:
    """Replaces moto's parser, which reads a missing DeleteOnTermination as False."""
    parsed = _parse(response)
    given = response._get_param("BlockDeviceMappings", [])
    for asked, mapping in zip(given, parsed, strict=True):
        mapping["Ebs"]["DeleteOnTermination"] = asked.get("Ebs", {}).get("DeleteOnTermination")
    return parsed


def completed(mappings: Iterable[BlockDeviceMapping], root_device: str) -> list[BlockDeviceMapping]:
    """Mappings with DeleteOnTermination, which is true by default for the root device only."""
    made = []
    for mapping in mappings:
        ebs = dict(mapping.get("Ebs") or {})
        if ebs.get("DeleteOnTermination") is None:
            ebs["DeleteOnTermination"] = mapping["DeviceName"] == root_device
        made.append({**mapping, "Ebs": ebs})
    return made


class Volumes(EC2Backend):
    """The part of the backend that stores volumes."""

    def root_device(self, image_id: str) -> str | None:
        """The name of an image's root device."""
        image = self.amis.get(image_id)
        return image.root_device_name if image else None

    def _create_default_encryption_key(self) -> str:
        """The AWS managed key, which moto describes as customer managed."""
        arn = super()._create_default_encryption_key()
        kms_backends[ACCOUNT][self.region_name].describe_key(arn).key_manager = "AWS"
        return arn
