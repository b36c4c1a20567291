"""The EKS add-ons as Kubernetes objects, and how far they are."""
