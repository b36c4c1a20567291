"""The instances of a Classic Load Balancer and their health, in AWS's words.

docs.aws.amazon.com/elasticloadbalancing/2012-06-01/APIReference/API_InstanceState.html
"""

from collections.abc import Iterator
from typing import Any

from localcloud.aws.elb_backend import Balancer, Elb
from localcloud.aws.elbv2.target_states import TARGET_STATES, Key
from localcloud.aws.errors import AwsError

Params = dict[str, Any]
Result = dict[str, Any]
# Seconds for which the health of a deregistered instance is kept: if it is registered again before,
# the load balancer may see no change, and report nothing.
FORGOTTEN_AFTER = 300.0
IN_SERVICE = ("InService", "N/A", "N/A")
REGISTERING = "Instance registration is still in progress."
OTHER_ZONE = (
    "Instance is in the EC2 Availability Zone for which LoadBalancer is not configured to route "
    "traffic to."
)
FAILED = (
    "Instance has failed at least the UnhealthyThreshold number of health checks consecutively."
)


def listed(balancer: Balancer) -> list[dict[str, str]]:
    return [{"InstanceId": instance} for instance in balancer.instances]


def _ids(params: Params) -> list[str]:
    return [each["InstanceId"] for each in params.get("Instances") or []]


def _keys(balancer: Balancer, instances: list[str]) -> Iterator[Key]:
    for port in balancer.instance_ports:
        yield from ((balancer.target_group_arn(port), instance, port) for instance in instances)


def invalid(instance: str) -> AwsError:
    return AwsError("InvalidInstance", f"Could not find EC2 instance {instance}.")


def register(elb: Elb, params: Params) -> Result:
    balancer = elb.named(params["LoadBalancerName"])
    vpc_id = balancer.subnets[0].vpc_id
    known = {i.id for i in elb.ec2.all_instances() if i.vpc_id == vpc_id}
    for instance in _ids(params):
        if instance not in known:
            raise invalid(instance)
    balancer.instances = list(dict.fromkeys([*balancer.instances, *_ids(params)]))
    for key in _keys(balancer, _ids(params)):
        TARGET_STATES.registered(key)
    return {"Instances": listed(balancer)}


def deregister(elb: Elb, params: Params) -> Result:
    """An instance that exists and is not registered is no error."""
    balancer, gone = elb.named(params["LoadBalancerName"]), _ids(params)
    known = {i.id for i in elb.ec2.all_instances()} | set(balancer.instances)
    for instance in gone:
        if instance not in known:
            raise invalid(instance)
    balancer.instances = [i for i in balancer.instances if i not in gone]
    for key in _keys(balancer, gone):
        TARGET_STATES.deregistered(key, FORGOTTEN_AFTER)
    return {"Instances": listed(balancer)}


def describe_health(elb: Elb, params: Params) -> Result:
    balancer = elb.named(params["LoadBalancerName"])
    states = []
    for instance in _ids(params) or balancer.instances:
        if instance not in balancer.instances:
            raise invalid(instance)
        state, reason, text = health(elb, balancer, instance)
        known = {"State": state, "ReasonCode": reason, "Description": text}
        states.append({"InstanceId": instance, **known})
    return {"InstanceStates": states}


def in_its_zones(balancer: Balancer, instance: Any) -> bool:
    """Whether a load balancer has a subnet in an instance's zone."""
    zones = {subnet.availability_zone for subnet in balancer.subnets}
    return str(instance.availability_zone) in zones


def health(elb: Elb, balancer: Balancer, instance_id: str) -> tuple[str, str, str]:
    """The state, reason code and description of a registered instance."""
    instance = elb.ec2.get_instance_by_id(instance_id)
    state = instance.state if instance else "terminated"
    if state != "running" or instance is None:
        return "OutOfService", "Instance", f"Instance is in {state} state."
    if not in_its_zones(balancer, instance):
        return "OutOfService", "ELB", OTHER_ZONE
    port = next(iter(balancer.instance_ports), 0)
    found = TARGET_STATES.of((balancer.target_group_arn(port), instance_id, port))
    if found is None or found[0] == "initial":
        return "OutOfService", "ELB", REGISTERING
    return IN_SERVICE if found[0] == "healthy" else ("OutOfService", "Instance", FAILED)
