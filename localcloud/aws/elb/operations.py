"""The operations of the API of Classic Load Balancers, version 2012-06-01.

docs.aws.amazon.com/elasticloadbalancing/2012-06-01/APIReference
"""

import secrets
from collections.abc import Callable
from typing import Any

from localcloud.aws import backends, pages, validation
from localcloud.aws.accounts import ACCOUNT
from localcloud.aws.calls import Call
from localcloud.aws.elb import checks, instances, policies, settings
from localcloud.aws.elb_backend import Balancer, Elb
from localcloud.aws.elbv2 import hosted_zones, interfaces
from localcloud.aws.elbv2 import subnets as subnets_of
from localcloud.aws.elbv2.target_states import TARGET_STATES
from localcloud.aws.errors import AwsError

Params = dict[str, Any]
Result = dict[str, Any]
Operation = Callable[[Elb, Params], Result]
PAGE = 400
SCHEMES = ("internet-facing", "internal")


def create(elb: Elb, params: Params) -> Result:
    """A request that repeats a name and its settings returns the existing load balancer."""
    name, scheme = params["LoadBalancerName"], params.get("Scheme") or "internet-facing"
    checks.check_name(name)
    if scheme not in SCHEMES:
        raise AwsError("InvalidScheme", f"The scheme {scheme} is not valid")
    if params.get("AvailabilityZones") or not params.get("Subnets"):
        raise checks.not_offered("a Classic Load Balancer without Subnets")
    if not params["Listeners"]:
        raise checks.invalid("Listeners cannot be empty")
    subnets = checks.subnets(elb.ec2, params["Subnets"], scheme)
    vpc_id = subnets[0].vpc_id
    default = elb.ec2.get_default_security_group(vpc_id)
    groups = params.get("SecurityGroups") or ([default.id] if default else [])
    subnets_of.check_groups(elb.ec2, groups, vpc_id)
    listeners = checks.merged_listeners([], params["Listeners"])
    made = Balancer(
        region=elb.region_name,
        name=name,
        scheme=scheme,
        number=str(secrets.randbelow(2**31)),
        subnets=subnets,
        security_groups=groups,
        listeners=listeners,
        health_check=default_health_check(listeners[0]["InstancePort"]),
        tags=checks.merged_tags(params.get("Tags") or [], {}),
    )
    if present := elb.load_balancers.get(name):
        return {"DNSName": _same(present, made).dns_name}
    if len(elb.load_balancers) >= checks.MOST:
        text = f"The quota of Classic Load Balancers, which is {checks.MOST}, is reached"
        raise AwsError("TooManyLoadBalancers", text)
    elb.load_balancers[name] = made
    interfaces.update(elb.ec2, made)
    return {"DNSName": made.dns_name}


def default_health_check(port: int) -> dict[str, Any]:
    times = {"Interval": 30, "Timeout": 5, "UnhealthyThreshold": 2, "HealthyThreshold": 10}
    return {"Target": f"TCP:{port}", **times}


def _same(present: Balancer, asked: Balancer) -> Balancer:
    def settings(of: Balancer) -> tuple[object, ...]:
        ids = {subnet.id for subnet in of.subnets}
        ports = {each["LoadBalancerPort"]: each for each in of.listeners}
        return of.scheme, ids, set(of.security_groups), ports

    if settings(present) != settings(asked):
        message = f"The load balancer {present.name} exists already, with different settings"
        raise AwsError("DuplicateLoadBalancerName", message)
    return present


def describe(elb: Elb, params: Params) -> Result:
    """All, or those that are named, in pages of 400 or PageSize."""
    asked = params.get("LoadBalancerNames") or sorted(elb.load_balancers)
    found = [_description(elb, elb.named(name)) for name in asked]
    size = params.get("PageSize") or PAGE
    page, following = pages.cut(found, params.get("Marker"), size, "ValidationError")
    return {"LoadBalancerDescriptions": page, "NextMarker": following}


def _description(elb: Elb, balancer: Balancer) -> Result:
    first = elb.ec2.get_security_group_from_id(balancer.security_groups[0])
    return {
        "LoadBalancerName": balancer.name,
        "DNSName": balancer.dns_name,
        "CanonicalHostedZoneName": balancer.dns_name,
        "CanonicalHostedZoneNameID": hosted_zones.zone_id(balancer.region, balancer.type),
        "ListenerDescriptions": [
            {"Listener": each, "PolicyNames": []} for each in balancer.listeners
        ],
        "Policies": {
            "AppCookieStickinessPolicies": [],
            "LBCookieStickinessPolicies": [],
            "OtherPolicies": sorted(balancer.policies),
        },
        "BackendServerDescriptions": [
            {"InstancePort": port, "PolicyNames": found}
            for port, found in balancer.proxied.items()
            if found
        ],
        "AvailabilityZones": sorted(subnet.availability_zone for subnet in balancer.subnets),
        "Subnets": sorted(subnet.id for subnet in balancer.subnets),
        "VPCId": balancer.subnets[0].vpc_id,
        "Instances": instances.listed(balancer),
        "HealthCheck": balancer.health_check,
        "SourceSecurityGroup": {"OwnerAlias": ACCOUNT, "GroupName": first.name if first else ""},
        "SecurityGroups": balancer.security_groups,
        "CreatedTime": balancer.created,
        "Scheme": balancer.scheme,
    }


def delete(elb: Elb, params: Params) -> Result:
    """Deleting what does not exist is no error."""
    if gone := elb.load_balancers.pop(params["LoadBalancerName"], None):
        interfaces.remove(elb.ec2, gone)
        TARGET_STATES.forget(gone.arn)
        for port in gone.instance_ports:
            TARGET_STATES.forget(gone.target_group_arn(port))
    return {}


def create_listeners(elb: Elb, params: Params) -> Result:
    balancer = elb.named(params["LoadBalancerName"])
    balancer.listeners = checks.merged_listeners(balancer.listeners, params["Listeners"])
    policies.check(balancer)
    return {}


def delete_listeners(elb: Elb, params: Params) -> Result:
    balancer, gone = elb.named(params["LoadBalancerName"]), params["LoadBalancerPorts"]
    before = balancer.instance_ports
    balancer.listeners = [x for x in balancer.listeners if x["LoadBalancerPort"] not in gone]
    for port in set(before) - set(balancer.instance_ports):
        TARGET_STATES.forget(balancer.target_group_arn(port))
    return {}


def attach_subnets(elb: Elb, params: Params) -> Result:
    balancer = elb.named(params["LoadBalancerName"])
    ids = [*(subnet.id for subnet in balancer.subnets), *params["Subnets"]]
    return _set_subnets(elb, balancer, ids)


def detach_subnets(elb: Elb, params: Params) -> Result:
    balancer = elb.named(params["LoadBalancerName"])
    left = [x.id for x in balancer.subnets if x.id not in params["Subnets"]]
    if not left:
        raise checks.conflict("A load balancer needs at least one subnet")
    return _set_subnets(elb, balancer, left)


def _set_subnets(elb: Elb, balancer: Balancer, ids: list[str]) -> Result:
    balancer.subnets = checks.subnets(elb.ec2, ids, balancer.scheme)
    interfaces.update(elb.ec2, balancer)
    return {"Subnets": sorted(subnet.id for subnet in balancer.subnets)}


def apply_groups(elb: Elb, params: Params) -> Result:
    balancer, groups = elb.named(params["LoadBalancerName"]), params["SecurityGroups"]
    if not groups:
        raise checks.conflict("A load balancer needs at least one security group")
    subnets_of.check_groups(elb.ec2, groups, balancer.subnets[0].vpc_id)
    balancer.security_groups = groups
    interfaces.update(elb.ec2, balancer)
    return {"SecurityGroups": groups}


OPERATIONS: dict[str, Operation] = {
    "CreateLoadBalancer": create,
    "DescribeLoadBalancers": describe,
    "DeleteLoadBalancer": delete,
    "CreateLoadBalancerListeners": create_listeners,
    "DeleteLoadBalancerListeners": delete_listeners,
    "AttachLoadBalancerToSubnets": attach_subnets,
    "DetachLoadBalancerFromSubnets": detach_subnets,
    "ApplySecurityGroupsToLoadBalancer": apply_groups,
    "ConfigureHealthCheck": settings.configure_health_check,
    "DescribeLoadBalancerAttributes": settings.describe_attributes,
    "ModifyLoadBalancerAttributes": settings.modify_attributes,
    "AddTags": settings.add_tags,
    "RemoveTags": settings.remove_tags,
    "DescribeTags": settings.describe_tags,
    "RegisterInstancesWithLoadBalancer": instances.register,
    "DeregisterInstancesFromLoadBalancer": instances.deregister,
    "DescribeInstanceHealth": instances.describe_health,
    "CreateLoadBalancerPolicy": policies.create,
    "DeleteLoadBalancerPolicy": policies.delete,
    "DescribeLoadBalancerPolicies": policies.describe,
    "SetLoadBalancerPoliciesForBackendServer": policies.set_for_instances,
}


def answer(call: Call) -> Result:
    """The result of a call. Raises AwsError."""
    operation = validation.checked(call, OPERATIONS, "ValidationError")
    return operation(backends.elb(call.region), call.params)
