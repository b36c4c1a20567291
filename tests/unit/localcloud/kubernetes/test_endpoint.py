"""Where `describe-cluster` says that the API server is."""

from dataclasses import replace
from pathlib import Path

from localcloud.kubernetes.endpoint import Endpoint
from tests.unit.localcloud.kubernetes.examples import cluster

WORLD, NETNS = Path("/run/netns/world"), Path("/run/netns/eks-demo")


class Ports:
    """A forwarder that only keeps account."""

    def __init__(self) -> None:
        self.open: dict[tuple[Path | None, int], tuple[Path | None, str, int]] = {}

    def listen(
        self, listen_netns: Path | None, port: int, target_netns: Path | None,
        target_address: str, target_port: int,
    ) -> int:  # fmt: skip
        port = port or 40001
        assert (listen_netns, port) not in self.open
        self.open[listen_netns, port] = (target_netns, target_address, target_port)
        return port

    def stop(self, listen_netns: Path | None, port: int) -> None:
        del self.open[listen_netns, port]


def test_a_public_endpoint_is_one_port_for_the_machine_and_the_world() -> None:
    ports = Ports()
    endpoint = Endpoint(ports, WORLD, NETNS)
    assert endpoint.open(cluster()) == endpoint.open(cluster()) == "https://127.0.0.1:40001"
    target = (NETNS, "127.0.0.1", 443)
    assert ports.open == {(None, 40001): target, (WORLD, 40001): target}


def test_a_private_endpoint_is_an_address_of_the_vpc() -> None:
    ports = Ports()
    endpoint = Endpoint(ports, WORLD, NETNS)
    endpoint.open(cluster())
    assert endpoint.open(replace(cluster(), public_access=False)) == "https://10.0.1.4"
    assert ports.open == {}
