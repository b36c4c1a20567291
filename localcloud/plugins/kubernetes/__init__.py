"""pulumi-resource-kubernetes: any Kubernetes kind and Helm releases, as the official provider."""
