"""The programs of a control plane as data: their flags, and the layers in which they start."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

API_PORT = 443
ETCD = "http://127.0.0.1:2379"


@dataclass(frozen=True, kw_only=True)
class Component:
    """A program and its flags; the next layer waits until it is ready if `must_be_ready`."""

    program: str
    flags: Mapping[str, str | Path]
    env: Mapping[str, str] = field(default_factory=dict)
    must_be_ready: bool = False

    @property
    def arguments(self) -> list[str]:
        return [f"--{name}={value}" for name, value in self.flags.items()]


@dataclass(frozen=True, kw_only=True)
class ControlPlanePlan:
    """What one control plane is made from; `folder` holds its files.

    `encrypted` is whether etcd holds secrets encrypted with the key of `encryption.json`. With an
    `audit_log` the API server writes this file, by the rules of `audit-policy.json`. `aws` is the
    environment of programs that call AWS.
    """

    cluster: str
    folder: Path
    advertise_address: str
    service_cidr: str
    issuer: str
    encrypted: bool = False
    audit_log: Path | None = None
    aws: Mapping[str, str] = field(default_factory=dict)

    def file(self, name: str) -> Path:
        return self.folder / name


def memory(mebibytes: int) -> dict[str, str]:
    """The environment of a Go program that uses about this much memory at most.

    While it uses less, it collects garbage half as often, which shortens its start on few CPUs.
    """
    return {"GOGC": "200", "GOMEMLIMIT": f"{mebibytes}MiB"}


def etcd(plan: ControlPlanePlan) -> Component:
    """etcd with one member; a short election timeout lets it serve sooner."""
    return Component(
        program="etcd",
        flags={
            "name": "default",
            "data-dir": plan.file("etcd"),
            "listen-client-urls": ETCD,
            "advertise-client-urls": ETCD,
            "listen-peer-urls": "http://127.0.0.1:2380",
            "unsafe-no-fsync": "true",  # its data is deleted with the cloud
            "heartbeat-interval": "10",
            "election-timeout": "100",
            "log-level": "warn",
        },
        env=memory(256),
    )


def api_server(plan: ControlPlanePlan) -> Component:
    """The API server, as EKS runs it: tokens by webhook, Node and RBAC authorization."""
    file = plan.file
    flags: dict[str, str | Path] = {
        "etcd-servers": ETCD,
        "bind-address": "0.0.0.0",
        "secure-port": str(API_PORT),
        "advertise-address": plan.advertise_address,
        "tls-cert-file": file("server.crt"),
        "tls-private-key-file": file("server.key"),
        "client-ca-file": file("ca.crt"),
        "service-cluster-ip-range": plan.service_cidr,
        "service-account-issuer": plan.issuer,
        "service-account-jwks-uri": f"{plan.issuer}/keys",
        "service-account-key-file": file("service-account.key"),
        "service-account-signing-key-file": file("service-account.key"),
        "api-audiences": f"{plan.issuer},https://kubernetes.default.svc",
        "authentication-token-webhook-config-file": file("token-review.json"),
        "authentication-token-webhook-version": "v1",
        # Short, so that a deleted access entry takes effect soon.
        "authentication-token-webhook-cache-ttl": "2s",
        "authorization-mode": "Node,RBAC",
        "enable-admission-plugins": "NodeRestriction",
        "allow-privileged": "true",
        "kubelet-certificate-authority": file("ca.crt"),
        "kubelet-client-certificate": file("kubelet-client.crt"),
        "kubelet-client-key": file("kubelet-client.key"),
        "kubelet-preferred-address-types": "InternalIP",
        # The API server has no kube-proxy: it calls webhooks at the addresses of their pods.
        "enable-aggregator-routing": "true",
        "requestheader-client-ca-file": file("front-proxy-ca.crt"),
        "requestheader-allowed-names": "front-proxy-client",
        "requestheader-extra-headers-prefix": "X-Remote-Extra-",
        "requestheader-group-headers": "X-Remote-Group",
        "requestheader-username-headers": "X-Remote-User",
        "proxy-client-cert-file": file("front-proxy-client.crt"),
        "proxy-client-key-file": file("front-proxy-client.key"),
        "profiling": "false",
    }
    if plan.encrypted:
        flags["encryption-provider-config"] = file("encryption.json")
    if plan.audit_log:
        flags["audit-policy-file"] = file("audit-policy.json")
        flags["audit-log-path"] = plan.audit_log
        flags["audit-log-maxsize"] = "100"  # MB
        flags["audit-log-maxbackup"] = "1"
    return Component(program="kube-apiserver", flags=flags, env=memory(600), must_be_ready=True)


def _controller_flags(plan: ControlPlanePlan, name: str) -> dict[str, str | Path]:
    """The flags of a controller with one replica, which uses the kubeconfig of this `name`."""
    config = plan.file(f"{name}.kubeconfig")
    return {
        "kubeconfig": config,
        "authentication-kubeconfig": config,
        "authorization-kubeconfig": config,
        "leader-elect": "false",
        "profiling": "false",
    }


def controller_manager(plan: ControlPlanePlan) -> Component:
    """The default controllers; it assigns no pod addresses, since they come from the VPC."""
    flags = _controller_flags(plan, "controller-manager") | {
        "cluster-name": plan.cluster,
        "root-ca-file": plan.file("ca.crt"),
        "service-account-private-key-file": plan.file("service-account.key"),
        "service-cluster-ip-range": plan.service_cidr,
        "use-service-account-credentials": "true",
        "allocate-node-cidrs": "false",
        # At the default of 20 requests per second all controllers would need seconds to start.
        "kube-api-qps": "500",
        "kube-api-burst": "1000",
    }
    return Component(program="kube-controller-manager", flags=flags, env=memory(256))


def scheduler(plan: ControlPlanePlan) -> Component:
    """The scheduler with its default profile."""
    return Component(
        program="kube-scheduler", flags=_controller_flags(plan, "scheduler"), env=memory(160)
    )


# All but the route controller, as pods have addresses of the VPC.
CLOUD_CONTROLLERS = (
    "cloud-node-controller", "cloud-node-lifecycle-controller", "service-lb-controller",
)  # fmt: skip


def cloud_controller_manager(plan: ControlPlanePlan) -> Component:
    """EKS's cloud controller manager: sets nodes' addresses and labels, deletes the nodes of ended
    instances, and creates load balancers for Services of type LoadBalancer without a class."""
    flags: dict[str, str | Path] = {
        "kubeconfig": plan.file("cloud-controller-manager.kubeconfig"),
        "leader-elect": "false",
        "profiling": "false",
        "bind-address": "127.0.0.1",
        "cloud-provider": "aws",
        "cloud-config": plan.file("cloud.conf"),
        "cluster-name": plan.cluster,
        "controllers": ",".join(CLOUD_CONTROLLERS),
        "configure-cloud-routes": "false",
        "allocate-node-cidrs": "false",
        "concurrent-node-syncs": "10",
    }
    return Component(
        program="aws-cloud-controller-manager", flags=flags, env={**memory(160), **plan.aws}
    )


def layers(plan: ControlPlanePlan) -> tuple[tuple[Component, ...], ...]:
    """The programs in layers: a layer starts when those in the earlier layers that `must_be_ready`
    are ready.

    The API server is in etcd's layer: etcd listens long before the API server calls it.
    """
    controllers = controller_manager(plan), scheduler(plan), cloud_controller_manager(plan)
    return (etcd(plan), api_server(plan)), controllers
