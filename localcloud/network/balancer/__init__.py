"""Load balancers made real: an nginx each, configured from what the ELB API says."""

from localcloud.network.balancer.realiser import LoadBalancerRealiser

__all__ = ["LoadBalancerRealiser"]
