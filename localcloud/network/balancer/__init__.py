"""Makes load balancers real, in namespaces and routers that the network reconciler creates.

An application or classic load balancer is an nginx in a namespace of its own: nginx.py writes its
configuration, and for HTTP listeners lua/ chooses the rule and the target of each request.

A network load balancer is a table of nftables rules in the router of its VPC, which
network_load_balancer.py writes: the router sends the packets of TCP and UDP listeners straight to
the targets. Only its TLS listeners need an nginx (network_load_balancer_tls.py).
"""

from localcloud.network.balancer.reconciler import LoadBalancerReconciler

__all__ = ["LoadBalancerReconciler"]
