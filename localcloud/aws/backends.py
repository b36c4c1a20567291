"""moto's backends, which store the records; our subclasses replace some of them.

They are global, so a process holds one cloud.
"""

from typing import Any, cast

from moto.core.base_backend import BackendDict
from moto.ec2.models import ec2_backends, nat_gateways
from moto.ec2.models.subnets import Subnet
from moto.ec2.responses.instances import InstanceResponse
from moto.elb.models import elb_backends
from moto.elbv2.models import FakeLoadBalancer, elbv2_backends
from moto.iam.models import IAMBackend, iam_backends
from moto.kms.models import KmsBackend, kms_backends
from moto.logs.models import LogsBackend, logs_backends
from moto.route53.models import route53_backends
from moto.s3.models import FakeBucket, s3_backends
from moto.sts.models import STSBackend, sts_backends

from localcloud.aws.accounts import ACCOUNT, PARTITION
from localcloud.aws.ec2.backend import Ec2, address_for, of_region
from localcloud.aws.ec2.volumes import given_mappings
from localcloud.aws.elb_backend import Elb
from localcloud.aws.elbv2 import interfaces, pages
from localcloud.aws.elbv2.backend import Elbv2
from localcloud.aws.iam_backend import Iam
from localcloud.aws.route53.backend import Route53
from localcloud.aws.s3_backend import S3, decided_already


def _install() -> None:
    """Replace moto's backends before it creates the first one. acm_backend.py and wafv2/records.py
    replace theirs when they are imported."""
    ec2_backends.backend = Ec2
    elb_backends.backend = Elb
    elbv2_backends.backend = Elbv2
    iam_backends.backend = Iam
    route53_backends.backend = Route53
    s3_backends.backend = S3
    bucket: Any = FakeBucket
    bucket.get_permission = decided_already
    subnet: Any = Subnet
    subnet.get_available_subnet_ip = address_for
    balancer: Any = FakeLoadBalancer
    balancer.availability_zones = property(interfaces.described)
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
    s3_backends.bucket_accounts.clear()


def ec2(region: str) -> Ec2:
    return of_region(region)


def elb(region: str) -> Elb:
    return cast(Elb, elb_backends[ACCOUNT][region])  # _install() has put ours there


def elbv2(region: str) -> Elbv2:
    return cast(Elbv2, elbv2_backends[ACCOUNT][region])  # _install() has put ours there


def route53() -> Route53:
    return cast(Route53, route53_backends[ACCOUNT][PARTITION])  # _install() has put ours there


def iam() -> IAMBackend:
    return iam_backends[ACCOUNT][PARTITION]


def sts() -> STSBackend:
    return sts_backends[ACCOUNT][PARTITION]


def s3() -> S3:
    return cast(S3, s3_backends[ACCOUNT][PARTITION])  # _install() has put ours there


def kms(region: str) -> KmsBackend:
    return kms_backends[ACCOUNT][region]


def logs(region: str) -> LogsBackend:
    return logs_backends[ACCOUNT][region]


def ec2_regions() -> list[Ec2]:
    """The backends of the regions that have been used."""
    return cast(list[Ec2], list(ec2_backends[ACCOUNT].values()))


def elb_regions() -> list[Elb]:
    """The backends of the regions that have been used."""
    return cast(list[Elb], list(elb_backends[ACCOUNT].values()))


def elbv2_regions() -> list[Elbv2]:
    """The backends of the regions that have been used."""
    return cast(list[Elbv2], list(elbv2_backends[ACCOUNT].values()))
