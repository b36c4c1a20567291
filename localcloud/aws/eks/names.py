"""The names of what EKS creates in the customer's VPC."""

DESCRIPTION = "Amazon EKS "  # how the description of a control plane's interface begins


def network_namespace_of(cluster: str) -> str:
    """The network namespace in which a control plane runs."""
    return f"eks-{cluster}"


def interface_description(cluster: str) -> str:
    return DESCRIPTION + cluster


def namespace_of_interface(description: str) -> str | None:
    """The network namespace of an interface by its description; None if it is not a control
    plane's."""
    if not description.startswith(DESCRIPTION):
        return None
    return network_namespace_of(description.removeprefix(DESCRIPTION))


def owned(cluster: str) -> dict[str, str]:
    """The tag that marks what belongs to a cluster."""
    return {f"kubernetes.io/cluster/{cluster}": "owned"}
