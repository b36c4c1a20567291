"""DNS for everyone in the cloud: hosted zones, balancers, instances and AWS's own names."""

from localcloud.network.dns.reconciler import DnsReconciler

__all__ = ["DnsReconciler"]
