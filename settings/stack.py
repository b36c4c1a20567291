"""The stack's settings: read once from Pulumi's configuration, typed, checked before any resource.

Pulumi.yaml declares every key with its type, default and description. A value that breaks a rule
stops the run with one line: key, value, rule.
"""

from dataclasses import dataclass, replace
from typing import get_args

import pulumi

from components.cluster import ClusterSpec
from components.load_balancer_controller import ControllerSpec, Credentials, check_credentials
from components.load_balancer_controller.releases import ControllerRelease, find_release
from components.network import Nat, NetworkSpec
from components.network.subnets import MAX_ZONES, parse_cidr, plan_subnets
from components.node_group import NodeSpec
from components.services import Scheme
from settings import credentials, rules
from settings.administrators import find_creator, without_creator
from settings.offerings import cluster_exists, require_instance_types, require_kubernetes_version
from settings.reader import Reader, keep, refuse

KEYS = (
    *("domain", "create-zone"),
    *("vpc-cidr", "zone-count", "nat"),
    *("kubernetes-version", "endpoint-public-access", "endpoint-public-access-cidrs", "protect"),
    *("access-entries", "cluster-log-types", "log-retention-days"),
    *("node-instance-type", "node-min", "node-desired", "node-max"),
    "bastion-instance-type",
    *("controller-credentials", "controller-version", "controller-chart-version"),
    *("controller-chart-repository", "controller-image-repository", "controller-image-tag"),
    *("nginx-image", "load-balancer-scheme"),
)
_NODES = range(1, 451)  # as many as EKS puts into one node group


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What a stack decides, in the shape in which the components take it."""

    domain: str
    create_zone: bool
    protected: bool
    network: NetworkSpec
    cluster: ClusterSpec
    bastion_instance_type: str
    controller: ControllerSpec
    nginx_image: str
    load_balancer_scheme: Scheme


def load() -> Settings:
    """The settings of this stack. Raises pulumi.RunError for the first that breaks a rule."""
    read = Reader(KEYS)
    controller = _controller(read)
    settings = Settings(
        domain=read.text("domain", rules.domain),
        create_zone=read.flag("create-zone"),
        protected=read.flag("protect"),
        network=_network(read),
        cluster=_cluster(read, oidc_provider=controller.credentials == "irsa"),
        bastion_instance_type=read.text("bastion-instance-type", rules.instance_type),
        controller=controller,
        nginx_image=read.text("nginx-image", rules.image),
        load_balancer_scheme=read.choice("load-balancer-scheme", get_args(Scheme)),
    )
    if settings.network.nat == "none":
        _refuse_images_from_the_internet(settings)
    require_kubernetes_version(settings.cluster.kubernetes_version)
    require_instance_types(
        {
            "node-instance-type": settings.cluster.nodes.instance_type,
            "bastion-instance-type": settings.bastion_instance_type,
        }
    )
    return replace(settings, cluster=_with_creator(settings.cluster))


def _with_creator(cluster: ClusterSpec) -> ClusterSpec:
    exists = cluster_exists(cluster.name)
    creator = find_creator(cluster.name, exists)
    entries = without_creator(cluster.access_entries, creator)
    return replace(cluster, exists=exists, creator=creator, access_entries=entries)


def _network(read: Reader) -> NetworkSpec:
    zone_count = read.integer("zone-count", range(2, MAX_ZONES + 1))
    cidr = read.text("vpc-cidr")
    plan = keep("vpc-cidr", cidr, lambda value: plan_subnets(value, zone_count))
    return NetworkSpec(plan=plan, nat=read.choice("nat", get_args(Nat)))


def _cluster(read: Reader, oidc_provider: bool) -> ClusterSpec:
    return ClusterSpec(
        name=f"{pulumi.get_project()}-{pulumi.get_stack()}",
        region=keep("aws:region", pulumi.Config("aws").get("region"), rules.region),
        kubernetes_version=read.text("kubernetes-version", rules.kubernetes_version),
        public_access_cidrs=_public_access_cidrs(read),
        credentials=credentials.load(),
        exists=False,  # looked up when all settings are known to be right
        creator="",
        access_entries=read.entries("access-entries", rules.access_entries),
        log_types=read.texts("cluster-log-types", rules.log_type),
        log_retention_days=read.integer("log-retention-days", rules.LOG_RETENTION_DAYS),
        oidc_provider=oidc_provider,
        protected=read.flag("protect"),
        nodes=_nodes(read),
    )


def _public_access_cidrs(read: Reader) -> tuple[str, ...]:
    public = read.flag("endpoint-public-access")
    cidrs = read.texts("endpoint-public-access-cidrs", parse_cidr)
    if public and not cidrs:
        rule = "must name who may reach the API, as endpoint-public-access is true"
        refuse("endpoint-public-access-cidrs", cidrs, rule)
    if cidrs and not public:
        rule = "must be empty, as endpoint-public-access is false"
        refuse("endpoint-public-access-cidrs", cidrs, rule)
    return cidrs


def _nodes(read: Reader) -> NodeSpec:
    minimum, desired, maximum = (
        read.integer(f"node-{limit}", _NODES) for limit in ("min", "desired", "max")
    )
    if minimum > maximum:
        refuse("node-min", minimum, f"must be at most node-max ({maximum})")
    if not minimum <= desired <= maximum:
        refuse("node-desired", desired, f"must be node-min ({minimum}) to node-max ({maximum})")
    return NodeSpec(
        instance_type=read.text("node-instance-type", rules.instance_type),
        minimum=minimum,
        desired=desired,
        maximum=maximum,
    )


def _controller(read: Reader) -> ControllerSpec:
    release = keep("controller-version", read.text("controller-version"), find_release)
    _refuse_parts_of_another_release(read, release)
    chosen = read.choice("controller-credentials", get_args(Credentials))
    keep("controller-credentials", chosen, lambda value: check_credentials(value, release))
    return ControllerSpec(
        release=release,
        credentials=chosen,
        chart_repository=read.text("controller-chart-repository", rules.chart_repository),
        image_repository=read.text("controller-image-repository"),
        image_tag=read.text("controller-image-tag"),
    )


def _refuse_parts_of_another_release(read: Reader, release: ControllerRelease) -> None:
    """Chart, custom resource definitions, rights and image must be of one release."""
    chart = read.text("controller-chart-version")
    tag = read.text("controller-image-tag")
    if chart != release.chart_version:
        rule = f"must be {release.chart_version}, the chart of controller-version {release.version}"
        refuse("controller-chart-version", chart, rule)
    if tag and tag.partition("-")[0] != f"v{release.version}":
        rule = f"must be v{release.version}, as controller-version is {release.version}"
        refuse("controller-image-tag", tag, rule)


def _refuse_images_from_the_internet(settings: Settings) -> None:
    """Without NAT nothing here gives private nodes a way to a public registry."""
    images = {
        "nginx-image": settings.nginx_image,
        "controller-image-repository": settings.controller.image_repository or rules.CHART_IMAGE,
    }
    for key, image in images.items():
        if rules.is_public_image(image):
            rule = (
                f"private nodes cannot pull {key} {image} without NAT; use single or "
                "one-per-zone, or images from a registry inside the network"
            )
            refuse("nat", settings.network.nat, rule)
