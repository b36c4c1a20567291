"""The cloud's AWS API on a loopback port, with EKS ready at once, and an engine that uses it."""

import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import cached_property
from typing import Any

import boto3
import pytest

from localcloud.aws import backends, spread
from localcloud.aws.api import AwsApi, bootstrap
from localcloud.aws.http import Server
from localcloud.changes import Changes
from tests.api.plugins.aws.engine import Engine, Resource
from tests.api.plugins.aws.examples import EXAMPLES

REGION = "eu-west-1"
CA = "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n"


def reconcile(api: AwsApi) -> None:
    """What the Kubernetes reconciler would report, without any Kubernetes."""
    store = api.clusters
    for cluster in store.clusters():
        for group in cluster.nodegroups:
            if group.status == "DELETING":
                store.nodegroup_gone(cluster.name, group.name)
            elif group.status != "ACTIVE":
                nodes = [node.instance_id for node in group.nodes]
                store.nodegroup_ready(cluster.name, group.name, nodes=nodes)
        for addon in cluster.addons:
            if addon.status == "DELETING":
                store.addon_gone(cluster.name, addon.name)
            elif addon.status != "ACTIVE":
                store.addon_ready(cluster.name, addon.name)
        if cluster.status == "DELETING":
            store.cluster_gone(cluster.name)
        elif cluster.status != "ACTIVE":
            store.cluster_ready(cluster.name, "https://127.0.0.1:6443", CA)


@contextmanager
def reconciled(api: AwsApi) -> Iterator[None]:
    """Reconcile EKS whenever its records change."""
    changes, ends = api.changes, threading.Event()

    def follow() -> None:
        mark = changes.seen(["eks"])
        while changes.wait(["eks"], mark) and not ends.is_set():
            mark = changes.seen(["eks"])
            reconcile(api)

    thread = threading.Thread(target=follow)
    thread.start()
    try:
        yield
    finally:
        ends.set()
        changes.notify("eks")
        thread.join()


@pytest.fixture(scope="session")
def api() -> Iterator[AwsApi]:
    """A cloud's API, with credentials and address in the environment."""
    backends.reset()
    changes = Changes()
    api = AwsApi(changes)
    listener = socket.create_server(("127.0.0.1", 0))
    server = Server(api.app)
    server.serve(listener)
    key, secret = bootstrap(api)
    settings = {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{listener.getsockname()[1]}",
        "AWS_ACCESS_KEY_ID": key,
        "AWS_SECRET_ACCESS_KEY": secret,
        "AWS_DEFAULT_REGION": REGION,
    }

    with reconciled(api), pytest.MonkeyPatch.context() as patch:
        patch.setattr(spread, "DELAY", timedelta(0))  # what changes is in effect at once
        for name, value in settings.items():
            patch.setitem(os.environ, name, value)
        yield api
    server.close()


@pytest.fixture(scope="session")
def engine(api: AwsApi) -> Iterator[Engine]:
    """One plugin process for all tests; URNs keep them apart."""
    with Engine(region=REGION) as engine:
        yield engine


@pytest.fixture(scope="session")
def client(api: AwsApi) -> Callable[[str], Any]:
    """boto3 clients for looking at the cloud."""
    return lambda service: boto3.client(service)


class Present:
    """Resources that examples need: each made once, from its own example."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._made: dict[tuple[str, str], Resource] = {}

    @cached_property
    def image(self) -> str:
        """The id of an Amazon Linux 2023 image."""
        name = {"name": "name", "values": ["al2023-ami-2023.*-x86_64"]}
        asked = {"mostRecent": True, "owners": ["amazon"], "filters": [name]}
        return str(self._engine.invoke("aws:ec2/getAmi:getAmi", asked)["id"])

    def __call__(self, token: str, which: str = "needed", /, **more: Any) -> Resource:
        """The resource of a type; another one for another `which`, with `more` inputs."""
        if (token, which) not in self._made:
            inputs = {**EXAMPLES[token].inputs(self), **more}
            self._made[token, which] = self._engine.create(token, which, inputs)
        return self._made[token, which]


@pytest.fixture(scope="session")
def present(engine: Engine) -> Present:
    return Present(engine)
