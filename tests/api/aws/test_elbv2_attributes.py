"""Attributes of load balancers, target groups and listeners, as LoadBalancerAttribute,
TargetGroupAttribute and ListenerAttribute of the ELB API reference describe them."""

from typing import Any

import pytest

from localcloud.aws.api import AwsApi
from localcloud.aws.elbv2.snapshots import Stickiness
from tests.api.aws.support import FIXED, Elb, forward, refuses

BALANCER, GROUP, LISTENER = "load_balancer", "target_group", "listener"
VALIDATION, CONFIGURATION = "ValidationError", "InvalidConfigurationRequest"


def named(elb: Elb, of: str, protocol: str) -> dict[str, str]:
    """The parameter that names a load balancer, a target group or its listener."""
    if of == GROUP:
        return {"TargetGroupArn": elb.group(Protocol=protocol)}
    balancer = {"LoadBalancerArn": elb.balancer("application" if protocol == "HTTP" else "network")}
    if of == BALANCER:
        return balancer
    action = FIXED if protocol == "HTTP" else forward(elb.group(Protocol=protocol))
    call = {"Protocol": protocol, "Port": 80, "DefaultActions": [action]}
    made = elb.client.create_listener(**balancer, **call)["Listeners"][0]
    return {"ListenerArn": made["ListenerArn"]}


def listed(values: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in values.items()]


def described(elb: Elb, of: str, arn: dict[str, str]) -> dict[str, str]:
    found = getattr(elb.client, f"describe_{of}_attributes")(**arn)["Attributes"]
    return {each["Key"]: each["Value"] for each in found}


@pytest.mark.parametrize(
    ("of", "protocol", "some", "count"),
    [
        (
            BALANCER,
            "HTTP",
            {
                "idle_timeout.timeout_seconds": "60",
                "load_balancing.cross_zone.enabled": "true",
                "routing.http.desync_mitigation_mode": "defensive",
                "access_logs.s3.enabled": "false",
            },
            22,
        ),
        (BALANCER, "TCP", {"load_balancing.cross_zone.enabled": "false"}, 8),
        (
            GROUP,
            "HTTP",
            {
                "deregistration_delay.timeout_seconds": "300",
                "stickiness.type": "lb_cookie",
                "stickiness.lb_cookie.duration_seconds": "86400",
                "slow_start.duration_seconds": "0",
            },
            14,
        ),
        (
            GROUP,
            "TCP",
            {"stickiness.type": "source_ip", "preserve_client_ip.enabled": "false"},
            13,
        ),
        (LISTENER, "HTTP", {"routing.http.response.server.enabled": "true"}, 10),
        (LISTENER, "TCP", {"tcp.idle_timeout.seconds": "350"}, 1),
    ],
)
def test_defaults_are_described_and_can_be_set(
    elb: Elb, of: str, protocol: str, some: dict[str, str], count: int
) -> None:
    arn = named(elb, of, protocol)
    found = described(elb, of, arn)
    assert found.items() >= some.items()
    assert len(found) == count
    modify = getattr(elb.client, f"modify_{of}_attributes")
    for first in range(0, count, 20):  # a call can set 20
        chunk = dict(list(found.items())[first : first + 20])
        modify(**arn, Attributes=listed(chunk))
    assert described(elb, of, arn) == found


UNKNOWN = "attribute key 'no.such' is not recognized"


@pytest.mark.parametrize(
    ("of", "protocol", "given", "code", "words"),
    [
        # Unknown, or of another type: the texts are AWS's, of
        # github.com/hashicorp/terraform-provider-aws/issues/34135 and
        # github.com/aws/aws-cdk/issues/29970
        (BALANCER, "HTTP", {"no.such": "1"}, VALIDATION, f"Load balancer {UNKNOWN}"),
        (GROUP, "HTTP", {"no.such": "1"}, VALIDATION, f"Target group {UNKNOWN}"),
        (LISTENER, "HTTP", {"no.such": "1"}, VALIDATION, f"Listener {UNKNOWN}"),
        (BALANCER, "TCP", {"idle_timeout.timeout_seconds": "60"}, CONFIGURATION, "type 'network'"),
        (BALANCER, "TCP", {"ipv6.deny_all_igw_traffic": "true"}, CONFIGURATION, "type 'ipv4'"),
        (GROUP, "TCP", {"slow_start.duration_seconds": "30"}, CONFIGURATION, "the TCP protocol"),
        (LISTENER, "HTTP", {"tcp.idle_timeout.seconds": "350"}, CONFIGURATION, "the HTTP protocol"),
        (BALANCER, "HTTP", {}, VALIDATION, "Attributes cannot be empty"),
        # github.com/hashicorp/terraform-provider-aws/pull/46496
        (BALANCER, "HTTP", {f"a{n}": "" for n in range(21)}, VALIDATION, "at most 20"),
        # Values
        (BALANCER, "HTTP", {"idle_timeout.timeout_seconds": "4001"}, VALIDATION, "'1-4000'"),
        (BALANCER, "HTTP", {"idle_timeout.timeout_seconds": "a"}, VALIDATION, "'1-4000'"),
        (BALANCER, "HTTP", {"deletion_protection.enabled": "yes"}, VALIDATION, "[true, false]"),
        (BALANCER, "HTTP", {"load_balancing.cross_zone.enabled": "false"}, VALIDATION, "[true]"),
        (GROUP, "HTTP", {"deregistration_delay.timeout_seconds": "3601"}, VALIDATION, "'0-3600'"),
        (GROUP, "HTTP", {"slow_start.duration_seconds": "29"}, VALIDATION, "0 or '30-900'"),
        (GROUP, "HTTP", {"slow_start.duration_seconds": "901"}, VALIDATION, "'0-900'"),
        (GROUP, "HTTP", {"stickiness.lb_cookie.duration_seconds": "0"}, VALIDATION, "'1-604800'"),
        (GROUP, "HTTP", {"load_balancing.algorithm.type": "fast"}, VALIDATION, "weighted_random"),
        (GROUP, "HTTP", {"stickiness.type": "cookie"}, VALIDATION, "[lb_cookie, app_cookie]"),
        (GROUP, "HTTP", {"stickiness.type": "source_ip"}, CONFIGURATION, "the HTTP protocol"),
        (GROUP, "TCP", {"stickiness.type": "lb_cookie"}, CONFIGURATION, "the TCP protocol"),
        (
            GROUP,
            "HTTP",
            {"stickiness.enabled": "true", "stickiness.type": "app_cookie"},
            CONFIGURATION,
            "must set an application cookie name",
        ),
        (
            GROUP,
            "HTTP",
            {
                "stickiness.enabled": "true",
                "stickiness.type": "app_cookie",
                "stickiness.app_cookie.cookie_name": "AWSALBTG",
            },
            VALIDATION,
            "'AWSALBTG' is reserved",
        ),
        (
            GROUP,
            "HTTP",
            {
                "slow_start.duration_seconds": "30",
                "load_balancing.algorithm.type": "weighted_random",
            },
            CONFIGURATION,
            "Slow start is not supported",
        ),
        # What the load balancers do not do
        (BALANCER, "HTTP", {"client_keep_alive.seconds": "60"}, CONFIGURATION, "=60 of a load"),
        (BALANCER, "HTTP", {"connection_logs.s3.enabled": "true"}, CONFIGURATION, "not offered"),
        (GROUP, "TCP", {"proxy_protocol_v2.enabled": "true"}, CONFIGURATION, "not offered"),
    ],
)
def test_attributes_that_are_refused(
    elb: Elb, of: str, protocol: str, given: dict[str, str], code: str, words: str
) -> None:
    arn = named(elb, of, protocol)
    modify, before = getattr(elb.client, f"modify_{of}_attributes"), described(elb, of, arn)
    refuses(modify, code, words, **arn, Attributes=listed(given))
    assert described(elb, of, arn) == before


@pytest.mark.parametrize(
    ("protocol", "more", "expected"),
    [
        ("HTTP", {}, Stickiness("lb_cookie", 86400)),
        (
            "HTTP",
            {
                "stickiness.type": "app_cookie",
                "stickiness.app_cookie.cookie_name": "session",
                "stickiness.app_cookie.duration_seconds": "60",
            },
            Stickiness("app_cookie", 60, "session"),
        ),
        ("TCP", {}, Stickiness("source_ip", 0)),
    ],
)
def test_records_tell_what_a_group_does(
    api: AwsApi, elb: Elb, protocol: str, more: Any, expected: Stickiness
) -> None:
    group = {"TargetGroupArn": elb.group(Protocol=protocol)}
    given = {"stickiness.enabled": "true", "deregistration_delay.timeout_seconds": "5", **more}
    if protocol == "HTTP":
        given["slow_start.duration_seconds"] = "30"
    elb.client.modify_target_group_attributes(**group, Attributes=listed(given))
    (record,) = api.snapshots.target_groups()
    assert (record.stickiness, record.deregistration_delay) == (expected, 5)
    assert record.slow_start == (30 if protocol == "HTTP" else 0)


def test_records_tell_what_a_balancer_does(api: AwsApi, elb: Elb) -> None:
    given = {
        "idle_timeout.timeout_seconds": "90",
        "routing.http.xff_header_processing.mode": "remove",
        "routing.http.xff_client_port.enabled": "true",
        "routing.http.preserve_host_header.enabled": "true",
        "routing.http.x_amzn_tls_version_and_cipher_suite.enabled": "true",
        "routing.http.drop_invalid_header_fields.enabled": "true",
    }
    arn = elb.balancer()
    elb.client.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=listed(given))
    (record,) = api.snapshots.load_balancers()
    assert (record.idle_timeout, record.forwarded_for) == (90, "remove")
    assert record.client_port
    assert record.preserve_host
    assert record.tls_headers
    assert record.drop_invalid_headers
