"""The cloud's AWS API on a loopback port, with EKS ready at once, and the engine on it."""

import os
import shlex
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from localcloud.aws import backends, propagation
from localcloud.aws.api import AwsApi, bootstrap
from localcloud.aws.http import Server
from localcloud.certificates import CertificateReconciler
from localcloud.changes import Changes
from localcloud.pki import Authority
from localcloud.tools import find
from tests.engine import Project

CHECKOUT = Path(__file__).resolve().parents[3]
PLUGINS = {
    "pulumi-language-python": "localcloud.plugins.language",
    "pulumi-resource-aws": "localcloud.plugins.aws",
}
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
                for node in group.leaving:
                    store.node_gone(cluster.name, group.name, node.instance_id)
                nodes = [node.instance_id for node in group.nodes]
                store.nodegroup_ready(cluster.name, group.name, nodes)
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
    """Reconcile EKS and ACM whenever their records change."""
    changes, ends = api.changes, threading.Event()
    certificates = CertificateReconciler(api.snapshots, api.lock, Authority("tests"), changes)
    topics = {"eks", *certificates.topics}

    def follow() -> None:
        mark = changes.seen(topics)
        while changes.wait(topics, mark) and not ends.is_set():
            mark = changes.seen(topics)
            reconcile(api)
            certificates.reconcile()

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
    api = AwsApi(Changes())
    listener = socket.create_server(("127.0.0.1", 0))
    server = Server(api.app)
    server.serve(listener)
    key, secret = bootstrap(api)
    with reconciled(api), pytest.MonkeyPatch.context() as patch:
        patch.setattr(propagation, "DELAY", timedelta(0))  # what changes is in effect at once
        patch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{listener.getsockname()[1]}")
        patch.setenv("AWS_ACCESS_KEY_ID", key)
        patch.setenv("AWS_SECRET_ACCESS_KEY", secret)
        patch.setenv("AWS_DEFAULT_REGION", REGION)
        yield api
    server.close()


@pytest.fixture
def project(api: AwsApi, tmp_path: Path) -> Iterator[Project]:
    """A project whose engine has the plugins of this checkout, and a state of its own."""
    for name in ("bin", "state", "project"):
        (tmp_path / name).mkdir()
    # The engine takes its language host from beside its own executable, links resolved.
    (tmp_path / "bin/pulumi").hardlink_to(find().binary("pulumi"))
    for name, module in PLUGINS.items():
        command = f'exec {shlex.quote(sys.executable)} -P -m {module} "$@"'
        path = tmp_path / "bin" / name
        path.write_text(f"#!/bin/sh\nPYTHONPATH={shlex.quote(str(CHECKOUT))} {command}\n")
        path.chmod(0o755)
    environment = {
        **os.environ,
        "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}",
        "PULUMI_HOME": str(tmp_path / "home"),
        "PULUMI_BACKEND_URL": f"file://{tmp_path / 'state'}",
        "PULUMI_CONFIG_PASSPHRASE": "test",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
    }
    project = Project(tmp_path / "project", "example", environment)
    yield project
    project.destroy()
