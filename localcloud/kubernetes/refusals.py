"""What this cloud refuses by name when it is asked for, rather than accept and ignore it."""

from localcloud.kubernetes.manifests import Manifest, manifest

GROUP = "admissionregistration.k8s.io/v1"
LEGACY_TYPE = "service.beta.kubernetes.io/aws-load-balancer-type"


def _policy(name: str, group: str, resource: str, expression: str, message: str) -> list[Manifest]:
    rule = {
        "apiGroups": [group],
        "apiVersions": ["v1"],
        "operations": ["CREATE", "UPDATE"],
        "resources": [resource],
    }
    policy = manifest(
        GROUP, "ValidatingAdmissionPolicy", name,
        spec={
            "failurePolicy": "Fail",
            "matchConstraints": {"resourceRules": [rule]},
            "validations": [{"expression": expression, "message": message, "reason": "Invalid"}],
        },
    )  # fmt: skip
    binding = manifest(
        GROUP, "ValidatingAdmissionPolicyBinding", name,
        spec={"policyName": name, "validationActions": ["Deny"]},
    )  # fmt: skip
    return [policy, binding]


def host_ports() -> list[Manifest]:
    """A port of the node for a pod needs the portmap plugin, which needs iptables."""
    free = "!has(c.ports) || c.ports.all(p, !has(p.hostPort) || p.hostPort == 0)"
    return _policy(
        "localcloud-host-ports", "", "pods",
        "(has(object.spec.hostNetwork) && object.spec.hostNetwork)"
        f" || object.spec.containers.all(c, {free})",
        "hostPort is not implemented by the local cloud: use a NodePort Service",
    )  # fmt: skip


def classic_load_balancers() -> list[Manifest]:
    """EKS itself makes a classic load balancer of a Service that no controller claims."""
    return _policy(
        "localcloud-classic-load-balancers", "", "services",
        "object.spec.type != 'LoadBalancer' || has(object.spec.loadBalancerClass)"
        f" || (has(object.metadata.annotations) && '{LEGACY_TYPE}' in object.metadata.annotations"
        f" && object.metadata.annotations['{LEGACY_TYPE}'] in ['external', 'nlb-ip'])",
        "classic load balancers are not implemented by the local cloud: set loadBalancerClass"
        " service.k8s.aws/nlb",
    )  # fmt: skip


def refusals() -> list[Manifest]:
    """All of them."""
    return host_ports() + classic_load_balancers()
