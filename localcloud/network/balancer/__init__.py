"""Load balancers made real: an nginx each, configured from what the ELB API says."""

from localcloud.network.balancer.reconciler import LoadBalancerReconciler

__all__ = ["LoadBalancerReconciler"]
