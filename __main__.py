"""The stack: Kubernetes Services of every type and an Ingress, on EKS. See Pulumi.yaml."""

from dataclasses import asdict

import pulumi

import settings
from components.access_logs import access_logs
from components.bastion import Bastion, BastionArgs
from components.certificate import CertificateArgs, certificate_for
from components.cluster import Cluster, ClusterArgs
from components.dns import Dns, DnsArgs
from components.firewall import web_acl
from components.ingress import Ingress, IngressArgs
from components.load_balancer_controller import LoadBalancerController, LoadBalancerControllerArgs
from components.network import Network, NetworkArgs
from components.protection import protection
from components.replacement import delete_first
from components.service_spec import SERVICE_1
from components.services import Services, ServicesArgs
from components.workloads import Workloads, WorkloadsArgs

config = settings.load()
pulumi.runtime.register_stack_transformation(delete_first)
pulumi.runtime.register_stack_transformation(protection(config.protected))

network = Network("network", NetworkArgs(spec=config.network, cluster_name=config.cluster.name))
cluster = Cluster("cluster", ClusterArgs(spec=config.cluster, network=network))
in_cluster = pulumi.ResourceOptions(providers=[cluster.provider])
bastion = Bastion(
    "bastion",
    BastionArgs(network=network, cluster=cluster, instance_type=config.bastion_instance_type),
)
cluster.ready += bastion.ready  # so `destroy` reaches a private API through it until the end
controller = LoadBalancerController(
    "load-balancer-controller",
    LoadBalancerControllerArgs(spec=config.controller, network=network, cluster=cluster),
    in_cluster,
)
dns = Dns(
    "dns",
    DnsArgs(
        domain=config.domain,
        create_zone=config.create_zone,
        names=[*config.hosts, *config.load_balancer_hosts],
        known_name_servers=config.name_servers_before,
    ),
)
certificate_arn = certificate_for(
    "certificate",
    CertificateArgs(domain=config.domain, hosts=config.secure_hosts, zone_id=dns.zone_id),
)
logs = access_logs("access-logs", config.access_logs)
acl = web_acl("firewall", wanted=config.waf, used=config.waf_used)
workloads = Workloads(
    "workloads", WorkloadsArgs(spec=config.application, after=cluster.ready), in_cluster
)
services = Services(
    "services",
    ServicesArgs(
        spec=config.application,
        workloads=workloads,
        controller=controller,
        certificate_arn=certificate_arn,
        logs=logs,
    ),
    in_cluster,
)
ingress = Ingress(
    "ingress",
    IngressArgs(
        spec=config.application,
        namespace=workloads.namespace,
        default_service=SERVICE_1,  # for svc.<domain>
        controller=controller,
        # Its Services first: the controller looks for a missing one again after long pauses only.
        after=services.resources,
        certificate_arn=certificate_arn,
        logs=logs,
        web_acl=acl,
    ),
    in_cluster,
)
dns.add_cnames(config.hosts, to=ingress.hostname)
dns.add_cnames(config.load_balancer_hosts, to=services.load_balancer_hostname)

pulumi.export("cluster_name", cluster.name)
pulumi.export("region", cluster.region)
pulumi.export("kubeconfig", cluster.kubeconfig)
pulumi.export("vpc_id", network.vpc_id)
pulumi.export("bastion_instance_id", bastion.instance_id)
pulumi.export("api_tunnel_command", cluster.api_tunnel_command(bastion.instance_id))
pulumi.export("namespace", workloads.namespace)
pulumi.export("deployments", workloads.names)
pulumi.export("services", services.names)
pulumi.export("node_ports", services.node_ports)
pulumi.export("load_balancer_hostname", services.load_balancer_hostname)
pulumi.export("ingress_hostname", ingress.hostname)
pulumi.export("load_balancing", asdict(config.application.balancing))
pulumi.export("hosts", config.application.ingress_rules)
pulumi.export("domain", config.domain)
pulumi.export("zone_id", dns.zone_id)
pulumi.export("zone_name_servers", dns.name_servers)
pulumi.export("record_names", dns.names)
