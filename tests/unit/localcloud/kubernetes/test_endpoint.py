"""Where `describe-cluster` says that the API server is."""

from dataclasses import replace
from pathlib import Path
from unittest.mock import Mock, call

from localcloud.kubernetes.cluster import Endpoint
from tests.unit.localcloud.kubernetes.examples import cluster

WORLD, NETNS = Path("/run/netns/world"), Path("/run/netns/eks-demo")


def test_an_endpoint_is_one_port_for_the_machine_and_the_world_until_it_is_private() -> None:
    forwarder = Mock()
    forwarder.listen.return_value = 40001
    endpoint = Endpoint(forwarder, NETNS)
    assert endpoint.open(cluster()) == endpoint.open(cluster()) == "https://127.0.0.1:40001"
    target = (NETNS, "127.0.0.1", 443)
    listens = [call.listen(None, 0, *target), call.listen(WORLD, 40001, *target)]
    assert forwarder.mock_calls == listens
    assert endpoint.open(replace(cluster(), public_access=False)) == "https://10.0.1.4"
    assert forwarder.mock_calls == [*listens, call.stop(None, 40001), call.stop(WORLD, 40001)]
