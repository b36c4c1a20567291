"""How the stack's load balancers are made: their kind, who reaches them, what they send to."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["nlb", "classic"]
Scheme = Literal["internet-facing", "internal"]
TargetType = Literal["instance", "ip"]
EVERYWHERE = ("0.0.0.0/0",)
# What AWS recommends: TLS 1.2 with forward secrecy, TLS 1.3, post-quantum key exchange.
# docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html
SSL_POLICY = "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"
HTTPS_PORT = 443
# How long a load balancer ends its requests to a pod that leaves; AWS's default is five minutes.
# Before a pod with this target type stops, it serves longer (components/pods.py).
DEREGISTRATION_SECONDS = 15


@dataclass(frozen=True, kw_only=True)
class LoadBalancing:
    """`kind` and `scheme` are those of the LoadBalancer Services, `ingress_scheme` is the
    Ingress's. Of all of them, `inbound_cidrs` are the IPv4 blocks that may reach them, and
    `target_type` is what network and application load balancers send to: nodes or pods. `tls` is
    the Ingress's, `load_balancer_tls` that of LoadBalancer Services."""

    kind: Kind
    scheme: Scheme
    ingress_scheme: Scheme
    inbound_cidrs: Sequence[str]
    target_type: TargetType
    tls: bool = False
    load_balancer_tls: bool = False

    @property
    def target_group_attributes(self) -> str:
        """Of the target groups, as an annotation of the controller; empty for AWS's defaults."""
        if self.target_type == "instance":
            return ""
        return f"deregistration_delay.timeout_seconds={DEREGISTRATION_SECONDS}"
