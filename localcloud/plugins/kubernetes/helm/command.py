"""Running helm: with a kubeconfig of its own that no disk sees, ended when the engine cancels."""

import base64
import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from localcloud.plugins.kubernetes.cluster import Cluster
from localcloud.plugins.kubernetes.credentials import Credentials
from localcloud.plugins.kubernetes.errors import Cancelled
from localcloud.plugins.kubernetes.kubeconfig import ClusterConfig
from localcloud.plugins.kubernetes.objects import Obj
from localcloud.plugins.provider import ProviderError


class HelmError(ProviderError):
    """helm ended with an error; the message is what it said."""


def helm(
    cluster: Cluster,
    args: Sequence[str],
    *,
    stdin: str = "",
    lasting: float = 0.0,
    online: bool = True,
) -> str:
    """What `helm ARGS` prints; `stdin` is what it may read from `-`.

    Args:
        lasting: seconds for which helm needs access to the cluster.
        online: whether it needs the cluster at all.

    Raises HelmError with what it said, Cancelled when the engine stops.
    """
    program = shutil.which("helm")
    if program is None:
        raise ProviderError("Helm releases need the program helm on PATH")
    with _kubeconfig(cluster, lasting) if online else _nothing() as descriptor:
        given = [f"--kubeconfig=/proc/self/fd/{descriptor}"] if descriptor is not None else []
        child = subprocess.Popen(
            [*_dies_with_us(), program, *args, *given],
            env=_environment(cluster),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            pass_fds=[descriptor] if descriptor is not None else [],
            text=True,
            start_new_session=True,
        )
        with cluster.cancelled.calling(child.terminate):
            out, said = child.communicate(stdin)
    if cluster.cancelled.is_set() and child.returncode:
        raise Cancelled("helm was cancelled")
    if child.returncode:
        raise HelmError(_message(said))
    return out


def _message(said: str) -> str:
    lines = [line for line in said.splitlines() if line.strip() and "WARNING" not in line]
    errors = [line.removeprefix("Error: ") for line in lines if line.startswith("Error: ")]
    return " ".join(errors or lines[-5:]) or "helm failed without a word"


def _environment(cluster: Cluster) -> dict[str, str]:
    # HELM_KUBE* of the person's shell would point helm at another cluster than the provider's.
    kept = {key: value for key, value in os.environ.items() if not key.startswith("HELM_KUBE")}
    return {**kept, **cluster.options.helm, "HELM_DRIVER": "secret"}


def _dies_with_us() -> list[str]:
    # A helm that outlived a killed plugin would race the next run's.
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "TERM", "--"] if setpriv else []


@contextmanager
def _kubeconfig(cluster: Cluster, lasting: float) -> Iterator[int | None]:
    """A descriptor of a file in memory that only this process and helm can read."""
    document = kubeconfig(cluster.config, cluster.client.credentials, lasting)
    descriptor = os.memfd_create("kubeconfig", os.MFD_CLOEXEC)
    try:
        os.fchmod(descriptor, 0o600)
        os.write(descriptor, json.dumps(document).encode())
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def _nothing() -> Iterator[int | None]:
    yield None


def kubeconfig(config: ClusterConfig, credentials: Credentials, lasting: float) -> Obj:
    """A kubeconfig for the one cluster and user, complete in itself.

    A token that is sure to last `lasting` seconds stands for the exec plugin it came from, which
    then need not run again.
    """
    cluster = {
        "server": config.server,
        "certificate-authority-data": _encoded(config.ca),
        "insecure-skip-tls-verify": config.insecure,
        "tls-server-name": config.tls_server_name,
    }
    token = credentials.lasting(lasting)
    user = {
        "token": token,
        "exec": None if token else config.user.get("exec"),
        "client-certificate-data": _encoded(config.certificate),
        "client-key-data": _encoded(config.key),
    }
    named = "provider"
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": named,
        "contexts": [{"name": named, "context": {"cluster": named, "user": named}}],
        "clusters": [{"name": named, "cluster": {k: v for k, v in cluster.items() if v}}],
        "users": [{"name": named, "user": {k: v for k, v in user.items() if v}}],
    }


def _encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()
