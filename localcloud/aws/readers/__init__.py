"""Makes snapshots of the records in moto's backends."""

import threading

from localcloud.aws import acm_backend as acm
from localcloud.aws import backends
from localcloud.aws.elbv2.snapshots import LoadBalancer, TargetGroup
from localcloud.aws.readers import ec2, elb, elbv2, route53
from localcloud.aws.snapshots import Certificate, HostedZone, Instance, Vpc


class MotoSnapshots:
    """Snapshots of all regions; `lock` guards the backends."""

    def __init__(self, lock: threading.RLock) -> None:
        self._lock = lock

    def vpcs(self) -> tuple[Vpc, ...]:
        with self._lock:
            return tuple(v for region in backends.ec2_regions() for v in ec2.vpcs(region))

    def instances(self) -> tuple[Instance, ...]:
        with self._lock:
            return tuple(i for region in backends.ec2_regions() for i in ec2.instances(region))

    def load_balancers(self) -> tuple[LoadBalancer, ...]:
        with self._lock:
            found = [b for each in backends.elbv2_regions() for b in elbv2.load_balancers(each)]
            classic = (b for each in backends.elb_regions() for b in elb.load_balancers(each))
            return (*found, *classic)

    def target_groups(self) -> tuple[TargetGroup, ...]:
        with self._lock:
            found = [g for each in backends.elbv2_regions() for g in elbv2.target_groups(each)]
            classic = (g for each in backends.elb_regions() for g in elb.target_groups(each))
            return (*found, *classic)

    def hosted_zones(self) -> tuple[HostedZone, ...]:
        with self._lock:
            return tuple(route53.hosted_zones(backends.route53()))

    def certificates(self) -> tuple[Certificate, ...]:
        with self._lock:
            return tuple(
                Certificate(each.arn, f"{each.certificate.rstrip()}\n{each.chain}", each.key)
                for region in acm.everywhere()
                for each in region.records.values()
                if each.certificate
            )
