"""Makes network records real: hosts and routers, DNS, load balancers."""
