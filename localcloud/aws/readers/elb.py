"""Classic Load Balancers as the reconcilers read them.

The instances behind one of their ports are a target group, named by the load balancer and the port.
"""

from collections.abc import Iterator

from localcloud.aws.elb import checks
from localcloud.aws.elb.instances import in_its_zones
from localcloud.aws.elb_backend import Balancer, Elb
from localcloud.aws.elbv2 import interfaces, names
from localcloud.aws.elbv2.snapshots import (
    Forward,
    HealthCheck,
    Listener,
    ListenerRule,
    LoadBalancer,
    Target,
    TargetGroup,
)


def load_balancers(elb: Elb) -> Iterator[LoadBalancer]:
    for balancer in elb.load_balancers.values():
        public = balancer.scheme == "internet-facing"
        enis = interfaces.of(elb.ec2, balancer)
        addresses = [eni.public_ip if public else eni.private_ip_address for eni in enis]
        yield LoadBalancer(
            arn=balancer.arn,
            name=balancer.name,
            type="classic",
            scheme="internet-facing" if public else "internal",
            dns_name=balancer.dns_name,
            host=names.network_namespace_of_classic(balancer.name),
            addresses=tuple(sorted(address for address in addresses if address)),
            listeners=tuple(_listeners(balancer)),
            idle_timeout=float(balancer.attributes["ConnectionSettings"]["IdleTimeout"]),
            preserve_host=True,
        )


def _listeners(balancer: Balancer) -> Iterator[Listener]:
    for each in balancer.listeners:
        port, to = each["LoadBalancerPort"], each["InstancePort"]
        forward = Forward(((balancer.target_group_arn(to), 1),))
        yield Listener(
            arn=f"{balancer.arn}:listener:{port}",
            port=port,
            protocol=each["Protocol"],
            rules=(ListenerRule(balancer.arn, None, (), forward),),
            proxy_protocol=bool(balancer.proxied.get(to)),
        )


def target_groups(elb: Elb) -> Iterator[TargetGroup]:
    for balancer in elb.load_balancers.values():
        for port in balancer.instance_ports:
            yield TargetGroup(
                arn=balancer.target_group_arn(port),
                protocol="TCP",
                health_check=_health_check(balancer),
                targets=tuple(_targets(elb, balancer, port)),
                fails_open=False,
            )


def _health_check(balancer: Balancer) -> HealthCheck:
    given = balancer.health_check
    protocol, port, path = checks.target(given["Target"])
    return HealthCheck(
        protocol=protocol,
        port=port,
        path=path,
        interval=float(given["Interval"]),
        timeout=float(given["Timeout"]),
        healthy_threshold=given["HealthyThreshold"],
        unhealthy_threshold=given["UnhealthyThreshold"],
        matcher="200",
        first_threshold=given["HealthyThreshold"],
    )


def _targets(elb: Elb, balancer: Balancer, port: int) -> Iterator[Target]:
    for instance_id in balancer.instances:
        instance = elb.ec2.get_instance_by_id(instance_id)
        serves = instance and instance.state == "running" and in_its_zones(balancer, instance)
        yield Target(instance_id, str(instance.private_ip) if instance and serves else None, port)
