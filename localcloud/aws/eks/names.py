"""The names that EKS gives to what it makes in the customer's VPC."""

DESCRIPTION = "Amazon EKS "  # with which the description of a control plane's interface begins


def host(cluster: str) -> str:
    """The namespace in which a control plane runs."""
    return f"eks-{cluster}"


def interface_description(cluster: str) -> str:
    return DESCRIPTION + cluster


def host_of_interface(description: str) -> str | None:
    """The host of an interface by its description, or None when no control plane has it."""
    if not description.startswith(DESCRIPTION):
        return None
    return host(description.removeprefix(DESCRIPTION))


def owned(cluster: str) -> dict[str, str]:
    """The tag that marks what belongs to a cluster."""
    return {f"kubernetes.io/cluster/{cluster}": "owned"}
