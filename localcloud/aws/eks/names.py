"""The names of what EKS creates in the customer's VPC."""

DESCRIPTION = "Amazon EKS "  # how the description of a control plane's interface begins


def host(cluster: str) -> str:
    """The namespace in which a control plane runs."""
    return f"eks-{cluster}"


def interface_description(cluster: str) -> str:
    return DESCRIPTION + cluster


def host_of_interface(description: str) -> str | None:
    """The namespace of an interface by its description, or None if no control plane owns it."""
    if not description.startswith(DESCRIPTION):
        return None
    return host(description.removeprefix(DESCRIPTION))


def owned(cluster: str) -> dict[str, str]:
    """The tag that marks what belongs to a cluster."""
    return {f"kubernetes.io/cluster/{cluster}": "owned"}
