"""The EKS add-ons that this cloud implements, and what can be configured in each."""

from collections.abc import Mapping

VPC_CNI = "vpc-cni"
KUBE_PROXY = "kube-proxy"
COREDNS = "coredns"
POD_IDENTITY = "eks-pod-identity-agent"
BOOTSTRAP = (VPC_CNI, KUBE_PROXY, COREDNS)  # installed in a new cluster by default

# The supported keys of configurationValues: a mapping has the keys of an object, a tuple the only
# accepted values, and None accepts any value.
Supported = Mapping[str, "Supported"] | tuple[object, ...] | None
CONFIGURABLE: Mapping[str, Supported] = {
    VPC_CNI: {"env": {"ENABLE_PREFIX_DELEGATION": ("true",)}},
    KUBE_PROXY: {"mode": ("nftables",)},
    COREDNS: {
        "replicaCount": None,
        "corefile": None,
        "resources": None,
        "tolerations": None,
        "nodeSelector": None,
        "affinity": None,
        "topologySpreadConstraints": None,
        "podAnnotations": None,
        "podLabels": None,
    },
    POD_IDENTITY: {},
    "eks-node-monitoring-agent": {},
}


def check_configuration(addon: str, values: Mapping[str, object]) -> None:
    """Raise ValueError for a key or value of configurationValues that is not supported."""
    _check(addon, "", values, CONFIGURABLE[addon])


def _check(addon: str, where: str, values: object, supported: Supported) -> None:
    if supported is None:
        return
    if isinstance(supported, tuple):
        if values not in supported:
            known = " or ".join(map(repr, supported))
            raise ValueError(f"{addon} {where}: {values!r}: the local cloud has {known}")
        return
    if not isinstance(values, Mapping):
        raise ValueError(f"{addon} {where or 'configurationValues'}: {values!r} is not an object")
    for key, value in values.items():
        below = f"{where}.{key}" if where else str(key)
        if key not in supported:
            known = ", ".join(supported) or "none"
            raise ValueError(f"{addon} {below}: not implemented by the local cloud (has: {known})")
        _check(addon, below, value, supported[key])
