"""Security groups as nftables."""

import pytest

from localcloud.aws.snapshots import Rule
from localcloud.network.fabric import groups
from tests.unit.localcloud.network.examples import group, interface, tcp, vpc

KNOWN = {"sg-a": ["ip saddr @sg-a"]}


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (tcp(80, "0.0.0.0/0"), ["tcp dport 80-80"]),
        (Rule("-1", -1, -1, ("0.0.0.0/0",)), [""]),
        (Rule("tcp", 0, 65535, ("10.0.0.0/8",)), ["ip saddr { 10.0.0.0/8 } meta l4proto tcp"]),
        (Rule("17", 53, 54, groups=("sg-a",)), ["ip saddr @sg-a udp dport 53-54"]),
        (Rule("icmp", 8, -1, ("0.0.0.0/0",)), ["icmp type 8"]),
        (Rule("icmp", -1, -1, ("0.0.0.0/0",)), ["meta l4proto icmp"]),
        (Rule("icmp", 3, 4, ("0.0.0.0/0",)), ["icmp type 3 icmp code 4"]),
        (Rule("50", -1, -1, ("0.0.0.0/0",)), ["ip protocol 50"]),
        (Rule("icmpv6", -1, -1, ("0.0.0.0/0",)), []),
        (Rule("-1", -1, -1, groups=("sg-of-nobody",)), []),
        (Rule("-1", -1, -1), []),
        (
            tcp(1, "10.0.0.0/8", "10.1.0.0/16", "192.0.2.1/32", groups=("sg-a",)),
            ["ip saddr { 10.0.0.0/8, 192.0.2.1/32 } tcp dport 1-1", "ip saddr @sg-a tcp dport 1-1"],
        ),
    ],
)
def test_a_rule_matches(rule: Rule, expected: list[str]) -> None:
    assert groups.matches(rule, "saddr", KNOWN) == expected


def test_a_protocol_that_is_not_known_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="protocol 'gre' is not implemented"):
        groups.matches(Rule("gre", -1, -1, ("0.0.0.0/0",)), "saddr", KNOWN)


def test_a_combination_of_groups_allows_what_any_of_them_allows() -> None:
    network = vpc(
        [interface("i-1", "10.0.1.4", "sg-b", "sg-a"), interface("i-2", "10.0.1.5")],
        [group("sg-a", [tcp(1, "0.0.0.0/0")], egress=[]), group("sg-b", [tcp(2, "0.0.0.0/0")])],
    )
    assert (
        groups.chains(network)
        == """\
  chain egress {
    return
  }
  chain ingress {
    accept
  }
  chain egress_sg-a_sg-b {
    return
    drop
  }
  chain ingress_sg-a_sg-b {
    tcp dport 1-1 accept
    tcp dport 2-2 accept
    drop
  }"""
    )
