"""moto's backends, which hold the records, with ours in place of some of them.

moto keeps them for the whole process, so a process holds one cloud. Imports are late: moto's EC2
takes a second to load, which the start of a cloud does not wait for.
"""

import functools
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from localcloud.aws.accounts import ACCOUNT, PARTITION

if TYPE_CHECKING:
    from moto.iam.models import IAMBackend
    from moto.kms.models import KmsBackend
    from moto.sts.models import STSBackend

    from localcloud.aws.ec2.backend import Ec2
    from localcloud.aws.elbv2.backend import Elbv2
    from localcloud.aws.route53.backend import Route53

# moto reads these once, when imported.
os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"
os.environ["MOTO_ENABLE_AMI_VALIDATION"] = "true"
os.environ["MOTO_EC2_ENABLE_INSTANCE_TYPE_VALIDATION"] = "true"


@functools.cache
def ours() -> None:
    """Put our backends in moto's place, once; before moto makes its first one."""
    from moto.ec2.models import ec2_backends, nat_gateways
    from moto.ec2.models.subnets import Subnet
    from moto.ec2.responses.instances import InstanceResponse
    from moto.elbv2.models import elbv2_backends
    from moto.route53.models import route53_backends

    from localcloud.aws.ec2.backend import Ec2, address_for
    from localcloud.aws.ec2.volumes import given_mappings
    from localcloud.aws.elbv2.backend import Elbv2
    from localcloud.aws.route53.backend import Route53

    ec2_backends.backend = Ec2
    elbv2_backends.backend = Elbv2
    route53_backends.backend = Route53
    subnet: Any = Subnet
    subnet.get_available_subnet_ip = address_for
    responses: Any = InstanceResponse
    responses._parse_block_device_mapping = given_mappings
    gateways: Any = nat_gateways
    gateways.random_private_ip = lambda: None  # so that create_network_interface chooses one


def reset() -> None:
    """Forget every record (tests)."""
    from moto.core.base_backend import BackendDict

    for backend in list(BackendDict._instances):  # type: ignore[misc]  # of any kind
        backend.clear()


def ec2(region: str) -> "Ec2":
    ours()
    from moto.ec2.models import ec2_backends

    backend: Any = ec2_backends[ACCOUNT][region]
    return backend  # type: ignore[no-any-return]  # ours() has put ours there


def elbv2(region: str) -> "Elbv2":
    ours()
    from moto.elbv2.models import elbv2_backends

    backend: Any = elbv2_backends[ACCOUNT][region]
    return backend  # type: ignore[no-any-return]  # ours() has put ours there


def route53() -> "Route53":
    ours()
    from moto.route53.models import route53_backends

    backend: Any = route53_backends[ACCOUNT][PARTITION]
    return backend  # type: ignore[no-any-return]  # ours() has put ours there


def iam() -> "IAMBackend":
    from moto.iam.models import iam_backends

    return iam_backends[ACCOUNT][PARTITION]


def sts() -> "STSBackend":
    from moto.sts.models import sts_backends

    return sts_backends[ACCOUNT][PARTITION]


def kms(region: str) -> "KmsBackend":
    from moto.kms.models import kms_backends

    return kms_backends[ACCOUNT][region]


def ec2_regions() -> Iterator[tuple[str, "Ec2"]]:
    """The regions that somebody has used, with their records."""
    ours()
    from moto.ec2.models import ec2_backends

    backends: Any = ec2_backends[ACCOUNT]
    yield from list(backends.items())


def elbv2_regions() -> Iterator[tuple[str, "Elbv2"]]:
    """The regions that somebody has used, with their records."""
    ours()
    from moto.elbv2.models import elbv2_backends

    backends: Any = elbv2_backends[ACCOUNT]
    yield from list(backends.items())
