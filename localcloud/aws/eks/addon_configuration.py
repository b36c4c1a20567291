"""The EKS add-ons that this cloud makes real, and what can be set on each."""

from collections.abc import Mapping

VPC_CNI = "vpc-cni"
KUBE_PROXY = "kube-proxy"
COREDNS = "coredns"
POD_IDENTITY = "eks-pod-identity-agent"
NAMES = (VPC_CNI, KUBE_PROXY, COREDNS, POD_IDENTITY)
BOOTSTRAP = (VPC_CNI, KUBE_PROXY, COREDNS)  # what a new cluster has without asking

# Keys of configurationValues that are honoured. A mapping lists keys below, a tuple the values
# that say what is so anyway, None takes any value.
Honoured = Mapping[str, "Honoured"] | tuple[object, ...] | None
CONFIGURABLE: Mapping[str, Honoured] = {
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
}


def check_configuration(addon: str, values: Mapping[str, object]) -> None:
    """Raise ValueError for a key or value of configurationValues that would be ignored."""
    _check(addon, "", values, CONFIGURABLE[addon])


def _check(addon: str, where: str, values: object, honoured: Honoured) -> None:
    if honoured is None:
        return
    if isinstance(honoured, tuple):
        if values not in honoured:
            known = " or ".join(map(repr, honoured))
            raise ValueError(f"{addon} {where}: {values!r}: the local cloud has {known}")
        return
    if not isinstance(values, Mapping):
        raise ValueError(f"{addon} {where or 'configurationValues'}: {values!r} is no object")
    for key, value in values.items():
        below = f"{where}.{key}" if where else str(key)
        if key not in honoured:
            known = ", ".join(honoured) or "none"
            raise ValueError(f"{addon} {below}: not implemented by the local cloud (has: {known})")
        _check(addon, below, value, honoured[key])
