from typing import Any

import pytest

from localcloud.aws.api import AwsApi
from localcloud.aws.elbv2 import names
from localcloud.aws.elbv2.target_states import TargetHealth
from tests.local.aws.support import (
    Client,
    Elb,
    forward,
    refusal,
)


@pytest.mark.parametrize(
    ("kind", "scheme", "expected"),
    [
        ("application", "internet-facing", "web-7.eu-west-1.elb.amazonaws.com"),
        ("application", "internal", "internal-web-7.eu-west-1.elb.amazonaws.com"),
        ("network", "internet-facing", "web-7.elb.eu-west-1.amazonaws.com"),
        ("network", "internal", "web-7.elb.eu-west-1.amazonaws.com"),
    ],
)
def test_dns_names_have_aws_form(kind: str, scheme: str, expected: str) -> None:
    assert names.dns_name("web", "7", kind, scheme, "eu-west-1") == expected


def test_a_balancer_has_an_interface_in_each_subnet(api: AwsApi, client: Client, elb: Elb) -> None:
    made = elb.balancer(kind="network", Tags=[{"Key": "a", "Value": "b"}])
    arn = made["LoadBalancerArn"]
    assert ":loadbalancer/net/one/" in arn
    tags = elb.client.describe_tags(ResourceArns=[arn])["TagDescriptions"][0]["Tags"]
    assert tags == [{"Key": "a", "Value": "b"}]
    found = [i for i in api.records.vpcs()[0].interfaces if i.host == "elb-one"]
    assert [(i.private_ip, i.public_ip, i.groups) for i in found] == [
        ("10.0.0.4", "198.51.100.1", ()),
        ("10.0.1.4", "198.51.100.2", ()),
    ]
    ec2 = client("ec2")
    call = {"SubnetId": elb.vpc.subnets[0]}
    assert refusal(ec2.delete_subnet, **call)[0] == "DependencyViolation"
    elb.client.delete_load_balancer(LoadBalancerArn=arn)
    ec2.delete_subnet(**call)


def test_an_application_balancers_groups_are_its_interfaces(
    api: AwsApi, client: Client, elb: Elb
) -> None:
    ec2 = client("ec2")
    groups = [
        ec2.create_security_group(GroupName=n, Description="d", VpcId=elb.vpc.id)["GroupId"]
        for n in "ab"
    ]
    arn = elb.balancer(SecurityGroups=groups[:1], Scheme="internal")["LoadBalancerArn"]
    (first, _) = api.records.vpcs()[0].interfaces
    assert (first.groups, first.public_ip) == ((groups[0],), None)
    elb.client.set_security_groups(LoadBalancerArn=arn, SecurityGroups=groups[1:])
    assert [i.groups for i in api.records.vpcs()[0].interfaces] == [(groups[1],), (groups[1],)]
    ec2.delete_security_group(GroupId=groups[0])
    refused = refusal(ec2.delete_security_group, GroupId=groups[1])
    assert refused[0] == "DependencyViolation"


def test_a_balancer_is_active_once_it_serves(api: AwsApi, elb: Elb) -> None:
    arn = elb.balancer()["LoadBalancerArn"]

    def state() -> str:
        found = elb.client.describe_load_balancers(LoadBalancerArns=[arn])["LoadBalancers"]
        return str(found[0]["State"]["Code"])

    assert state() == "provisioning"
    api.health.active(arn)
    assert state() == "active"


def test_a_name_is_taken_once_for_one_set_of_settings(elb: Elb) -> None:
    assert elb.balancer()["LoadBalancerArn"] == elb.balancer()["LoadBalancerArn"]
    call = {"Name": "one", "Type": "network", "Subnets": elb.vpc.subnets}
    assert refusal(elb.client.create_load_balancer, **call)[0] == "DuplicateLoadBalancerName"


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"Type": "gateway"}, "InvalidConfigurationRequest"),
        ({"IpAddressType": "dualstack"}, "InvalidConfigurationRequest"),
        ({"Subnets": 1}, "ValidationError"),
    ],
)
def test_balancers_that_are_refused(elb: Elb, more: dict[str, Any], code: str) -> None:
    subnets = elb.vpc.subnets[: more.pop("Subnets", 2)]
    call = {"Name": "one", "Subnets": subnets, **more}
    assert refusal(elb.client.create_load_balancer, **call)[0] == code


def test_attributes_that_are_refused(elb: Elb) -> None:
    group, arn = elb.group(), elb.balancer()["LoadBalancerArn"]
    sticky = [{"Key": "stickiness.enabled", "Value": "true"}]
    refused = refusal(
        elb.client.modify_target_group_attributes, TargetGroupArn=group, Attributes=sticky
    )
    assert "stickiness.enabled=true" in refused[1]
    logs = [{"Key": "access_logs.s3.enabled", "Value": "true"}]
    refused = refusal(
        elb.client.modify_load_balancer_attributes, LoadBalancerArn=arn, Attributes=logs
    )
    assert "access_logs.s3.enabled=true" in refused[1]


def test_targets_are_as_the_balancer_reports(api: AwsApi, elb: Elb) -> None:
    group = elb.group()
    elb.client.register_targets(TargetGroupArn=group, Targets=[{"Id": "10.0.0.50", "Port": 8080}])
    assert elb.health(group) == [("10.0.0.50", "unused", "Target.NotInUse")]
    listener = elb.listener(elb.balancer(), forward(group))
    assert elb.health(group) == [("10.0.0.50", "initial", "Elb.RegistrationInProgress")]
    api.health.report(group, "10.0.0.50", 8080, "unhealthy", "Target.Timeout")
    assert elb.health(group) == [("10.0.0.50", "unhealthy", "Target.Timeout")]
    api.health.report(group, "10.0.0.50", 8080, "healthy", "")
    assert elb.health(group) == [("10.0.0.50", "healthy", None)]
    assert refusal(elb.client.delete_target_group, TargetGroupArn=group)[0] == "ResourceInUse"
    elb.client.deregister_targets(TargetGroupArn=group, Targets=[{"Id": "10.0.0.50"}])
    assert elb.health(group)[0][1] == "draining"
    # "If the specified target does not exist, the action returns successfully." (ELB API reference,
    # DeregisterTargets); it does for one that drains, or a controller could never let it go.
    for target in ("10.0.0.50", "10.0.0.51"):
        elb.client.deregister_targets(TargetGroupArn=group, Targets=[{"Id": target}])
    assert elb.health(group)[0][1] == "draining"
    elb.client.delete_listener(ListenerArn=listener)
    (found,) = elb.client.describe_target_groups(TargetGroupArns=[group])["TargetGroups"]
    assert found["LoadBalancerArns"] == []
    for _ in range(2):
        elb.client.delete_target_group(TargetGroupArn=group)


def test_draining_ends_after_the_delay() -> None:
    now = [0.0]
    health = TargetHealth(clock=lambda: now[0])
    key = ("group", "i-1", 80)
    health.deregistered(key, 300)
    assert list(health.draining("group")) == [key]
    now[0] = 301
    assert list(health.draining("group")) == []


def test_records_tell_a_target_groups_check(api: AwsApi, elb: Elb) -> None:
    elb.group(HealthCheckPath="/healthz", HealthCheckIntervalSeconds=15, HealthCheckPort="8081")
    (group,) = api.records.target_groups()
    check = group.health_check
    assert (check.protocol, check.path, check.port, check.interval) == (
        "HTTP",
        "/healthz",
        8081,
        15,
    )
