"""The cloud's DNS: hosted zones, load balancers, instances and AWS's own names."""

from localcloud.network.dns.reconciler import DnsReconciler

__all__ = ["DnsReconciler"]
