"""Where `describe-cluster` says that the API server is."""

from dataclasses import replace
from pathlib import Path
from unittest.mock import ANY, Mock, call

from localcloud.kubernetes.cluster import Endpoint
from tests.unit.localcloud.kubernetes.examples import cluster

WORLD, NETNS = Path("/run/netns/world"), Path("/run/netns/eks-demo")


def test_an_endpoint_is_one_port_for_the_machine_and_the_world_until_it_is_private() -> None:
    forwarder = Mock()
    forwarder.listen.return_value = 40001
    endpoint = Endpoint(forwarder, NETNS)
    assert endpoint.open(cluster()) == endpoint.open(cluster()) == "https://127.0.0.1:40001"
    target = (NETNS, "127.0.0.1", 443)
    listens = [call.listen(None, 0, *target, ANY), call.listen(WORLD, 40001, *target, ANY)]
    assert forwarder.mock_calls == listens
    assert endpoint.open(replace(cluster(), public_access=False)) == "https://10.0.1.4"
    assert forwarder.mock_calls == [*listens, call.stop(None, 40001), call.stop(WORLD, 40001)]


def test_the_public_endpoint_admits_whom_the_cidrs_contain() -> None:
    """As publicAccessCidrs of docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html."""
    forwarder = Mock()
    endpoint = Endpoint(forwarder, NETNS)
    for cidrs, expected in (
        (("0.0.0.0/0",), [True, True]),
        (("198.18.0.20/32", "1.0.0.0/8"), [True, False]),
        (("198.18.0.10/32",), [False, True]),
        (("203.0.113.0/24",), [False, False]),
    ):
        endpoint.open(replace(cluster(), public_cidrs=cidrs))
        assert [each.args[-1]() for each in forwarder.listen.mock_calls] == expected
