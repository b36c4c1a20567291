"""Where `describe-cluster` says that the API server is."""

from dataclasses import replace
from pathlib import Path
from unittest.mock import Mock

from localcloud.kubernetes.cluster import Endpoint
from tests.unit.localcloud.kubernetes.examples import cluster

WORLD, NETNS = Path("/run/netns/world"), Path("/run/netns/eks-demo")


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
        endpoint.reconcile(replace(cluster(), public_cidrs=cidrs))
        assert [each.args[-1]() for each in forwarder.listen.mock_calls] == expected
