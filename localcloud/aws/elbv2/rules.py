"""Rules of listeners, and which load balancers use a target group."""

from collections.abc import Iterator
from typing import Any

from moto.elbv2.exceptions import ListenerNotFoundError
from moto.elbv2.models import (
    ELBv2Backend,
    FakeListener,
    FakeListenerRule,
    FakeLoadBalancer,
    FakeRule,
)

from localcloud.aws.elbv2 import actions as actions_of
from localcloud.aws.elbv2 import limits, offered
from localcloud.aws.elbv2.conditions import checked as checked_conditions
from localcloud.aws.errors import AwsError


class Rules(ELBv2Backend):
    """The part of the backend that stores rules."""

    def create_rule(
        self,
        listener_arn: str,
        conditions: list[dict[str, Any]],
        priority: int,
        actions: list[dict[str, Any]],
        tags: list[dict[str, str]] | None = None,
    ) -> FakeListenerRule:
        listener = self.describe_listeners(None, [listener_arn])[0]
        balancer = self._balancer(listener)
        conditions, actions = self._checked_rule(conditions, actions, listener)
        if not (conditions and actions):
            raise AwsError("ValidationError", "A rule must have a condition and an action")
        rules = sum(len(each.rules) - 1 for each in balancer.listeners.values())  # 1 is the default
        limits.check("rules-per-application-load-balancer", rules + 1)
        made = super().create_rule(listener_arn, conditions, priority, actions, tags)
        self.relink()
        return made

    def modify_rule(
        self, rule_arn: str, conditions: list[dict[str, Any]], actions: list[dict[str, Any]]
    ) -> FakeRule:
        (rule,) = self.describe_rules(None, [rule_arn])
        _check_changeable(rule)
        (listener,) = self.describe_listeners(None, [rule.listener_arn])
        conditions, actions = self._checked_rule(conditions, actions, listener)
        made = super().modify_rule(rule_arn, conditions, actions)
        self.relink()
        return made

    def delete_rule(self, arn: str) -> None:
        """Deleting is idempotent."""
        for rule in self._rules():
            if rule.arn == arn:
                _check_changeable(rule)
        super().delete_rule(arn)
        self.relink()

    def describe_rules(
        self, listener_arn: str | None, rule_arns: list[str] | None
    ) -> list[FakeRule]:
        """By priority, the default last. One unknown ARN fails the call."""
        found = super().describe_rules(listener_arn, list(dict.fromkeys(rule_arns or [])) or None)
        return sorted(found, key=lambda rule: (rule.is_default, rule.listener_arn, rule.priority))

    def describe_listeners(
        self, load_balancer_arn: str | None, listener_arns: list[str]
    ) -> list[FakeListener]:
        """One unknown ARN fails the call."""
        found = super().describe_listeners(load_balancer_arn, listener_arns)
        if set(listener_arns) - {listener.arn for listener in found}:
            raise ListenerNotFoundError()
        return found

    def set_rule_priorities(self, rule_priorities: list[dict[str, Any]]) -> list[FakeRule]:
        """Sets all at once, so that two rules can swap their priorities, which moto refuses."""
        wanted = {item["RuleArn"]: int(item["Priority"]) for item in rule_priorities}
        rules = self.describe_rules(None, list(wanted))
        taken = {
            (other.listener_arn, other.priority)
            for other in self._rules()
            if other.arn not in wanted
        }
        for rule in rules:
            _check_changeable(rule)
            place = (rule.listener_arn, wanted[rule.arn])
            if place in taken:
                raise AwsError("PriorityInUse", f"The priority {wanted[rule.arn]} is in use")
            taken.add(place)
        for rule in rules:
            rule.priority = wanted[rule.arn]
        return rules

    def _validate_conditions(self, conditions: list[dict[str, Any]]) -> None:
        """moto's checks, which ours replace."""

    def _rules(self) -> Iterator[FakeRule]:
        for balancer in self.load_balancers.values():
            for listener in balancer.listeners.values():
                yield from listener.rules.values()

    def _balancer(self, listener: FakeListener) -> FakeLoadBalancer:
        return self.load_balancers[listener.load_balancer_arn]

    def _checked_rule(
        self, conditions: list[Any], actions: list[Any], listener: FakeListener
    ) -> tuple[list[Any], list[Any]]:
        """Conditions and actions in the form that DescribeRules returns. Raises AwsError."""
        balancer = self._balancer(listener)
        if balancer.type != "application":
            raise offered.not_offered(f"a rule of a {balancer.type} load balancer's listener")
        made = self._checked(actions, balancer, listener.protocol, listener.port)
        return checked_conditions(conditions), made

    def _checked(
        self, given: list[Any], balancer: FakeLoadBalancer, protocol: str, port: Any
    ) -> list[Any]:
        """Actions of a listener in the form that DescribeRules returns. Raises AwsError."""
        made = actions_of.checked(
            given, actions_of.ActionContext(balancer.type, protocol, int(port))
        )
        used = actions_of.target_groups(made)
        for arn in sorted(used & set(self.target_groups)):
            group = self.target_groups[arn]
            if group.protocol not in offered.LISTENER_PROTOCOLS[balancer.type]:
                raise AwsError(
                    "InvalidConfigurationRequest",
                    f"Target group {arn} of protocol {group.protocol} cannot serve a "
                    f"{balancer.type} load balancer",
                )
            if set(group.load_balancer_arns) - {balancer.arn}:
                text = "cannot be associated with more than one load balancer"
                raise AwsError(
                    "TargetGroupAssociationLimit", f"The following target groups {text}: {arn}"
                )
        present = {
            g.arn for g in self.target_groups.values() if g.load_balancer_arns == [balancer.arn]
        }
        # A network load balancer cannot exceed it: it has at most 50 listeners, one group for each.
        limits.check("target-groups-per-application-load-balancer", len(present | used))
        if balancer.type == "application":
            groups = [
                self.target_groups[arn] for arn in present | used if arn in self.target_groups
            ]
            count = sum(len(group.targets) for group in groups)
            limits.check("targets-per-application-load-balancer", count)
        return made

    def relink(self) -> None:
        """Update which load balancers use each target group; moto never removes one."""
        for group in self.target_groups.values():
            group.load_balancer_arns = []
        for balancer in self.load_balancers.values():
            rules = [rule for ln in balancer.listeners.values() for rule in ln.rules.values()]
            used = actions_of.target_groups(
                action.data for rule in rules for action in rule.actions
            )
            for arn in sorted(used):
                if arn in self.target_groups:
                    self.target_groups[arn].load_balancer_arns.append(balancer.arn)


def _check_changeable(rule: FakeRule) -> None:
    if rule.is_default:
        message = f"The default rule '{rule.arn}' cannot be changed: modify its listener instead"
        raise AwsError("OperationNotPermitted", message)
