"""Target groups, their targets and the health of these."""

import inspect
from collections.abc import Mapping
from typing import Any

from moto.elbv2.exceptions import TargetGroupNotFoundError
from moto.elbv2.models import ELBv2Backend, FakeHealthStatus, FakeTargetGroup

from localcloud.aws.ec2.backend import Ec2, of_region
from localcloud.aws.elbv2 import (
    attribute_checks,
    attributes,
    health_checks,
    limits,
    network,
    offered,
    targets,
)
from localcloud.aws.elbv2.health_checks import HealthCheck
from localcloud.aws.elbv2.target_states import TARGET_STATES

# moto's arguments of modify_target_group after the protocol of the check, in their order.
_MODIFIED = tuple(inspect.signature(ELBv2Backend.modify_target_group).parameters)[3:]
NOT_REPORTED_YET = ("initial", "Elb.RegistrationInProgress")
DESCRIPTIONS = {
    "Elb.RegistrationInProgress": "Target registration is in progress",
    "Elb.InitialHealthChecking": "Initial health checks in progress",
    "Target.NotRegistered": "Target is not registered to the target group",
    "Target.NotInUse": "Target group is not configured to receive traffic from the load balancer",
    "Target.InvalidState": "Target is in the stopped state",
    "Target.DeregistrationInProgress": "Target deregistration is in progress",
    "Target.FailedHealthChecks": "Health checks failed",
    "Target.Timeout": "Request timed out",
    "Target.ResponseCodeMismatch": "Health checks failed with an unexpected status code",
}


class TargetGroups(ELBv2Backend):
    """The part of the backend that stores target groups."""

    @property
    def ec2(self) -> Ec2:
        return of_region(self.region_name)

    def create_target_group(self, name: str, **kwargs: Any) -> FakeTargetGroup:
        """A request that repeats a name and its settings returns the existing group."""
        kind = kwargs.get("target_type") or "instance"
        offered.check_target_group(kwargs.get("protocol"), kind, kwargs.get("protocol_version"))
        offered.check_health_protocol(kwargs.get("healthcheck_protocol"))
        health_checks.check(_health_check(kwargs))
        asked = {key: value for key, value in kwargs.items() if key != "tags"}
        for present in self.target_groups.values():
            if present.name == name and vars(present)["asked"] == asked:
                return present
        limits.check("target-groups", len(self.target_groups) + 1)
        if kwargs.get("protocol") in network.GROUP_PROTOCOLS:
            kwargs = network.with_health_defaults(kwargs)
        made = super().create_target_group(name, **kwargs)
        vars(made)["asked"] = asked
        table = attributes.of_group(str(made.protocol), made.target_type)
        vars(made)["attributes"] = attributes.defaults(table)
        return made

    def modify_target_group(
        self, arn: str, health_check_proto: str | None = None, *args: Any, **kwargs: Any
    ) -> FakeTargetGroup:
        """For a network load balancer, a health check that is changed to HTTP gets a matcher, and
        has none once it is changed to TCP."""
        offered.check_health_protocol(health_check_proto)
        group = self._group(arn)
        check = health_check_proto or group.health_check_protocol
        given = dict(zip(_MODIFIED, args, strict=False)) | kwargs
        matcher = given.get("http_codes")
        health_checks.check(
            HealthCheck(
                group_protocol=str(group.protocol),
                protocol=str(check),
                path=given.get("health_check_path"),
                port=given.get("health_check_port"),
                matcher=matcher,
            )
        )
        health_checks.check_times(
            str(group.protocol),
            given.get("health_check_interval") or group.health_check_interval_seconds,
            given.get("health_check_timeout") or group.health_check_timeout_seconds,
        )
        made = super().modify_target_group(arn, health_check_proto, *args, **kwargs)
        if made.protocol in network.GROUP_PROTOCOLS:
            present = vars(made).pop("matcher", {}).get("HttpCode")
            if check in network.HTTP_CHECKS:
                made.matcher = {"HttpCode": matcher or present or network.MATCHER}
                made.health_check_path = made.health_check_path or "/"
        return made

    def modify_target_group_attributes(self, target_group_arn: str, given: dict[str, Any]) -> None:
        group = self._group(target_group_arn)
        present: dict[str, Any] = group.attributes
        attribute_checks.check_group(given, present, str(group.protocol), group.target_type)
        present.update(given)

    # moto does not use the return value.
    def delete_target_group(self, target_group_arn: str) -> None:  # type: ignore[override]
        if target_group_arn in self.target_groups:  # deleting is idempotent
            super().delete_target_group(target_group_arn)
            TARGET_STATES.forget(target_group_arn)

    def register_targets(self, target_group_arn: str, instances: list[Any]) -> None:
        """Register all or none. An id on another port is another target."""
        group = self._group(target_group_arn)
        targets.check(instances, group, self.ec2)
        self._check_targets_of_balancer(group, instances)
        for target in instances:
            name, port = member = targets.member(target, group)
            TARGET_STATES.registered((group.arn, name, port))
            group.targets[member] = {**target, "Port": port}  # type: ignore[index]  # by port, too

    def _check_targets_of_balancer(self, group: FakeTargetGroup, given: list[Any]) -> None:
        """Raise AwsError if an application load balancer would have more than it may."""
        members: Any = group.targets
        more = {targets.member(target, group) for target in given} - set(members)
        for arn in group.load_balancer_arns:
            if self.load_balancers[arn].type == "application":
                groups = [it for it in self.target_groups.values() if arn in it.load_balancer_arns]
                count = sum(len(each.targets) for each in groups) + len(more)
                limits.check("targets-per-application-load-balancer", count)

    def deregister_targets(self, target_group_arn: str, instances: list[dict[str, Any]]) -> None:
        """A target that is draining or is not registered is not an error."""
        group = self._group(target_group_arn)
        targets.check_kind(instances, group)
        self._deregister(group, {targets.member(target, group) for target in instances})

    def notify_terminate_instances(self, instance_ids: list[str]) -> None:
        """A terminated instance is deregistered."""
        for group in self.target_groups.values():
            members: Any = group.targets
            self._deregister(group, {each for each in members if each[0] in instance_ids})

    def _deregister(self, group: FakeTargetGroup, members: set[targets.Member]) -> None:
        registered: Any = group.targets
        delay = float(str(group.attributes["deregistration_delay.timeout_seconds"]))
        for name, port in members:
            if registered.pop((name, port), None):
                seconds = delay if group.load_balancer_arns else 0
                TARGET_STATES.deregistered((group.arn, name, port), seconds)

    def describe_target_health(
        self, target_group_arn: str, given: list[dict[str, Any]]
    ) -> list[FakeHealthStatus]:
        group = self._group(target_group_arn)
        targets.check_kind(given, group)
        members = [targets.member(each, group) for each in given or group.targets.values()]
        if not given:
            members += [(target, port) for _, target, port in TARGET_STATES.draining(group.arn)]
        return [self._status(group, target, port) for target, port in members]

    def _group(self, arn: str) -> FakeTargetGroup:
        if arn not in self.target_groups:
            raise TargetGroupNotFoundError()
        return self.target_groups[arn]

    def _status(self, group: FakeTargetGroup, target: str, port: int) -> FakeHealthStatus:
        state, reason = self._state(group, target, port)
        check_port = group.health_check_port
        shown = str(port) if check_port in (None, "traffic-port") else check_port
        text = DESCRIPTIONS.get(reason) if reason else None
        return FakeHealthStatus(target, str(port), shown, state, reason or None, text)

    def _state(self, group: FakeTargetGroup, target: str, port: int) -> tuple[str, str]:
        key = (group.arn, target, port)
        registered: Any = group.targets
        if (target, port) not in registered:
            if key in TARGET_STATES.draining(group.arn):
                return "draining", "Target.DeregistrationInProgress"
            return "unused", "Target.NotRegistered"
        if not group.load_balancer_arns:
            return "unused", "Target.NotInUse"
        if target.startswith("i-"):
            instance = self.ec2_backend.get_instance_by_id(target)
            if instance and instance.state == "stopped":
                return "unused", "Target.InvalidState"
        return TARGET_STATES.of(key) or NOT_REPORTED_YET


def _health_check(given: Mapping[str, Any]) -> HealthCheck:
    """The check of a new group, from moto's arguments."""
    protocol = str(given.get("protocol"))
    default = "TCP" if protocol in network.GROUP_PROTOCOLS else protocol
    return HealthCheck(
        group_protocol=protocol,
        protocol=given.get("healthcheck_protocol") or default,
        path=given.get("healthcheck_path"),
        port=given.get("healthcheck_port"),
        matcher=(given.get("matcher") or {}).get("HttpCode"),
    )
