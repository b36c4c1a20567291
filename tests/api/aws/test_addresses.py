from ipaddress import IPv4Network

import pytest

from localcloud.aws.ec2 import addresses


def test_where_nothing_is_free_it_is_told() -> None:
    with pytest.raises(LookupError, match="all public addresses"):
        addresses.next_public(map(str, addresses.PUBLIC))
    with pytest.raises(LookupError, match="no free /28"):
        addresses.pod_prefix(IPv4Network("10.0.0.0/28"), [], [])


@pytest.mark.parametrize(
    ("subnet", "expected"),
    [
        ("10.0.0.0/20", "10.0.15.128/25"),
        ("10.0.0.0/26", "10.0.0.48/28"),
    ],
)
def test_pods_get_the_end_of_the_subnet(subnet: str, expected: str) -> None:
    assert str(addresses.pod_prefix(IPv4Network(subnet), [], [])) == expected


def test_blocks_avoid_each_other_and_interfaces_and_shrink_when_they_must() -> None:
    subnet, taken = IPv4Network("10.0.0.0/24"), ["10.0.0.70", "10.0.0.4"]
    blocks: list[str] = []
    for _ in range(6):
        blocks.append(str(addresses.pod_prefix(subnet, taken, blocks)))
    assert blocks[:3] == ["10.0.0.192/26", "10.0.0.128/26", "10.0.0.96/27"]
    networks = [IPv4Network(block) for block in blocks]
    assert not any(a.overlaps(b) for a in networks for b in networks if a != b)
    assert not any(IPv4Network("10.0.0.70/32").subnet_of(network) for network in networks)
