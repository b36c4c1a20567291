"""Makes EKS records real: control planes, nodes and add-ons."""
