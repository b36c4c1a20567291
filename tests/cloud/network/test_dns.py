"""The cloud's DNS, asked from the world and from inside a VPC."""

import threading
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from dns import message, query, rcode
from dns.exception import DNSException

from localcloud.aws.snapshots import Endpoint, HostedZone, RecordSet
from localcloud.network.dns import DnsReconciler
from localcloud.network.netns import path, run_in
from localcloud.tools import find
from tests.cloud.network.stage import Stage
from tests.cloud.waiting import eventually
from tests.unit.localcloud.network.examples import balancer, group, instance, interface, vpc, zone

SERVER, RESOLVER = "192.0.2.53", "10.0.0.2"
ALB = "demo-1.eu-west-1.elb.amazonaws.com"
BALANCER, TEXT = ["A 198.51.100.7", "A 198.51.100.8"], 'TXT "v=1; a b"'


@pytest.fixture
def dns(stage: Stage, tmp_path: Path) -> DnsReconciler:
    """The DNS server over the stage's records: a balancer, an instance, and example.com."""
    stage.show(vpc([interface("i-1", "10.0.3.7", "sg-1", subnet="closed")], [group("sg-1")]))
    stage.snapshots.balancers = (
        balancer(dns_name=ALB, addresses=("198.51.100.7", "198.51.100.8")),
    )
    gone = instance("i-2", "10.0.3.8", "terminated")
    stage.snapshots.machines = (instance("i-1", "10.0.3.7"), gone)
    stage.snapshots.zones = (example(),)
    uplinks = {"vpc-1": "100.64.0.2"}
    reconciler = DnsReconciler(
        stage.snapshots, lambda: uplinks, find(), stage.supervisor, tmp_path, tmp_path
    )
    reconciler.reconcile()
    return reconciler


def example(*more: RecordSet) -> HostedZone:
    return zone(
        "example.com.",
        RecordSet("svc1.example.com.", "CNAME", 60, (ALB,)),
        RecordSet("example.com.", "A", 60, (), alias=f"dualstack.{ALB}"),
        RecordSet("\\052.apps.example.com.", "A", 60, ("198.51.100.20",)),
        RecordSet("text.example.com.", "TXT", 60, ('"v=1; a b"',)),
        RecordSet("a.\\052.example.com.", "A", 60, ("198.51.100.21",)),
        RecordSet("odd\\100.example.com.", "CNAME", 60, ("*.x@y.test",)),
        RecordSet("www.example.com.", "A", 60, (), alias="\\052.apps.example.com."),
        *more,
    )


def ask(host: str, server: str, name: str, kind: str = "A") -> list[str]:
    """The answers as "TYPE value", or the one code that is not NOERROR."""
    question = message.make_query(name, kind)
    reply = run_in(path(host), lambda: query.udp(question, server, timeout=5))
    if reply.rcode():
        return [rcode.to_text(reply.rcode())]
    return [f"{found.rdtype.name} {value}" for found in reply.answer for value in found]


def answers(name: str, answer: str) -> bool:
    return ask("world", SERVER, name) == [answer]


@pytest.mark.parametrize(
    ("name", "kind", "answer"),
    [
        ("svc1.example.com", "A", [*BALANCER, f"CNAME {ALB}."]),  # with its addresses
        ("example.com", "A", BALANCER),  # an alias
        ("any.apps.example.com", "A", ["A 198.51.100.20"]),
        ("TWO.Apps.Example.COM", "A", ["A 198.51.100.20"]),
        ("a.x.example.com", "A", ["NXDOMAIN"]),  # * is no wildcard in the middle
        ("a.*.example.com", "A", ["A 198.51.100.21"]),
        ("odd@.example.com", "CNAME", ["CNAME *.x\\@y.test."]),
        ("www.example.com", "A", ["A 198.51.100.20"]),
        ("text.example.com", "TXT", [TEXT]),
        ("text.example.com", "A", []),
        ("no.example.com", "A", ["NXDOMAIN"]),
        ("sts.eu-west-1.amazonaws.com", "A", ["A 192.0.2.10"]),
        ("eks-auth.eu-west-1.api.aws", "A", ["A 192.0.2.10"]),
        ("sts.eu-west-1.amazonaws.com", "AAAA", []),
        ("gone-2.eu-west-1.elb.amazonaws.com", "A", ["NXDOMAIN"]),
        ("gone-2.elb.eu-west-1.amazonaws.com", "A", ["NXDOMAIN"]),
        ("google.com", "A", ["NXDOMAIN"]),
        ("ip-10-0-3-7.eu-west-1.compute.internal", "A", ["NXDOMAIN"]),
    ],
)
def test_the_world_is_answered(dns: DnsReconciler, name: str, kind: str, answer: list[str]) -> None:
    assert sorted(ask("world", SERVER, name, kind)) == answer


def test_an_instance_resolves_everything_and_its_private_name_at_the_vpcs_resolver(
    dns: DnsReconciler,
) -> None:
    assert ask("i-1", RESOLVER, "ip-10-0-3-7.eu-west-1.compute.internal") == ["A 10.0.3.7"]
    assert ask("i-1", RESOLVER, "svc1.example.com")[0] == f"CNAME {ALB}."
    assert ask("i-1", RESOLVER, "ip-10-0-3-8.eu-west-1.compute.internal") == ["NXDOMAIN"]


def test_a_change_is_served_with_a_new_serial_and_no_query_is_lost(
    stage: Stage, dns: DnsReconciler
) -> None:
    def serial() -> int:
        (soa,) = ask("world", SERVER, "example.com", "SOA")
        return int(soa.split()[3])

    before = serial()
    lost: list[Exception] = []
    over = threading.Event()

    def hammer() -> None:
        while not over.is_set():
            try:
                assert ask("world", SERVER, "text.example.com", "TXT") == [TEXT]
            except (OSError, DNSException, AssertionError) as error:
                lost.append(error)

    asking = threading.Thread(target=hammer)
    asking.start()
    try:
        for number in range(4):
            name = f"new{number}.example.com"
            stage.snapshots.zones = (example(RecordSet(f"{name}.", "A", 60, ("198.51.100.21",))),)
            dns.reconcile()
            eventually(partial(answers, name, "A 198.51.100.21"))
    finally:
        over.set()
        asking.join()
    assert lost == []
    assert serial() > before


def test_weighted_sets_are_drawn_by_their_weights_and_multivalue_ones_answer_together(
    stage: Stage, dns: DnsReconciler
) -> None:
    """docs.aws.amazon.com/Route53/latest/DeveloperGuide/routing-policy-weighted.html"""

    def sets(name: str, weights: tuple[int, ...]) -> list[RecordSet]:
        return [
            RecordSet(f"{name}.example.com.", "A", 60, (f"198.51.100.{n}",), weight=weight)
            for n, weight in enumerate(weights, 1)
        ]

    many = [
        RecordSet("m.example.com.", "A", 60, (f"198.51.100.{n}",), multivalue=True) for n in (1, 2)
    ]
    stage.snapshots.zones = (
        example(*sets("\\052.weighted", (1, 3, 0)), *sets("equal", (0, 0)), *many),
    )
    dns.reconcile()
    eventually(lambda: len(ask("world", SERVER, "m.example.com")) == 2)

    def drawn(name: str) -> list[int]:
        found = [ask("world", SERVER, f"{name}.example.com") for _ in range(200)]
        return [found.count([f"A 198.51.100.{n}"]) for n in (1, 2, 3)]

    first, second, never = drawn("any.weighted")
    assert first + second == 200
    assert 20 < first < 85  # 50, and 5 times the standard deviation
    assert never == 0
    assert min(drawn("equal")[:2]) > 60
    assert ask("world", SERVER, "text.example.com", "TXT") == [TEXT]
    stage.snapshots.zones = (example(),)
    dns.reconcile()
    eventually(partial(answers, "any.weighted.example.com", "NXDOMAIN"))


def test_a_zone_that_is_gone_is_not_served(stage: Stage, dns: DnsReconciler) -> None:
    stage.snapshots.zones = ()
    stage.snapshots.balancers = (replace(stage.snapshots.balancers[0], addresses=()),)
    dns.reconcile()
    eventually(partial(answers, "svc1.example.com", "NXDOMAIN"))


def test_the_name_of_an_endpoint_leads_to_it_inside_its_vpc_alone(
    stage: Stage, dns: DnsReconciler
) -> None:
    """docs.aws.amazon.com/vpc/latest/privatelink/privatelink-access-aws-services.html"""
    (present,) = stage.snapshots.vpcs()
    endpoints = (
        Endpoint("ec2.eu-west-1.amazonaws.com", ("10.0.3.99", "10.0.2.99")),
        Endpoint("*.dkr.ecr.eu-west-1.amazonaws.com", ("10.0.3.98",)),
        Endpoint(None, ("10.0.3.97",)),
    )
    stage.show(replace(present, endpoints=endpoints))
    dns.reconcile()
    name, api = "ec2.eu-west-1.amazonaws.com", ["A 192.0.2.10"]
    eventually(lambda: sorted(ask("i-1", RESOLVER, name)) == ["A 10.0.2.99", "A 10.0.3.99"])
    assert ask("world", SERVER, name) == api
    assert ask("i-1", RESOLVER, "1.dkr.ecr.eu-west-1.amazonaws.com") == ["A 10.0.3.98"]
    assert ask("i-1", RESOLVER, "sts.eu-west-1.amazonaws.com") == api
    for s3 in ("s3.eu-west-1.amazonaws.com", "bucket.s3.eu-west-1.amazonaws.com"):
        assert ask("i-1", RESOLVER, s3) == ["A 192.0.2.20"]
