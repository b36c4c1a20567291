"""Fakes: kubectl and curl as small scripts, SSM on this machine, and objects of the API server."""

import json
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

NGINX_PAGE = "<!DOCTYPE html><html><head><title>Welcome to nginx!</title></head></html>"
NAMESPACE = "service-types"
CLUSTER_NAME = "nginx-cluster-ip.service-types.svc.cluster.local"
KUBECONFIG = json.dumps(
    {
        "current-context": "eks",
        "contexts": [{"name": "eks", "context": {"cluster": "c", "user": "u"}}],
        "clusters": [{"name": "c", "cluster": {"server": "https://127.0.0.1:1"}}],
        "users": [{"name": "u", "user": {"token": "t"}}],
    }
)

# `get --raw PATH` prints the file of that path; exec runs here, with the cluster's names known,
# or fails with the text of `exec-error`; port-forward prints the port that is in the file of its
# target. Every call begins with the line of shell in `first`.
KUBECTL = r"""#!/bin/sh
if [ -f "{root}/first" ]; then . "{root}/first"; fi
case $1 in
get)
  file="{root}/$(printf %s "$3" | tr /:?=% _____)"
  if [ -f "$file" ]; then exec cat "$file"; fi
  echo "Error from server (NotFound): $3 not found" >&2; exit 1 ;;
exec)
  if [ -f "{root}/exec-error" ]; then cat "{root}/exec-error" >&2; exit 1; fi
  while [ "$1" != -- ]; do shift; done; shift; exec "$@" ;;
port-forward)
  name=$(printf %s "$6" | tr / _)
  if [ ! -f "{root}/$name" ]; then echo "error: $6 not found" >&2; exit 1; fi
  echo "Forwarding from 127.0.0.1:$(cat "{root}/$name") -> $7"
  exec sleep 30 ;;
esac
"""


class Kubectl:
    """The fake kubectl's answers: one file each under `root`."""

    def __init__(self, root: Path, bin_folder: Path) -> None:
        self.root = root
        script(bin_folder / "kubectl", KUBECTL.replace("{root}", str(root)))

    def answers(self, what: str, answer: object) -> None:
        """Set what KUBECTL prints for a path of `get --raw`, the port for a target of
        port-forward, or one of its own files; None takes it away."""
        file = self.root / what.translate(str.maketrans("/:?=%", "_____"))
        if answer is None:
            file.unlink(missing_ok=True)
        else:
            file.write_text(answer if isinstance(answer, str) else json.dumps(answer))


def script(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)


def curl_that_finds(folder: Path, name: str, address: str) -> None:
    """A curl in `folder` that connects to `address` for `name`, both HOST:PORT or HOST: for all."""
    curl = shutil.which("curl")
    assert curl
    script(folder / "curl", f'#!/bin/sh\nexec {curl} --connect-to {name}:{address} "$@"\n')


class FakeSsm:
    """SSM whose one instance is this machine: commands run for real, in sh."""

    class exceptions:
        InvocationDoesNotExist = type("InvocationDoesNotExist", (Exception,), {})

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = environment
        self.status = "Success"
        self.unknown_at_first = False  # as SSM does right after a command was sent
        self._outputs: list[str] = []

    def send_command(self, **wanted: Any) -> dict[str, Any]:
        commands = "\n".join(wanted["Parameters"]["commands"])
        done = subprocess.run(
            ["sh", "-c", commands], capture_output=True, text=True, env=self.environment
        )
        self._outputs.append(done.stdout)
        return {"Command": {"CommandId": str(len(self._outputs) - 1)}}

    def get_command_invocation(self, CommandId: str, InstanceId: str) -> dict[str, Any]:
        if self.unknown_at_first:
            self.unknown_at_first = False
            raise self.exceptions.InvocationDoesNotExist
        return {
            "Status": self.status,
            "StatusDetails": self.status,
            "StandardOutputContent": self._outputs[int(CommandId)],
            "StandardErrorContent": "",
        }


def service(
    name: str,
    kind: str,
    port: int | None = None,
    cluster_ip: str | None = None,
    node_port: int | None = None,
    hostname: str | None = None,
) -> dict[str, Any]:
    """A Service as the API server returns it."""
    ports = [{"port": port} | ({"nodePort": node_port} if node_port else {})] if port else []
    ingress = [{"hostname": hostname}] if hostname else []
    return {
        "metadata": {"name": name},
        "spec": {"type": kind, "ports": ports, "clusterIP": cluster_ip},
        "status": {"loadBalancer": {"ingress": ingress}},
    }


def node(instance_id: str, internal_ip: str) -> dict[str, Any]:
    return {
        "metadata": {"name": internal_ip},
        "spec": {"providerID": f"aws:///eu-west-1a/{instance_id}"},
        "status": {"addresses": [{"type": "InternalIP", "address": internal_ip}]},
    }


def pod(name: str, ready: bool = True) -> dict[str, Any]:
    condition = {"type": "Ready", "status": "True" if ready else "False"}
    return {"metadata": {"name": name}, "status": {"conditions": [condition]}}
