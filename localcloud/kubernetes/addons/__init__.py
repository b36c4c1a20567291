"""The EKS add-ons as Kubernetes objects, and whether they work."""
