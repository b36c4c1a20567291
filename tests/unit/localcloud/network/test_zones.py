"""Hosted zones, balancers and instances as zone files."""

import logging
from collections.abc import Sequence

import pytest

from localcloud.aws.elbv2.snapshots import LoadBalancer
from localcloud.aws.snapshots import RecordSet
from localcloud.network.dns import files, syntax, zones
from tests.unit.localcloud.network.examples import balancer, interface, vpc, zone

ALB = "demo-1.eu-west-1.elb.amazonaws.com"


def cname(name: str, target: str) -> RecordSet:
    return RecordSet(name, "CNAME", 60, (target,))


@pytest.mark.parametrize(
    ("kind", "value", "written"),
    [
        ("A", "192.0.2.1", "192.0.2.1"),
        ("CNAME", "Target.example.com", "target.example.com."),
        ("MX", "10 mail.example.com", "10 mail.example.com."),
        ("SRV", "1 2 443 host.example.com.", "1 2 443 host.example.com."),
        ("TXT", '"a; b" "say \\"c\\""', '"a; b" "say \\"c\\""'),
        ("TXT", '"\\303\\244"', '"\\195\\164"'),
        ("TXT", '"\\\\303 \\9\\;"', '"\\\\303 9\\;"'),
        ("TXT", '"a""b"', '"a" "b"'),
        ("CNAME", "$INCLUDE", "$include."),
        ("CNAME", "\\052.a@b.test", "*.a\\@b.test."),
        ("CAA", '0 issue "amazon.com"', '0 issue "amazon.com"'),
    ],
)
def test_values_are_written(kind: str, value: str, written: str) -> None:
    assert syntax.value(kind, value) == written


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("A", "192.0.2.1\nevil IN A 1.1.1.1"),
        ("A", "::1"),
        ("CNAME", "a b"),
        ("CNAME", "a.example.com.\nevil"),
        ("CNAME", "a..b"),
        ("MX", "mail.example.com"),
        ("TXT", "unquoted"),
        ("TXT", '"a\nb"'),
        ("TXT", '"a" ; "b"'),
        ("DS", "1 2 3 4"),
    ],
)
def test_what_is_not_of_its_types_form_is_refused(kind: str, value: str) -> None:
    with pytest.raises(ValueError, match=r"not|Expected|permitted"):
        syntax.value(kind, value)


def test_route_53s_octal_escapes_are_understood() -> None:
    assert syntax.name("\\052.Example.com") == "*.example.com."
    assert syntax.name("a\\100b\\003.com.") == "a\\@b\\003.com."


def test_an_alias_stands_for_a_balancers_addresses_or_another_record() -> None:
    hosted = zone(
        "example.com.",
        RecordSet("example.com.", "A", 60, (), alias=f"dualstack.{ALB}."),
        RecordSet("www.example.com.", "A", 60, (), alias="example.com."),
        RecordSet("six.example.com.", "AAAA", 60, (), alias=ALB),
        RecordSet("loop.example.com.", "A", 60, (), alias="loop.example.com."),
    )
    found = zones.zones([hosted], [balancer(dns_name=ALB)], [])["example.com."]
    assert found == (
        "example.com. 172800 IN NS ns-1.awsdns-1.org.",
        "example.com. 5 IN A 198.51.100.7",
        "www.example.com. 5 IN A 198.51.100.7",
    )


@pytest.mark.parametrize(
    ("weights", "shares"),
    [
        ((1, 3), {"192.0.2.0": 16384, "192.0.2.1": 49152}),
        ((0, 255), {"192.0.2.1": 65536}),
        ((0, 0, 0), {"192.0.2.0": 21845, "192.0.2.1": 21846, "192.0.2.2": 21845}),
        ((7,), {"192.0.2.0": 65536}),
    ],
)
def test_weights_are_shares_of_the_query_ids(
    weights: tuple[int, ...], shares: dict[str, int]
) -> None:
    """docs.aws.amazon.com/Route53/latest/DeveloperGuide/routing-policy-weighted.html"""
    sets = [
        RecordSet("w.example.com.", "A", 60, (f"192.0.2.{n}",), weight=weight)
        for n, weight in enumerate(weights)
    ]
    found = served_shares(sets)
    assert {address: count for (address,), count in found.items()} == shares


def test_an_alias_shares_its_weight_with_the_weights_of_its_target() -> None:
    """routing-policy-weighted.html again: a tree of weighted aliases of weighted records."""
    inner = [RecordSet("in.example.com.", "A", 60, (f"192.0.2.{n}",), weight=1) for n in (1, 2)]
    outer = [
        RecordSet("w.example.com.", "A", 60, (), alias="in.example.com.", weight=1),
        RecordSet("w.example.com.", "A", 60, (), alias=ALB, weight=1),
    ]
    assert served_shares([*inner, *outer], [balancer(dns_name=ALB)]) == {
        ("192.0.2.1",): 16384,
        ("192.0.2.2",): 16384,
        ("198.51.100.7",): 32768,
    }


def test_a_multivalue_answer_has_eight_values_at_most_each_as_often() -> None:
    """docs.aws.amazon.com/Route53/latest/DeveloperGuide/routing-policy-multivalue.html"""
    for count in (8, 16):
        sets = [
            RecordSet("w.example.com.", "A", 60, (f"192.0.2.{n}",), multivalue=True)
            for n in range(count)
        ]
        found = served_shares(sets)
        assert {len(values) for values in found} == {8}
        every = [value for values, share in found.items() for value in values if share]
        assert {every.count(value) for value in every} == {len(found) * 8 // count}


def served_shares(
    sets: list[RecordSet], balancers: Sequence[LoadBalancer] = ()
) -> dict[tuple[str, ...], int]:
    """By the values of w.example.com, how many query ids get them."""
    found: dict[tuple[str, ...], int] = {}
    for key, lines in zones.zones([zone("example.com.", *sets)], balancers, []).items():
        if key.partition("#")[0] == "example.com.":
            low, high = (key.partition("#")[2] or "0-65536").split("-")
            values = tuple(line.split()[4] for line in lines if line.startswith("w."))
            found[values] = found.get(values, 0) + int(high) - int(low)
    return found


def test_a_zone_below_another_one_needs_that_ones_delegation() -> None:
    child = zone("dev.example.com.", servers=("ns-2.awsdns-2.org.",))
    delegation = RecordSet("dev.example.com.", "NS", 60, ("ns-2.awsdns-2.org",))
    alone, parent = zone("example.com."), zone("example.com.", delegation)
    assert zones.served([child]) == [child]
    assert zones.served([child, alone]) == [alone]
    assert zones.served([child, parent]) == [parent, child]


def test_the_first_of_two_zones_of_one_name_is_served() -> None:
    first, second = zone("example.com."), zone("example.com.", cname("a.example.com.", ALB))
    assert zones.served([first, second]) == [first]


def test_a_record_that_cannot_be_served_is_logged_and_the_others_are_served(
    caplog: pytest.LogCaptureFixture,
) -> None:
    hosted = zone("example.com.", RecordSet("k.example.com.", "DS", 60, ("1",)),
                  cname("a.example.com.", ALB))  # fmt: skip
    with caplog.at_level(logging.WARNING):
        found = zones.zones([hosted], [], [])["example.com."]
    assert found[-1] == f"a.example.com. 60 IN CNAME {ALB}."
    assert "k.example.com. DS is not served: record type DS is not implemented" in caplog.text


def test_a_zones_file_stays_in_its_folder() -> None:
    assert files.file_name("a/../b\\057.com.") == "a_2f_.._2f_b_5c_057.com.zone"


def test_an_api_server_has_a_name_inside_its_vpc() -> None:
    """As docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html: inside the VPC an
    endpoint's name leads to private addresses. A name too long for DNS would break all zones."""
    planes = [interface("eks-demo", f"10.0.1.{last}") for last in (7, 8)]
    site = vpc([*planes, interface("i-1", "10.0.1.9"), interface(f"eks-{'a' * 64}", "10.0.1.6")])
    name = "demo.eu-west-1.eks.amazonaws.com."
    assert zones.per_vpc([site], {}) == {}
    assert zones.per_vpc([site], {"vpc-1": "192.0.2.20"}) == {
        f"{name}@192.0.2.20": (f"{name} 5 IN A 10.0.1.7", f"{name} 5 IN A 10.0.1.8")
    }
