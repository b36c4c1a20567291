"""Targets of target groups, as the ELB API reference describes RegisterTargets,
DeregisterTargets and DescribeTargetHealth."""

from typing import Any

import pytest

from localcloud.aws import backends
from localcloud.aws.api import AwsApi
from tests.api.aws.support import PATH, REGION, Elb, forward, refuses

ONE, OTHER = "10.0.0.50", "10.0.0.51"


def register(elb: Elb, group: str, *targets: Any) -> None:
    elb.client.register_targets(TargetGroupArn=group, Targets=list(targets))


def deregister(elb: Elb, group: str, *targets: Any) -> None:
    elb.client.deregister_targets(TargetGroupArn=group, Targets=list(targets))


def states(elb: Elb, group: str, *asked: Any) -> dict[tuple[str, int], str]:
    """The states of targets by id and port."""
    more = {"Targets": list(asked)} if asked else {}
    found = elb.client.describe_target_health(TargetGroupArn=group, **more)
    return {
        (one["Target"]["Id"], one["Target"]["Port"]): one["TargetHealth"]["State"]
        for one in found["TargetHealthDescriptions"]
    }


def test_what_drains_or_is_not_there_can_be_deregistered(elb: Elb) -> None:
    """Case 11: "If the specified target does not exist, the action returns successfully."
    (DeregisterTargets); it does for one that drains, or a controller could never let it go."""
    group = elb.group()
    elb.listener(forward(group))
    register(elb, group, {"Id": ONE})
    for target in (ONE, ONE, OTHER):
        deregister(elb, group, {"Id": target})
    assert states(elb, group) == {(ONE, 80): "draining"}
    assert states(elb, group, {"Id": ONE}, {"Id": OTHER}) == {
        (ONE, 80): "draining",
        (OTHER, 80): "unused",
    }


def test_a_group_goes_on_at_another_balancer_while_its_targets_drain(elb: Elb) -> None:
    """Case 11: a group moved to another load balancer has its targets again."""
    group = elb.group()
    listener = elb.listener(forward(group))
    register(elb, group, {"Id": ONE}, {"Id": OTHER})
    deregister(elb, group, {"Id": ONE}, {"Id": OTHER})
    elb.client.delete_listener(ListenerArn=listener)
    other = elb.balancer(Name="other")
    call = {"Protocol": "HTTP", "Port": 80, "DefaultActions": [forward(group)]}
    elb.client.create_listener(LoadBalancerArn=other, **call)
    register(elb, group, {"Id": ONE})
    assert states(elb, group) == {(ONE, 80): "initial", (OTHER, 80): "draining"}


def test_all_is_made_again_within_the_deregistration_delay(api: AwsApi, elb: Elb) -> None:
    """Cases 11 and 29: an Ingress that is deleted and created again, by the same names."""
    for _ in range(2):
        group = elb.group()
        listener = elb.listener(forward(group))
        register(elb, group, {"Id": ONE})
        assert states(elb, group) == {(ONE, 80): "initial"}
        deregister(elb, group, {"Id": ONE})
        elb.client.delete_listener(ListenerArn=listener)
        elb.client.delete_load_balancer(LoadBalancerArn=elb.balancer())
        deregister(elb, group, {"Id": ONE})
        elb.client.delete_target_group(TargetGroupArn=group)
    assert not api.snapshots.target_groups()


def test_an_instance_on_two_ports_is_two_targets(api: AwsApi, elb: Elb) -> None:
    """Case 16: "You can register each EC2 instance or IP address with the same target group
    multiple times using different ports." (RegisterTargets)"""
    instance = elb.vpc.launch()["InstanceId"]
    group = elb.group(TargetType="instance")
    register(elb, group, {"Id": instance}, {"Id": instance, "Port": 8080})
    elb.listener(forward(group))
    (record,) = api.snapshots.target_groups()
    assert [(one.id, one.port) for one in record.targets] == [(instance, 80), (instance, 8080)]
    # "If you specified a port override when you registered a target, you must specify both the
    # target ID and the port when you deregister it." (AWS CLI reference, deregister-targets)
    deregister(elb, group, {"Id": instance})
    assert states(elb, group) == {(instance, 80): "draining", (instance, 8080): "initial"}
    deregister(elb, group, {"Id": instance, "Port": 8080})
    assert set(states(elb, group).values()) == {"draining"}


def test_a_terminated_instance_is_deregistered(api: AwsApi, elb: Elb) -> None:
    instance = elb.vpc.launch()["InstanceId"]
    group = elb.group(TargetType="instance")
    elb.listener(forward(group))
    register(elb, group, {"Id": instance, "Port": 8080})
    elb.vpc.ec2.terminate_instances(InstanceIds=[instance])
    assert not api.snapshots.target_groups()[0].targets
    assert states(elb, group) == {(instance, 8080): "draining"}


@pytest.mark.parametrize(
    ("kind", "target", "words"),
    [
        ("instance", "i-0123456789abcdef0", "do not exist: 'i-0123456789abcdef0'"),
        ("instance", ONE, f"Instance ID '{ONE}' is not valid"),
        ("ip", "i-0123456789abcdef0", "not a valid IPv4 address"),
        ("ip", "203.0.113.1", "in none of the CIDR blocks"),
        ("ip", "10.9.0.1", "Availability Zone has to be 'all'"),
    ],
)
def test_targets_that_are_refused(elb: Elb, kind: str, target: str, words: str) -> None:
    """Case 16; nothing of the call is registered."""
    group = elb.group(TargetType=kind)
    good = elb.vpc.launch()["InstanceId"] if kind == "instance" else ONE
    call = {"TargetGroupArn": group, "Targets": [{"Id": good}, {"Id": target}]}
    refuses(elb.client.register_targets, "InvalidTarget", words, **call)
    assert not states(elb, group)


def test_instances_elsewhere_or_stopped_are_refused(elb: Elb) -> None:
    stopped = elb.vpc.launch()["InstanceId"]
    elb.vpc.ec2.stop_instances(InstanceIds=[stopped])
    vpc = backends.ec2(REGION).create_vpc("10.7.0.0/16").id
    for group, words in (
        (elb.group(TargetType="instance"), "not in a running state"),
        (elb.group("other", TargetType="instance", VpcId=vpc), f"target group VPC '{vpc}'"),
    ):
        call = {"TargetGroupArn": group, "Targets": [{"Id": stopped}]}
        refuses(elb.client.register_targets, "InvalidTarget", words, **call)


def test_a_group_has_1000_targets(elb: Elb) -> None:
    """The quota "Targets per Target Group per Region (instances or IP addresses)"."""
    group = elb.group()
    register(elb, group, *({"Id": ONE, "Port": port} for port in range(1, 1001)))
    call = {"TargetGroupArn": group, "Targets": [{"Id": OTHER}]}
    refuses(elb.client.register_targets, "TooManyTargets", "the quota, which is 1000", **call)


def test_an_application_balancer_has_1000_targets(elb: Elb) -> None:
    """The quota "Targets per Application Load Balancer", with those of all its target groups."""
    one, two = elb.group(), elb.group("two")
    register(elb, one, *({"Id": ONE, "Port": port} for port in range(1, 1000)))
    listener = elb.listener(forward(one))
    rule = {"Priority": 1, "Conditions": [PATH], "Actions": [forward(two)]}
    register(elb, two, {"Id": ONE}, {"Id": OTHER})
    words = "the quota, which is 1000"
    refuses(elb.client.create_rule, "TooManyTargets", words, ListenerArn=listener, **rule)
    deregister(elb, two, {"Id": OTHER})
    elb.client.create_rule(ListenerArn=listener, **rule)
    register(elb, two, {"Id": ONE})
    call = {"TargetGroupArn": two, "Targets": [{"Id": OTHER}]}
    refuses(elb.client.register_targets, "TooManyTargets", words, **call)


def test_a_target_group_is_created_once(elb: Elb) -> None:
    """ "This operation is idempotent" (CreateTargetGroup)"""
    assert elb.group() == elb.group()
    refuses(elb.group, "DuplicateTargetGroupName", "already exists", Port=81)


UNSUPPORTED = "InvalidConfigurationRequest"


@pytest.mark.parametrize(
    ("protocol", "check", "code", "words"),
    [
        ("HTTP", {"HealthCheckProtocol": "TCP"}, UNSUPPORTED, "TCP protocol is not supported"),
        ("TCP", {"HealthCheckPath": "/"}, UNSUPPORTED, "A path is not supported"),
        ("TCP", {"Matcher": {"HttpCode": "200"}}, UNSUPPORTED, "A matcher is not supported"),
        ("HTTP", {"HealthCheckPath": "up"}, "ValidationError", "must begin with a '/'"),
        ("HTTP", {"HealthCheckPort": "0"}, "ValidationError", "or from 1 to 65535"),
        ("HTTP", {"HealthCheckPort": "http"}, "ValidationError", "or from 1 to 65535"),
        ("HTTP", {"Matcher": {"HttpCode": "200,500"}}, "ValidationError", "within '200-499'"),
        ("HTTP", {"Matcher": {"HttpCode": "300-200"}}, "ValidationError", "within '200-499'"),
        ("HTTP", {"Matcher": {"HttpCode": "2xx"}}, "ValidationError", "within '200-499'"),
        ("HTTP", {"HealthCheckIntervalSeconds": 9, "HealthCheckTimeoutSeconds": 9},
         "ValidationError", "must be smaller than the interval '9'"),
    ],
)  # fmt: skip
def test_health_checks_that_are_refused(
    elb: Elb, protocol: str, check: Any, code: str, words: str
) -> None:
    """APIReference/API_CreateTargetGroup.html, API_ModifyTargetGroup.html and API_Matcher.html"""
    arn = elb.group(Protocol=protocol)
    refuses(elb.group, code, words, name="other", Protocol=protocol, **check)
    refuses(elb.client.modify_target_group, code, words, TargetGroupArn=arn, **check)
