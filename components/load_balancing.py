"""Settings of the stack's load balancers: their kind, who may reach them, and their targets."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

LoadBalancerKind = Literal["nlb", "classic"]
Scheme = Literal["internet-facing", "internal"]
TargetType = Literal["instance", "ip"]
# What AWS recommends: TLS 1.2 with forward secrecy, TLS 1.3, post-quantum key exchange.
# docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html
SSL_POLICY = "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"
HTTPS_PORT = 443
# The deregistration delay of pods: how long requests that a load balancer has sent to a terminating
# pod may take (300 seconds by default). The pod serves for longer than that (components/pods.py).
DEREGISTRATION_SECONDS = 15


@dataclass(frozen=True, kw_only=True)
class LoadBalancing:
    """`kind`, `scheme` and `load_balancer_tls` are for the load balancers of LoadBalancer Services,
    `ingress_scheme` and `tls` for that of the Ingress. `inbound_cidrs` are the IPv4 blocks that may
    reach any of them. `target_type` is for the Network and Application Load Balancers: they send to
    nodes or to pods. With `readiness_gates` a new pod is ready once its targets are healthy.
    The stack's output `load_balancing` has these fields."""

    kind: LoadBalancerKind
    scheme: Scheme
    ingress_scheme: Scheme
    inbound_cidrs: Sequence[str]
    target_type: TargetType
    readiness_gates: bool
    tls: bool = False
    load_balancer_tls: bool = False

    @property
    def target_group_attributes(self) -> str:
        """As the value of an annotation of the controller; empty for AWS's defaults."""
        if self.target_type == "instance":
            return ""
        return f"deregistration_delay.timeout_seconds={DEREGISTRATION_SECONDS}"
