"""The checks, one for each statement: those of the post in its order, then those of settings."""

from checks import ingress, services
from checks.context import Check

CHECKS = (
    Check(1, "port-forward", services.port_forward),
    Check(2, "ClusterIP", services.cluster_ip),
    Check(3, "NodePort", services.node_port),
    Check(4, "LoadBalancer", services.load_balancer),
    Check(5, "ExternalName", services.external_name),
    Check(6, "svc1", ingress.by_name("svc1", "svc-1")),
    Check(7, "svc2", ingress.by_name("svc2", "svc-2")),
    Check(8, "svc", ingress.by_name("svc", "svc-1")),
    Check(9, "ALB's rules", ingress.rules),
    Check(10, "DNS records", ingress.records),
    Check(11, "Ingress", ingress.load_balancer),
    Check(12, "more hosts", ingress.further_hosts),
    Check(13, "HTTPS", ingress.secure),
)
