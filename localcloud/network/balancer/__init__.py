"""Makes load balancers real: one nginx each, configured as the ELB API says."""

from localcloud.network.balancer.reconciler import LoadBalancerReconciler

__all__ = ["LoadBalancerReconciler"]
