"""Fixtures: the stand, and what it is made of."""

import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import dns.resolver
import pytest

from checks import bastion, statement
from tests.unit.checks import fake_aws, support
from tests.unit.checks import servers as running
from tests.unit.checks.fake_aws import ALB, NLB, NODES, Clients
from tests.unit.checks.stand import PAGES, POD, PODS, Servers, Stand, outputs, services
from tests.unit.checks.support import FakeSsm, Kubectl, Network


@pytest.fixture(scope="session")
def clients() -> Clients:
    return Clients()


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statement, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(bastion, "FIRST_POLL", 0.01)


@pytest.fixture
def kubectl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Kubectl:
    """A fake kubectl, first on PATH."""
    folders = tmp_path / "bin", tmp_path / "kubectl"
    for folder in folders:
        folder.mkdir()
    fake = Kubectl(folders[1])
    fake.install(folders[0])
    monkeypatch.setenv("PATH", f"{folders[0]}{os.pathsep}{os.environ['PATH']}")
    return fake


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    pages: dict[str, str] = {}
    cluster_names: dict[str, str] = {}
    public_names: dict[str, str] = {}
    with (
        running.serving(lambda _: support.NGINX_PAGE, "127.0.0.2") as nginx,
        running.serving(lambda _: support.NGINX_PAGE, "127.0.0.3", nginx),
        running.serving(lambda host: pages.get(host, "?")) as alb,
        running.dns_server(cluster_names) as cluster_dns,
        running.dns_server(public_names) as public_dns,
    ):
        yield Servers(nginx, alb, cluster_dns, public_dns, pages, cluster_names, public_names)


@pytest.fixture
def network(servers: Servers, monkeypatch: pytest.MonkeyPatch) -> Network:
    """What is reachable from here: the load balancers and the ends of port-forwards."""
    for told, names in (
        (servers.pages, PAGES),
        (servers.cluster_names, {"google-service.service-types.svc.cluster.local": "google.com"}),
        (servers.public_names, dict.fromkeys(PAGES, ALB)),
    ):
        told.clear()
        told.update(names)
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers, resolver.port = ["127.0.0.1"], servers.public_dns
    monkeypatch.setattr(resolver, "resolve", partial(resolver.resolve, tcp=True))
    monkeypatch.setattr(dns.resolver, "Resolver", lambda: resolver)
    node, alb = ("127.0.0.2", servers.nginx), ("127.0.0.1", servers.alb)
    at_alb = {(name, 80): alb for name in (ALB, *PAGES)}
    network = Network({(NLB, 80): node, ("127.0.0.1", servers.nginx): node, **at_alb})
    monkeypatch.setattr(socket, "create_connection", network.connect)
    return network


@pytest.fixture
def stand(
    kubectl: Kubectl, servers: Servers, network: Network, clients: Clients, tmp_path: Path
) -> Iterator[Stand]:
    """A stack on which every statement of the post holds."""
    ssm = FakeSsm({"PATH": os.environ["PATH"].partition(os.pathsep)[2]})
    port = servers.nginx
    support.curl_that_finds(tmp_path / "bin", f"{support.CLUSTER_NAME}:", "127.0.0.2:")
    kubectl.forwards(POD, port)
    kubectl.forwards("service/kube-dns", servers.cluster_dns)
    kubectl.answers(PODS, {"items": [support.pod(POD.removeprefix("pod/"))]})
    account = fake_aws.as_posted(30001, 30002)
    with ExitStack() as after:
        made = services(port), dict(NODES), after
        stand = Stand(outputs(), kubectl, network, account, ssm, clients, servers, *made)
        kubectl.answers(stand.proxy, support.NGINX_PAGE)
        yield stand
