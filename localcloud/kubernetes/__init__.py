"""EKS records become Kubernetes: control planes, nodes and add-ons."""
