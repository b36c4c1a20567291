"""DNS for everyone in the cloud: hosted zones, balancers, instances and AWS's own names."""

from localcloud.network.dns.realiser import DnsRealiser

__all__ = ["DnsRealiser"]
