"""A real control plane on loopback for tests, and a stand-in for nodes: pods become what they ask.

etcd, kube-apiserver and kube-controller-manager are the real ones. There is no scheduler and no
kubelet: `Nodes` binds every pod to one node and sets its status, by the name of its image.
"""

import json
import socket
import ssl
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from localcloud.plugins.kubernetes.cancellation import Cancellation
from localcloud.plugins.kubernetes.client import Client
from localcloud.plugins.kubernetes.errors import ApiError
from localcloud.plugins.kubernetes.follow import Collection, Follow
from localcloud.plugins.kubernetes.kubeconfig import load
from localcloud.process import Process
from localcloud.tools import find

Obj = dict[str, Any]
BAD, WAITING = "bad", "waiting"  # images: cannot be pulled; runs but never becomes ready


@contextmanager
def control_plane(folder: Path) -> Iterator[str]:
    """The kubeconfig (contents) of a new cluster, which ends with the block."""
    tools, etcd, peer, api = find(), _port(), _port(), _port()
    _service_account_key(folder / "sa.key")
    (folder / "tokens.csv").write_text('secret-token,admin,admin,"system:masters"\n')
    store = f"http://127.0.0.1:{etcd}"
    key = folder / "sa.key"
    with ExitStack() as running:
        _run(running, folder, "etcd", [
            tools.binary("etcd"), f"--data-dir={folder}/etcd", f"--listen-client-urls={store}",
            f"--advertise-client-urls={store}", f"--listen-peer-urls=http://127.0.0.1:{peer}",
            "--unsafe-no-fsync",
        ], f"{store}/health")  # fmt: skip
        _run(running, folder, "kube-apiserver", [
            tools.binary("kube-apiserver"), f"--etcd-servers={store}", f"--secure-port={api}",
            "--bind-address=127.0.0.1", f"--cert-dir={folder}/certs",
            f"--token-auth-file={folder}/tokens.csv", f"--service-account-key-file={key}",
            f"--service-account-signing-key-file={key}", "--authorization-mode=RBAC",
            "--service-account-issuer=https://kubernetes.default.svc",
            "--service-cluster-ip-range=172.20.0.0/16",
            "--disable-admission-plugins=ServiceAccount",
        ], f"https://127.0.0.1:{api}/readyz")  # fmt: skip
        config = kubeconfig(f"https://127.0.0.1:{api}", folder / "certs" / "apiserver.crt")
        (folder / "kubeconfig").write_text(config)
        _run(running, folder, "kube-controller-manager", [
            tools.binary("kube-controller-manager"), f"--kubeconfig={folder}/kubeconfig",
            f"--service-account-private-key-file={key}", "--leader-elect=false",
            "--secure-port=0", "--concurrent-namespace-syncs=2",
        ])  # fmt: skip
        with nodes(config):
            yield config


def kubeconfig(server: str, ca: Path) -> str:
    """A kubeconfig as JSON."""
    cluster = {"server": server, "certificate-authority": str(ca)}
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "test",
        "clusters": [{"name": "c", "cluster": cluster}],
        "users": [{"name": "u", "user": {"token": "secret-token"}}],
        "contexts": [{"name": "test", "context": {"cluster": "c", "user": "u"}}],
    }
    return json.dumps(document)


@contextmanager
def nodes(config: str) -> Iterator[None]:
    """One pretended node, for as long as the block lasts."""
    client = Client(load(config), Cancellation())
    node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "node"}}
    client.create("/api/v1/nodes", node, {}, print)
    done = threading.Event()
    watched = {
        "pods": Collection("/api/v1/pods"),
        "ingresses": Collection("/apis/networking.k8s.io/v1/ingresses"),
    }
    with Follow(client, watched) as follow:
        thread = threading.Thread(target=_play, args=(client, follow, done), daemon=True)
        thread.start()
        yield
        done.set()
        follow.wake()
        thread.join(10)


def _play(client: Client, follow: Follow, done: threading.Event) -> None:
    while not done.is_set():
        follow.changed(3600)
        for pod in follow.objects("pods"):
            path = f"/api/v1/namespaces/{pod['metadata']['namespace']}/pods"
            try:
                _advance(client, path, pod)
            except ApiError as error:
                if error.code not in (404, 409):
                    raise
        for ingress in follow.objects("ingresses"):
            if "address" in ingress["metadata"].get("labels", {}):
                _set_address(client, ingress)


def _advance(client: Client, path: str, pod: Obj) -> None:
    name, status = pod["metadata"]["name"], pod["status"]
    if pod["metadata"].get("deletionTimestamp"):
        options = {"apiVersion": "v1", "kind": "DeleteOptions", "gracePeriodSeconds": 0}
        client.delete(f"{path}/{name}", options)
    elif not pod["spec"].get("nodeName"):
        binding = {
            "apiVersion": "v1",
            "kind": "Binding",
            "metadata": {"name": name},
            "target": {"kind": "Node", "name": "node"},
        }
        client.create(f"{path}/{name}/binding", binding, {}, print)
    elif not status.get("podIP"):
        patch_status(client, f"{path}/{name}", _status(pod))


def _status(pod: Obj) -> Obj:
    image = pod["spec"]["containers"][0]["image"]
    once = pod["spec"].get("restartPolicy") == "Never"
    ready = image not in (BAD, WAITING) and not once
    state: Obj = {"running": {"startedAt": "2026-01-01T00:00:00Z"}}
    if image == BAD:
        state = {"waiting": {"reason": "ImagePullBackOff", "message": 'Back-off pulling "bad"'}}
    if once:
        state = {"terminated": {"exitCode": 0 if image != BAD else 3, "reason": "Ended"}}
    phase = {True: "Succeeded" if image != BAD else "Failed", False: "Running"}[once]
    container = {
        "name": "c", "ready": ready, "started": image != BAD, "restartCount": 0, "image": image,
        "imageID": "", "state": state,
    }  # fmt: skip
    conditions = [
        {"type": "PodScheduled", "status": "True"},
        {"type": "Initialized", "status": "True"},
        {"type": "Ready", "status": str(ready)},
    ]
    return {
        "phase": phase,
        "podIP": "10.0.0.1",
        "podIPs": [{"ip": "10.0.0.1"}],
        "conditions": conditions,
        "containerStatuses": [container],
    }


def _set_address(client: Client, ingress: Obj) -> None:
    if not ingress["status"].get("loadBalancer"):
        inside, name = ingress["metadata"]["namespace"], ingress["metadata"]["name"]
        path = f"/apis/networking.k8s.io/v1/namespaces/{inside}/ingresses/{name}"
        patch_status(client, path, {"loadBalancer": {"ingress": [{"hostname": "lb.example.com"}]}})


def patch_status(client: Client, path: str, status: Obj) -> None:
    """Set the status of an object, as its controller would."""
    answer = client._send(
        "PATCH", f"{path}/status", None, {"status": status}, "application/merge-patch+json"
    )
    if answer.status >= 400:
        raise ApiError(answer.status, answer.json())


def _run(running: ExitStack, folder: Path, name: str, args: list[Any], url: str = "") -> None:
    healthy = (lambda: _ok(url)) if url else None
    process = Process(name=name, args=args, log=folder / f"{name}.log", healthy=healthy)
    running.callback(process.stop)
    process.start().wait_healthy()


def _ok(url: str) -> bool:
    # The server's certificate is made by itself on its first start.
    with urllib.request.urlopen(url, timeout=5, context=ssl._create_unverified_context()) as answer:
        return bool(answer.status == 200)


def _port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _service_account_key(path: Path) -> None:
    key = rsa.generate_private_key(65537, 2048)
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
