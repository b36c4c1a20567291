"""The pods of the web servers, nginx or another image, under Pod Security `restricted`."""

from dataclasses import dataclass

import pulumi
from pulumi_kubernetes import core

from components.disruption import spread
from components.load_balancing import DEREGISTRATION_SECONDS, TargetType

WEB_PORT = 80
# How long a terminating pod still serves, as it still gets requests. instance: until every
# kube-proxy has removed it; ip: for the deregistration delay, which begins some seconds later.
# https://docs.aws.amazon.com/eks/latest/best-practices/load-balancing.html
# Less than 10: Kubernetes looks at a deleted namespace after 5 and 10 s, and if pods are left, half
# of their grace period later (pkg/controller/namespace/namespace_controller.go).
_PRE_STOP_SECONDS: dict[TargetType, int] = {"instance": 8, "ip": DEREGISTRATION_SECONDS + 5}
_LAST_REQUESTS_SECONDS = 30  # then, for the server to answer the requests that it has accepted
NGINX_USER = 101  # in nginx images
# Volumes for the folders that nginx writes to, as its root file system is read-only.
_WRITABLE = {"cache": "/var/cache/nginx", "run": "/var/run", "tmp": "/tmp"}
_PAGES = "/usr/share/nginx/html"


@dataclass(frozen=True, kw_only=True)
class WebServer:
    """nginx, which serves `page` at `path`, or its welcome page for None. If `image` is not
    empty, a container of that image instead, which answers HTTP at `path` on `port`. `user` is the
    id of the user that it runs as; 0 means the image's own user, who must not be root."""

    name: str
    page: str | None = None
    image: str = ""
    port: int = WEB_PORT
    path: str = "/"
    replicas: int = 2
    user: int = NGINX_USER

    @property
    def labels(self) -> dict[str, str]:
        """The label by which Services find its pods."""
        return {"app": self.name}

    @property
    def health_path(self) -> str:
        """The path of health checks: nginx answers at / wherever its page is."""
        return self.path if self.image else "/"


def pod_spec(
    server: WebServer,
    nginx_image: str,
    page_config_map: pulumi.Input[str] | None,
    target_type: TargetType,
) -> core.v1.PodSpecArgs:
    """The spec of a server's pods; `page_config_map` names the ConfigMap of its page, if any."""
    volumes = [
        core.v1.VolumeArgs(name=name, empty_dir=core.v1.EmptyDirVolumeSourceArgs())
        for name in _WRITABLE
    ]
    mounts = [
        core.v1.VolumeMountArgs(name=name, mount_path=path) for name, path in _WRITABLE.items()
    ]
    if page_config_map is not None:
        source = core.v1.ConfigMapVolumeSourceArgs(name=page_config_map)
        volumes.append(core.v1.VolumeArgs(name="page", config_map=source))
        folder = f"{_PAGES}{server.path}".rstrip("/")
        mounts.append(core.v1.VolumeMountArgs(name="page", mount_path=folder, read_only=True))
    uid = server.user or None
    pre_stop = _PRE_STOP_SECONDS[target_type]
    return core.v1.PodSpecArgs(
        automount_service_account_token=False,
        security_context=core.v1.PodSecurityContextArgs(
            run_as_non_root=True,
            run_as_user=uid,
            run_as_group=uid,
            seccomp_profile=core.v1.SeccompProfileArgs(type="RuntimeDefault"),
            # The post's port is 80, which a user other than root may open only with this.
            sysctls=[core.v1.SysctlArgs(name="net.ipv4.ip_unprivileged_port_start", value="0")],
        ),
        topology_spread_constraints=spread(server.labels),
        termination_grace_period_seconds=pre_stop + _LAST_REQUESTS_SECONDS,
        containers=[_container(server, server.image or nginx_image, mounts, pre_stop)],
        volumes=volumes,
    )


def _container(
    server: WebServer, image: str, mounts: list[core.v1.VolumeMountArgs], pre_stop: int
) -> core.v1.ContainerArgs:
    web = core.v1.HTTPGetActionArgs(path=server.health_path, port="http")
    return core.v1.ContainerArgs(
        name="server" if server.image else "nginx",
        image=image,
        image_pull_policy="IfNotPresent",
        ports=[core.v1.ContainerPortArgs(name="http", container_port=server.port)],
        readiness_probe=core.v1.ProbeArgs(http_get=web, period_seconds=2),
        liveness_probe=core.v1.ProbeArgs(http_get=web, period_seconds=10, initial_delay_seconds=5),
        lifecycle=core.v1.LifecycleArgs(
            pre_stop=core.v1.LifecycleHandlerArgs(sleep=core.v1.SleepActionArgs(seconds=pre_stop))
        ),
        resources=core.v1.ResourceRequirementsArgs(
            requests={"cpu": "10m", "memory": "32Mi"},
            limits={"cpu": "250m", "memory": "64Mi"},
        ),
        security_context=core.v1.SecurityContextArgs(
            allow_privilege_escalation=False,
            read_only_root_filesystem=not server.image,  # other images may need to write to it
            capabilities=core.v1.CapabilitiesArgs(drop=["ALL"]),
        ),
        volume_mounts=mounts,
    )
