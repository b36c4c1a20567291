"""The way to a private Kubernetes API from outside the VPC: an SSM session on the bastion."""

import json
import shlex
from dataclasses import dataclass
from urllib.parse import urlsplit

API_PORT = 443


@dataclass(frozen=True, kw_only=True)
class ApiTunnel:
    """A tunnel from `port` of 127.0.0.1 to the API; with port 0 there is none.

    `host` is the name or address under which the bastion reaches the API, empty for the endpoint's
    own name; `profile` is the AWS CLI's, or empty.
    """

    port: int
    host: str
    profile: str


def endpoint_host(kubeconfig: str) -> str:
    """The host name of the API server in a cluster's kubeconfig (JSON).

    On AWS it is the same for a public and a private endpoint, and inside the VPC it resolves to
    private addresses: https://docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html
    """
    return urlsplit(json.loads(kubeconfig)["clusters"][0]["cluster"]["server"]).hostname or ""


def kubeconfig_through_tunnel(kubeconfig: str, tunnel: ApiTunnel) -> str:
    """The kubeconfig (JSON) with the tunnel as server, whose certificate is the endpoint's."""
    if not tunnel.port:
        return kubeconfig
    config = json.loads(kubeconfig)
    config["clusters"][0]["cluster"] |= {
        "server": f"https://127.0.0.1:{tunnel.port}",
        "tls-server-name": endpoint_host(kubeconfig),
    }
    return json.dumps(config)


def tunnel_command(tunnel: ApiTunnel, *, instance_id: str, region: str, host: str) -> str:
    """The AWS CLI command that opens the tunnel and keeps it open; empty without a tunnel.

    `host` is the endpoint's own name.
    """
    if not tunnel.port:
        return ""
    parameters = {
        "host": tunnel.host or host,
        "portNumber": API_PORT,
        "localPortNumber": tunnel.port,
    }
    profile = f" --profile {shlex.quote(tunnel.profile)}" if tunnel.profile else ""
    return (
        f"aws ssm start-session --target {instance_id} --region {region}{profile}"
        " --document-name AWS-StartPortForwardingSessionToRemoteHost"
        f" --parameters {','.join(f'{name}={value}' for name, value in parameters.items())}"
    )
