"""Makes network records real: hosts and routers (fabric/), DNS (dns/), load balancers (balancer/).

A request from the world to a pod behind an application load balancer: dns/zones.py resolves the
load balancer's name to its public addresses. The VPC's router applies the load balancer's security
groups and translates such an address to the private one (fabric/ruleset.py). nginx in the load
balancer's namespace chooses the pod's address as the target (balancer/lua/balancer.lua). The
router's routes lead that address to the pod's node (fabric/plan.py). For a network load balancer
the router itself chooses the target (balancer/network_load_balancer.py).
"""
