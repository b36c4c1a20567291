"""moto's backends, which store the records; our subclasses replace some of them.

They are global, so a process holds one cloud.
"""

from collections.abc import Iterator
from typing import Any

from moto.core.base_backend import BackendDict
from moto.ec2.models import ec2_backends, nat_gateways
from moto.ec2.models.subnets import Subnet
from moto.ec2.responses.instances import InstanceResponse
from moto.elbv2.models import elbv2_backends
from moto.iam.models import IAMBackend, iam_backends
from moto.kms.models import KmsBackend, kms_backends
from moto.logs.models import LogsBackend, logs_backends
from moto.route53.models import route53_backends
from moto.sts.models import STSBackend, sts_backends

from localcloud.aws.accounts import ACCOUNT, PARTITION
from localcloud.aws.ec2.backend import Ec2, address_for
from localcloud.aws.ec2.volumes import given_mappings
from localcloud.aws.elbv2 import pages
from localcloud.aws.elbv2.backend import Elbv2
from localcloud.aws.iam_backend import Iam
from localcloud.aws.route53.backend import Route53


def _install() -> None:
    """Replace moto's backends before it creates the first one."""
    ec2_backends.backend = Ec2
    elbv2_backends.backend = Elbv2
    iam_backends.backend = Iam
    route53_backends.backend = Route53
    subnet: Any = Subnet
    subnet.get_available_subnet_ip = address_for
    responses: Any = InstanceResponse
    responses._parse_block_device_mapping = given_mappings
    gateways: Any = nat_gateways
    gateways.random_private_ip = lambda: None  # so that create_network_interface chooses one
    pages.install()


_install()


def reset() -> None:
    """Forget every record (tests)."""
    for backend in list(BackendDict._instances):  # type: ignore[misc]  # of any kind
        backend.clear()


def ec2(region: str) -> Ec2:
    backend: Any = ec2_backends[ACCOUNT][region]
    return backend  # type: ignore[no-any-return]  # _install() has put ours there


def elbv2(region: str) -> Elbv2:
    backend: Any = elbv2_backends[ACCOUNT][region]
    return backend  # type: ignore[no-any-return]  # _install() has put ours there


def route53() -> Route53:
    backend: Any = route53_backends[ACCOUNT][PARTITION]
    return backend  # type: ignore[no-any-return]  # _install() has put ours there


def iam() -> IAMBackend:
    return iam_backends[ACCOUNT][PARTITION]


def sts() -> STSBackend:
    return sts_backends[ACCOUNT][PARTITION]


def kms(region: str) -> KmsBackend:
    return kms_backends[ACCOUNT][region]


def logs(region: str) -> LogsBackend:
    return logs_backends[ACCOUNT][region]


def ec2_regions() -> Iterator[tuple[str, Ec2]]:
    """The regions that have been used, with their backends."""
    backends: Any = ec2_backends[ACCOUNT]
    yield from list(backends.items())


def elbv2_regions() -> Iterator[tuple[str, Elbv2]]:
    """The regions that have been used, with their backends."""
    backends: Any = elbv2_backends[ACCOUNT]
    yield from list(backends.items())
