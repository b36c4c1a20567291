"""Fixtures: the stand, and what it is made of."""

import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import dns.resolver
import pytest

from checks import bastion, outcome
from tests.unit.checks import support
from tests.unit.checks.fake_aws import Clients
from tests.unit.checks.stand import POD, PODS, Stand
from tests.unit.checks.support import FakeSsm, Kubectl

clients = pytest.fixture(lambda: Clients(), scope="session")


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outcome, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(bastion, "FIRST_POLL", 0.01)


@pytest.fixture
def kubectl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Kubectl:
    """A fake kubectl, first on PATH."""
    root, programs = tmp_path / "kubectl", tmp_path / "bin"
    root.mkdir()
    programs.mkdir()
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    return Kubectl(root, programs)


@pytest.fixture
def stand(
    kubectl: Kubectl, clients: Clients, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Stand]:
    """A stack on which every statement of the post holds."""
    support.curl_that_finds(tmp_path / "bin", f"{support.CLUSTER_NAME}:", "127.0.0.2:")
    ssm = FakeSsm({"PATH": os.environ["PATH"].partition(os.pathsep)[2]})
    with ExitStack() as after:
        stand = Stand(kubectl, ssm, clients, after)
        kubectl.answers(POD, stand.nginx)
        kubectl.answers("service/kube-dns", stand.cluster_dns)
        kubectl.answers(PODS, {"items": [support.pod(POD.removeprefix("pod/"))]})
        kubectl.answers(stand.proxy, support.NGINX_PAGE)
        resolver = dns.resolver.Resolver(configure=False)
        resolver.nameservers, resolver.port = ["127.0.0.1"], stand.public_dns
        monkeypatch.setattr(resolver, "resolve", partial(resolver.resolve, tcp=True))
        monkeypatch.setattr(dns.resolver, "Resolver", lambda: resolver)
        monkeypatch.setattr(socket, "create_connection", stand.connect)
        yield stand
