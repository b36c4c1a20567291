"""The cloud's DNS: names of hosted zones, load balancers, instances and AWS's services."""

from localcloud.network.dns.reconciler import DnsReconciler

__all__ = ["DnsReconciler"]
