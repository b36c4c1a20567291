"""Target groups, their targets and the health of these."""

from typing import Any

from moto.elbv2.exceptions import TargetGroupNotFoundError
from moto.elbv2.models import ELBv2Backend, FakeHealthStatus, FakeTargetGroup

from localcloud.aws.elbv2 import network, offered
from localcloud.aws.elbv2.target_states import HEALTH

INITIAL = ("initial", "Elb.RegistrationInProgress")
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

    def create_target_group(self, name: str, **kwargs: Any) -> FakeTargetGroup:
        kind = kwargs.get("target_type") or "instance"
        offered.check_target_group(kwargs.get("protocol"), kind, kwargs.get("protocol_version"))
        offered.check_health_protocol(kwargs.get("healthcheck_protocol"))
        protocol, check = kwargs.get("protocol"), kwargs.get("healthcheck_protocol")
        if protocol in network.GROUPS:
            kwargs = network.with_health_defaults(kwargs)
            network.check_matcher(check, (kwargs.get("matcher") or {}).get("HttpCode"))
        made = super().create_target_group(name, **kwargs)
        if protocol in network.GROUPS:
            made.attributes = {**network.attributes(str(protocol), kind)}
        return made

    def modify_target_group(
        self, arn: str, health_check_proto: str | None = None, *args: Any, **kwargs: Any
    ) -> FakeTargetGroup:
        """A network load balancer's group gets and loses its matcher with its check's protocol."""
        offered.check_health_protocol(health_check_proto)
        group = self._group(arn)
        check = health_check_proto or group.health_check_protocol
        matcher = args[6] if len(args) > 6 else kwargs.get("http_codes")
        if group.protocol in network.GROUPS:
            network.check_matcher(check, matcher)
        made = super().modify_target_group(arn, health_check_proto, *args, **kwargs)
        if made.protocol in network.GROUPS:
            present = vars(made).pop("matcher", {}).get("HttpCode")
            if check in network.HTTP_CHECKS:
                made.matcher = {"HttpCode": matcher or present or network.MATCHER}
                made.health_check_path = made.health_check_path or "/"
        return made

    def modify_target_group_attributes(
        self, target_group_arn: str, attributes: dict[str, Any]
    ) -> None:
        protocol = str(self._group(target_group_arn).protocol)
        known = network.ATTRIBUTES if protocol in network.GROUPS else offered.GROUP_ATTRIBUTES
        offered.check_attributes(attributes, known, f"{protocol} target group")
        network.check_attributes(protocol, attributes)
        super().modify_target_group_attributes(target_group_arn, attributes)

    # moto does not use the return value.
    def delete_target_group(self, target_group_arn: str) -> None:  # type: ignore[override]
        if target_group_arn in self.target_groups:  # deleting is idempotent
            super().delete_target_group(target_group_arn)
            HEALTH.forget(target_group_arn)

    def register_targets(self, target_group_arn: str, instances: list[Any]) -> None:
        """Raises AwsError for a target on a second port: moto stores one port per target."""
        group = self._group(target_group_arn)
        for target in instances:
            present = group.targets.get(target["Id"])
            port = _port(target, group)
            if present and _port(present, group) != port:
                raise offered.not_offered(f"target {target['Id']} on a second port, {port},")
            HEALTH.registered((group.arn, target["Id"], port))
        super().register_targets(target_group_arn, instances)

    def deregister_targets(self, target_group_arn: str, instances: list[dict[str, Any]]) -> None:
        """A target that is draining or is not registered is not an error."""
        group = self._group(target_group_arn)
        leaving = [target for target in instances if target["Id"] in group.targets]
        ports = [_port(group.targets[target["Id"]], group) for target in leaving]
        super().deregister_targets(target_group_arn, leaving)
        if group.load_balancer_arns:
            delay = float(str(group.attributes["deregistration_delay.timeout_seconds"]))
            for target, port in zip(leaving, ports, strict=True):
                HEALTH.deregistered((group.arn, target["Id"], port), delay)

    def describe_target_health(
        self, target_group_arn: str, targets: list[dict[str, Any]]
    ) -> list[FakeHealthStatus]:
        group = self._group(target_group_arn)
        if targets:
            asked = super().describe_target_health(target_group_arn, targets)
            return [self._status(group, s.instance_id, int(s.port)) for s in asked]
        members = [(t["Id"], _port(t, group)) for t in group.targets.values()]
        members += [(target, port) for _, target, port in HEALTH.draining(group.arn)]
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
        if target not in group.targets:
            if key in HEALTH.draining(group.arn):
                return "draining", "Target.DeregistrationInProgress"
            return "unused", "Target.NotRegistered"
        if not group.load_balancer_arns:
            return "unused", "Target.NotInUse"
        if target.startswith("i-"):
            instance = self.ec2_backend.get_instance_by_id(target)
            if instance and instance.state == "stopped":
                return "unused", "Target.InvalidState"
        return HEALTH.of(key) or INITIAL


def _port(target: dict[str, Any], group: FakeTargetGroup) -> int:
    return int(target.get("Port") or group.port)
