"""The stack's settings: read from Pulumi's configuration and checked before any resource is made.

Pulumi.yaml declares every key with its type, default and description. A value that breaks a rule
stops the run with one line: key, value, rule.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, get_args

import pulumi

from components.access_logs import AccessLogsArgs
from components.api_tunnel import ApiTunnel
from components.certificate import certificate_names
from components.cluster import CREATED_BY, WAF_USED, ClusterSpec
from components.load_balancer_controller import ControllerSpec
from components.network import Nat, NetworkSpec
from components.network.endpoints import SERVICES, WAF
from components.network.subnets import MAX_ZONES, plan_subnets
from components.node_group import NodeSpec
from components.service_spec import ApplicationSpec, default_host, nlb_host, servers
from settings import credentials, rules
from settings.administrators import find_creator, require_roles, without_creator
from settings.application import read_application, require_targets
from settings.controller import read_controller
from settings.offerings import (
    find_cluster,
    require_hosted_zone,
    require_instance_types,
    require_kubernetes_version,
)
from settings.reader import Reader, apply_rule, refuse
from settings.unchangeable import outputs_before, require_same_block, require_same_outputs

KEYS = (
    "domain", "create-zone",
    "vpc-cidr", "zone-count", "nat", "vpc-endpoints", "flow-logs",
    "kubernetes-version", "endpoint-public-access", "endpoint-public-access-cidrs",
    "endpoint-private-access-sources", "api-tunnel-port", "api-tunnel-host", "protect",
    "access-entries", "cluster-log-types", "log-retention-days",
    "node-instance-type", "node-count", "node-disk-size", "node-repair",
    "bastion-instance-type",
    "controller-credentials", "controller-version", "controller-chart-version",
    "controller-chart-repository", "controller-image-repository", "controller-image-tag",
    "nginx-image", "services",
    "load-balancer", "load-balancer-scheme", "ingress-scheme", "inbound-cidrs", "target-type",
    "tls", "load-balancer-tls", "access-logs", "waf",
)  # fmt: skip
_NODES = range(1, 450)  # the group's maximum size is one more, and EKS allows 450
_PUBLIC_BLOCKS = 40
_DISK_GIB = range(20, 16385)  # from the image's size to gp3's maximum


@dataclass(frozen=True, kw_only=True)
class Settings:
    """A stack's settings, grouped as the components take them."""

    domain: str
    create_zone: bool
    protected: bool
    network: NetworkSpec
    cluster: ClusterSpec
    bastion_instance_type: str
    controller: ControllerSpec
    application: ApplicationSpec
    access_logs: AccessLogsArgs
    waf: bool
    name_servers_before: Sequence[str] = ()  # of the hosted zone, after the last run

    @property
    def waf_used(self) -> bool:
        """Whether the stack has AWS WAF, or had it."""
        return self.controller.manages_web_acls

    @property
    def hosts(self) -> list[str]:
        """The DNS names that lead to the Ingress."""
        named = [each.host for each in self.application.services if each.host]
        return list(dict.fromkeys([default_host(self.domain), *named]))

    @property
    def load_balancer_hosts(self) -> list[str]:
        """The DNS names that lead to the post's LoadBalancer Service: one if it serves TLS."""
        tls = self.application.balancing.load_balancer_tls
        return [nlb_host(self.domain)] if tls else []

    @property
    def secure_hosts(self) -> list[str]:
        """The DNS names that serve TLS; empty without it."""
        return [*self.hosts, *self.load_balancer_hosts] if self.application.balancing.tls else []


def load() -> Settings:
    """The settings of the selected stack. Raises pulumi.RunError if one breaks a rule."""
    read = Reader(KEYS)
    controller = read_controller(read)
    domain = _domain(read)
    settings = Settings(
        domain=domain,
        create_zone=read.flag("create-zone"),
        protected=read.flag("protect"),
        network=_network(read),
        cluster=_cluster(read, oidc_provider=controller.credentials == "irsa"),
        bastion_instance_type=read.string("bastion-instance-type", rules.instance_type),
        controller=controller,
        application=read_application(read, domain, controller.release),
        access_logs=AccessLogsArgs(
            days=_log_days(read) if read.flag("access-logs") else 0, region=_region()
        ),
        waf=read.flag("waf"),
    )
    if settings.network.nat == "none":
        _refuse_images_from_the_internet(settings)
    if settings.secure_hosts:
        apply_rule("tls", True, lambda _: certificate_names(domain, settings.secure_hosts))
    require_targets(settings.application, settings.cluster.nodes.count)
    before = outputs_before()
    _refuse_impossible_changes(settings, before)
    if not settings.create_zone:
        require_hosted_zone(settings.domain)
    existing = find_cluster(settings.cluster.name)
    waf_used = settings.waf or (existing is not None and WAF_USED in existing.tags)
    if waf_used:
        settings = _with_waf(settings)
    require_kubernetes_version(settings.cluster.kubernetes_version, existing)
    require_instance_types(
        {
            "node-instance-type": settings.cluster.nodes.instance_type,
            "bastion-instance-type": settings.bastion_instance_type,
        }
    )
    creator = find_creator(existing)
    entries = without_creator(settings.cluster.access_entries, creator)
    require_roles(entries)
    tags = {CREATED_BY: creator, WAF_USED: "true" if waf_used else ""}
    cluster = replace(
        settings.cluster,
        exists=existing is not None,
        own_tags={name: value for name, value in tags.items() if value},
        access_entries=entries,
    )
    known = before.get("zone_name_servers") or ()
    return replace(settings, cluster=cluster, name_servers_before=tuple(known))


def _refuse_impossible_changes(settings: Settings, before: Mapping[str, Any]) -> None:
    """Refuse changes that the stack cannot make; `before` are the outputs of its last run."""
    require_same_outputs(
        before,
        {
            "cluster_name": ("pulumi:stack", settings.cluster.name),
            "region": ("aws:region", settings.cluster.region),
        },
    )
    if "bastion_instance_id" not in before:
        _refuse_tunnel(settings.cluster)
    require_same_block(settings.cluster.name, settings.network.plan.vpc)


def _with_waf(settings: Settings) -> Settings:
    """The settings with what the controller needs to associate, or remove, a web ACL."""
    endpoints = settings.network.endpoints
    return replace(
        settings,
        controller=replace(settings.controller, manages_web_acls=True),
        network=replace(settings.network, endpoints=(*endpoints, WAF) if endpoints else ()),
    )


def _domain(read: Reader) -> str:
    domain = read.string("domain", rules.domain)
    if read.flag("create-zone") and rules.is_reserved(domain):
        rule = (
            "Route 53 creates no hosted zone with a name for documentation; set a domain of yours"
        )
        refuse("domain", domain, rule)
    return domain


def _network(read: Reader) -> NetworkSpec:
    zone_count = read.integer("zone-count", range(2, MAX_ZONES + 1))
    cidr = read.string("vpc-cidr")
    plan = apply_rule("vpc-cidr", cidr, lambda value: plan_subnets(value, zone_count))
    nat, endpoints = read.choice("nat", get_args(Nat)), read.flag("vpc-endpoints")
    if nat == "none" and not endpoints:
        rule = (
            "nothing leads from private subnets to AWS; set vpc-endpoints to true, or nat to single"
        )
        refuse("nat", nat, rule)
    return NetworkSpec(
        region=_region(),
        plan=plan,
        nat=nat,
        endpoints=SERVICES if endpoints else (),
        flow_log_days=_log_days(read) if read.flag("flow-logs") else 0,
    )


def _log_days(read: Reader) -> int:
    return read.integer("log-retention-days", rules.LOG_RETENTION_DAYS)


def _region() -> str:
    return apply_rule("aws:region", pulumi.Config("aws").get("region"), rules.region)


def _api_tunnel(read: Reader) -> ApiTunnel:
    return ApiTunnel(
        port=read.integer("api-tunnel-port", range(65536)),
        host=read.string("api-tunnel-host", rules.host),
        profile=pulumi.Config("aws").get("profile") or "",
    )


def _refuse_tunnel(cluster: ClusterSpec) -> None:
    """The first `up` cannot use the tunnel, as it makes the bastion that the tunnel needs."""
    if cluster.tunnel.port and not cluster.public_access_cidrs:
        rule = (
            "api-tunnel-port leads through the bastion, which the first `up` makes: for that `up`, "
            "set this to true, and endpoint-public-access-cidrs to your own addresses"
        )
        refuse("endpoint-public-access", False, rule)


def _cluster(read: Reader, oidc_provider: bool) -> ClusterSpec:
    return ClusterSpec(
        name=f"{pulumi.get_project()}-{pulumi.get_stack()}",
        region=_region(),
        kubernetes_version=read.string("kubernetes-version", rules.kubernetes_version),
        public_access_cidrs=_public_access_cidrs(read),
        private_access_sources=read.strings("endpoint-private-access-sources", rules.source),
        tunnel=_api_tunnel(read),
        credentials=credentials.load(),
        exists=False,  # looked up by load
        own_tags={},
        access_entries=read.entries("access-entries", rules.access_entries),
        log_types=read.strings("cluster-log-types", rules.log_type),
        log_retention_days=_log_days(read),
        oidc_provider=oidc_provider,
        protected=read.flag("protect"),
        nodes=_nodes(read),
        tags=_default_tags(),
    )


def _default_tags() -> dict[str, str]:
    """The tags that the AWS provider adds to all resources it makes."""
    given = pulumi.Config("aws").get_object("defaultTags") or {}
    return apply_rule("aws:defaultTags", given, rules.default_tags)


def _public_access_cidrs(read: Reader) -> tuple[str, ...]:
    public = read.flag("endpoint-public-access")
    cidrs = read.strings("endpoint-public-access-cidrs", rules.public_block)
    if public and not cidrs:
        rule = "must name who may reach the API, as endpoint-public-access is true"
        refuse("endpoint-public-access-cidrs", cidrs, rule)
    if len(cidrs) > _PUBLIC_BLOCKS:
        rule = f"must be {_PUBLIC_BLOCKS} blocks at most, as EKS takes no more"
        refuse("endpoint-public-access-cidrs", cidrs, rule)
    if cidrs and not public:
        rule = "must be empty, as endpoint-public-access is false"
        refuse("endpoint-public-access-cidrs", cidrs, rule)
    return cidrs


def _nodes(read: Reader) -> NodeSpec:
    return NodeSpec(
        instance_type=read.string("node-instance-type", rules.instance_type),
        count=read.integer("node-count", _NODES),
        disk_gib=read.integer("node-disk-size", _DISK_GIB),
        repair=read.flag("node-repair"),
    )


def _refuse_images_from_the_internet(settings: Settings) -> None:
    """Without NAT private nodes do not reach a public registry."""
    images = {
        "nginx-image": settings.application.nginx_image,
        "controller-image-repository": settings.controller.image_repository or rules.CHART_IMAGE,
        **{
            f"services.{each.name}.image": each.image
            for each in servers(settings.application.services)
        },
    }
    for key, image in images.items():
        if image and rules.is_public_image(image):
            rule = (
                f"private nodes cannot pull {key} {image} without NAT; use single or "
                "one-per-zone, or images from a registry inside the network"
            )
            refuse("nat", settings.network.nat, rule)
