"""Listeners, their rules and the target groups that these use."""

from collections.abc import Iterable
from typing import Any

from moto.elbv2.models import (
    ELBv2Backend,
    FakeListener,
    FakeListenerRule,
    FakeLoadBalancer,
    FakeRule,
)

from localcloud.aws.elbv2 import network, offered
from localcloud.aws.errors import AwsError


class Listeners(ELBv2Backend):
    """The part of the backend that stores listeners and rules."""

    def create_listener(
        self,
        load_balancer_arn: str,
        protocol: str,
        port: str,
        ssl_policy: str,
        certificate: str | None,
        actions: list[dict[str, Any]],
        alpn_policy: list[str] | None = None,
        tags: list[dict[str, str]] | None = None,
    ) -> FakeListener:
        balancer = self.load_balancers.get(load_balancer_arn)
        if balancer:
            offered.check_protocol(balancer.type, protocol)
            self._check_port(balancer, port)
            self._check_actions(actions, balancer.type, protocol)
        if certificate or alpn_policy:
            raise offered.not_offered("a certificate or ALPN policy of a listener")
        made = super().create_listener(
            load_balancer_arn, protocol, port, ssl_policy, certificate, actions, alpn_policy, tags
        )
        self.relink()
        return made

    def modify_listener(
        self,
        arn: str,
        port: str | None = None,
        protocol: str | None = None,
        ssl_policy: str | None = None,
        certificates: list[dict[str, Any]] | None = None,
        actions: list[dict[str, Any]] | None = None,
    ) -> FakeListener:
        if certificates:
            raise offered.not_offered("a certificate of a listener")
        listener = self.describe_listeners(None, [arn])[0]
        balancer = self.load_balancers[listener.load_balancer_arn]
        if protocol:
            offered.check_protocol(balancer.type, protocol)
        if port and str(port) != str(listener.port):
            self._check_port(balancer, port)
        present = [action.data for action in listener.default_actions]
        self._check_actions(actions or present, balancer.type, protocol or listener.protocol)
        # moto knows TCP alone of a network load balancer's protocols.
        known = None if protocol in network.LISTENERS else protocol
        made = super().modify_listener(arn, port, known, None, certificates, actions or [])
        made.protocol = protocol or made.protocol
        self.relink()
        return made

    def modify_listener_attributes(
        self, listener_arn: str, attrs: list[dict[str, str]]
    ) -> dict[str, str]:
        listener = self.describe_listeners(None, [listener_arn])[0]
        if listener.protocol in network.LISTENERS:
            given = {each["Key"]: each["Value"] for each in attrs}
            network.check_listener_attributes(listener.protocol, given)
        return super().modify_listener_attributes(listener_arn, attrs)

    def delete_listener(self, listener_arn: str) -> FakeListener:
        gone = super().delete_listener(listener_arn)
        self.relink()
        return gone

    def create_rule(
        self,
        listener_arn: str,
        conditions: list[dict[str, Any]],
        priority: int,
        actions: list[dict[str, Any]],
        tags: list[dict[str, str]] | None = None,
    ) -> FakeListenerRule:
        offered.check_conditions(conditions)
        self._check_actions(actions, "application")
        made = super().create_rule(listener_arn, conditions, priority, actions, tags)
        self.relink()
        return made

    def modify_rule(
        self, rule_arn: str, conditions: list[dict[str, Any]], actions: list[dict[str, Any]]
    ) -> FakeRule:
        offered.check_conditions(conditions)
        self._check_actions(actions, "application")
        made = super().modify_rule(rule_arn, conditions, actions)
        self.relink()
        return made

    def delete_rule(self, arn: str) -> None:
        super().delete_rule(arn)
        self.relink()

    def set_rule_priorities(self, rule_priorities: list[dict[str, Any]]) -> list[FakeRule]:
        """Sets all at once, so that two rules can swap their priorities, which moto refuses."""
        wanted = {item["RuleArn"]: int(item["Priority"]) for item in rule_priorities}
        if len(set(wanted.values())) < len(rule_priorities):
            raise AwsError("DuplicatePriority", "A priority occurs twice in the request")
        rules = self.describe_rules(None, list(wanted))
        for listener_arn in {rule.listener_arn for rule in rules}:
            for other in self.describe_rules(listener_arn, None):
                if other.arn not in wanted and str(other.priority) in map(str, wanted.values()):
                    raise AwsError("PriorityInUse", f"The priority {other.priority} is in use")
        for rule in rules:
            rule.priority = wanted[rule.arn]
        return rules

    def _check_port(self, balancer: FakeLoadBalancer, port: str) -> None:
        if any(str(listener.port) == str(port) for listener in balancer.listeners.values()):
            raise AwsError("DuplicateListener", f"A listener already exists on port {port}")

    def _check_actions(
        self, actions: list[dict[str, Any]], balancer_type: str, protocol: str = "HTTP"
    ) -> None:
        offered.check_actions(actions, balancer_type)
        for arn in target_groups_of(actions):
            group = self.target_groups.get(arn)
            if group and group.protocol not in offered.LISTENER_PROTOCOLS[balancer_type]:
                raise AwsError(
                    "InvalidConfigurationRequest",
                    f"Target group {arn} of protocol {group.protocol} cannot serve a "
                    f"{balancer_type} load balancer",
                )
            if group and protocol in network.LISTENERS:
                network.check_listener(protocol, str(group.protocol))

    def relink(self) -> None:
        """Update which load balancers use each target group; moto never removes one."""
        for group in self.target_groups.values():
            group.load_balancer_arns = []
        for balancer in self.load_balancers.values():
            rules = [rule for ln in balancer.listeners.values() for rule in ln.rules.values()]
            used = target_groups_of(action.data for rule in rules for action in rule.actions)
            for arn in sorted(used):
                if arn in self.target_groups:
                    self.target_groups[arn].load_balancer_arns.append(balancer.arn)


def target_groups_of(actions: Iterable[dict[str, Any]]) -> set[str]:
    """The ARNs of the target groups that actions forward to."""
    arns = set()
    for action in actions:
        if action.get("TargetGroupArn"):
            arns.add(action["TargetGroupArn"])
        for group in (action.get("ForwardConfig") or {}).get("TargetGroups") or []:
            arns.add(group["TargetGroupArn"])
    return arns
