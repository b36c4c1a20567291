from typing import Any

import pytest

from localcloud.aws.api import AwsApi
from localcloud.aws.elbv2 import names
from localcloud.aws.elbv2.target_states import TargetStates
from tests.api.aws.support import Elb, forward, refusal


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


def test_a_balancer_has_an_interface_in_each_subnet(api: AwsApi, elb: Elb) -> None:
    tags = [{"Key": "a", "Value": "b"}]
    arn = elb.balancer("network", Tags=tags)
    assert ":loadbalancer/net/one/" in arn
    assert elb.client.describe_tags(ResourceArns=[arn])["TagDescriptions"][0]["Tags"] == tags
    found = [i for i in api.snapshots.vpcs()[0].interfaces if i.host == "elb-one"]
    assert [(i.private_ip, i.public_ip, i.groups) for i in found] == [
        ("10.0.0.4", "198.51.100.1", ()),
        ("10.0.1.4", "198.51.100.2", ()),
    ]
    ec2, call = elb.vpc.ec2, {"SubnetId": elb.vpc.subnets[0]}
    assert refusal(ec2.delete_subnet, **call)[0] == "DependencyViolation"
    elb.client.delete_load_balancer(LoadBalancerArn=arn)
    ec2.delete_subnet(**call)


def test_an_application_balancers_groups_are_its_interfaces(api: AwsApi, elb: Elb) -> None:
    ec2, (one, two) = elb.vpc.ec2, elb.vpc.security_groups("one", "two")
    arn = elb.balancer(SecurityGroups=[one], Scheme="internal")
    (first, _) = api.snapshots.vpcs()[0].interfaces
    assert (first.groups, first.public_ip) == ((one,), None)
    elb.client.set_security_groups(LoadBalancerArn=arn, SecurityGroups=[two])
    assert [i.groups for i in api.snapshots.vpcs()[0].interfaces] == [(two,), (two,)]
    ec2.delete_security_group(GroupId=one)
    assert refusal(ec2.delete_security_group, GroupId=two)[0] == "DependencyViolation"


def test_a_balancer_is_active_once_it_serves(api: AwsApi, elb: Elb) -> None:
    arn = elb.balancer()

    def state() -> str:
        (found,) = elb.client.describe_load_balancers(LoadBalancerArns=[arn])["LoadBalancers"]
        return str(found["State"]["Code"])

    assert state() == "provisioning"
    api.target_states.set_active(arn)
    assert state() == "active"


@pytest.mark.parametrize(
    ("more", "subnets", "code"),
    [
        ({"Type": "gateway"}, 2, "InvalidConfigurationRequest"),
        ({"IpAddressType": "dualstack"}, 2, "InvalidConfigurationRequest"),
        ({"Name": "one", "Type": "network"}, 2, "DuplicateLoadBalancerName"),
        ({}, 1, "ValidationError"),
        ({"SecurityGroups": ["sg-0"]}, 2, "InvalidSecurityGroup"),
        ({"Subnets": ["subnet-0123456789abcdef0"]}, 0, "SubnetNotFound"),
        ({"Name": "internal-other"}, 2, "ValidationError"),
        ({"Name": "other-"}, 2, "ValidationError"),
        ({"Name": "an_other"}, 2, "ValidationError"),
        ({"Name": "o" * 33}, 2, "ValidationError"),
        ({"Tags": [{"Key": "a", "Value": value} for value in "bc"]}, 2, "DuplicateTagKeys"),
    ],
)
def test_balancers_that_are_refused(elb: Elb, more: Any, subnets: int, code: str) -> None:
    """APIReference/API_CreateLoadBalancer.html"""
    assert elb.balancer() == elb.balancer()  # the same settings make one
    call = {"Name": "other", "Subnets": elb.vpc.subnets[:subnets], **more}
    assert refusal(elb.client.create_load_balancer, **call)[0] == code


def test_targets_are_as_the_balancer_reports(api: AwsApi, elb: Elb) -> None:
    group = elb.group()
    arn = {"TargetGroupArn": group}
    elb.client.register_targets(**arn, Targets=[{"Id": "10.0.0.50", "Port": 8080}])
    assert elb.health(group) == [("10.0.0.50", "unused", "Target.NotInUse")]
    listener = elb.listener(forward(group))
    assert elb.health(group) == [("10.0.0.50", "initial", "Elb.RegistrationInProgress")]
    api.target_states.report(group, "10.0.0.50", 8080, "unhealthy", "Target.Timeout")
    assert elb.health(group) == [("10.0.0.50", "unhealthy", "Target.Timeout")]
    api.target_states.report(group, "10.0.0.50", 8080, "healthy", "")
    assert elb.health(group) == [("10.0.0.50", "healthy", None)]
    assert refusal(elb.client.delete_target_group, **arn)[0] == "ResourceInUse"
    elb.client.delete_listener(ListenerArn=listener)
    (found,) = elb.client.describe_target_groups(TargetGroupArns=[group])["TargetGroups"]
    assert found["LoadBalancerArns"] == []
    for _ in range(2):
        elb.client.delete_target_group(**arn)


def test_draining_ends_after_the_delay() -> None:
    now = [0.0]
    health = TargetStates(clock=lambda: now[0])
    key = ("group", "i-1", 80)
    health.report(*key, "healthy", "")
    health.deregistered(key, 300)
    assert list(health.draining("group")) == [key]
    health.registered(key)
    assert health.of(key) == ("healthy", "")  # it will not be reported again
    health.deregistered(key, 300)
    now[0] = 301
    assert list(health.draining("group")) == []
    assert health.of(key) is None


def test_records_tell_a_target_groups_check(api: AwsApi, elb: Elb) -> None:
    elb.group(HealthCheckPath="/healthz", HealthCheckIntervalSeconds=15, HealthCheckPort="8081")
    check = api.snapshots.target_groups()[0].health_check
    assert (check.protocol, check.path, check.port) == ("HTTP", "/healthz", 8081)
    assert check.interval == 15
