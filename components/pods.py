"""The pods that serve web pages: nginx under Pod Security `restricted`, with or without a page."""

from dataclasses import dataclass

import pulumi
from pulumi_kubernetes import core

from components.disruption import spread

WEB_PORT = 80
# Seconds until every kube-proxy has stopped sending to a terminating pod, which serves until then.
# https://docs.aws.amazon.com/eks/latest/best-practices/load-balancing.html
_DEREGISTRATION_SECONDS = 10
_DRAIN_SECONDS = 30  # for requests that nginx still answers after that
_UID = 101  # of the user nginx in nginx images
# Folders that nginx writes to, although its root file system is read-only.
_WRITABLE = {"cache": "/var/cache/nginx", "run": "/var/run", "tmp": "/tmp"}
_PAGES = "/usr/share/nginx/html"


@dataclass(frozen=True, kw_only=True)
class WebServer:
    """An nginx that serves `page`, or its image's welcome page for None."""

    name: str
    page: str | None = None

    @property
    def labels(self) -> dict[str, str]:
        """The label by which Services find its pods."""
        return {"app": self.name}


def pod_spec(
    server: WebServer, image: str, page_config_map: pulumi.Input[str] | None
) -> core.v1.PodSpecArgs:
    """The pods of a server; `page_config_map` names the ConfigMap that holds its page, if any."""
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
        mounts.append(core.v1.VolumeMountArgs(name="page", mount_path=_PAGES, read_only=True))
    return core.v1.PodSpecArgs(
        automount_service_account_token=False,
        security_context=core.v1.PodSecurityContextArgs(
            run_as_non_root=True,
            run_as_user=_UID,
            run_as_group=_UID,
            seccomp_profile=core.v1.SeccompProfileArgs(type="RuntimeDefault"),
            # The post's port is 80, which a user other than root may open only with this.
            sysctls=[core.v1.SysctlArgs(name="net.ipv4.ip_unprivileged_port_start", value="0")],
        ),
        topology_spread_constraints=spread(server.labels),
        termination_grace_period_seconds=_DEREGISTRATION_SECONDS + _DRAIN_SECONDS,
        containers=[_container(image, mounts)],
        volumes=volumes,
    )


def _container(image: str, mounts: list[core.v1.VolumeMountArgs]) -> core.v1.ContainerArgs:
    web = core.v1.HTTPGetActionArgs(path="/", port="http")
    return core.v1.ContainerArgs(
        name="nginx",
        image=image,
        image_pull_policy="IfNotPresent",
        ports=[core.v1.ContainerPortArgs(name="http", container_port=WEB_PORT)],
        readiness_probe=core.v1.ProbeArgs(http_get=web, period_seconds=2),
        liveness_probe=core.v1.ProbeArgs(http_get=web, period_seconds=10, initial_delay_seconds=5),
        lifecycle=core.v1.LifecycleArgs(
            pre_stop=core.v1.LifecycleHandlerArgs(
                sleep=core.v1.SleepActionArgs(seconds=_DEREGISTRATION_SECONDS)
            )
        ),
        resources=core.v1.ResourceRequirementsArgs(
            requests={"cpu": "10m", "memory": "32Mi"},
            limits={"cpu": "250m", "memory": "64Mi"},
        ),
        security_context=core.v1.SecurityContextArgs(
            allow_privilege_escalation=False,
            read_only_root_filesystem=True,
            capabilities=core.v1.CapabilitiesArgs(drop=["ALL"]),
        ),
        volume_mounts=mounts,
    )
