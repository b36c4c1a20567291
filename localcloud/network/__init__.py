"""What the records say about networks made real: hosts and routers, DNS, load balancers."""
