"""The attributes of load balancers, target groups and listeners, and which values are implemented.

.../elasticloadbalancing/latest/APIReference/API_LoadBalancerAttribute.html,
API_TargetGroupAttribute.html and API_ListenerAttribute.html of docs.aws.amazon.com
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Attribute:
    """`valid` are the values that AWS accepts: a tuple lists them, a range bounds them, and an
    empty tuple allows any text. `implemented` are those that have their effect here, or None for
    all."""

    default: str
    valid: tuple[str, ...] | range = ()
    implemented: tuple[str, ...] | None = None


Table = dict[str, Attribute]
FLAG = ("true", "false")
NONE = ("",)
COOKIE_SECONDS = range(1, 604801)


def _only(default: str, *others: str) -> Attribute:
    """An attribute of which only the default is implemented."""
    return Attribute(default, (default, *others), (default,))


def _logs(kind: str) -> Table:
    return {
        f"{kind}.s3.enabled": _only("false", "true"),
        f"{kind}.s3.bucket": Attribute("", implemented=NONE),
        f"{kind}.s3.prefix": Attribute("", implemented=NONE),
    }


ACCESS_LOGS: Table = {
    "access_logs.s3.enabled": Attribute("false", FLAG),
    "access_logs.s3.bucket": Attribute(""),
    "access_logs.s3.prefix": Attribute(""),
}
BALANCERS: dict[str, Table] = {
    "application": {
        "deletion_protection.enabled": Attribute("false", FLAG),
        "load_balancing.cross_zone.enabled": Attribute("true", ("true",)),
        **ACCESS_LOGS,
        **_logs("connection_logs"),
        **_logs("health_check_logs"),
        "idle_timeout.timeout_seconds": Attribute("60", range(1, 4001)),
        "client_keep_alive.seconds": Attribute("3600", range(60, 604801), ("3600",)),
        "routing.http.desync_mitigation_mode": _only("defensive", "monitor", "strictest"),
        "routing.http.drop_invalid_header_fields.enabled": Attribute("false", FLAG),
        "routing.http.preserve_host_header.enabled": Attribute("false", FLAG),
        "routing.http.x_amzn_tls_version_and_cipher_suite.enabled": Attribute("false", FLAG),
        "routing.http.xff_client_port.enabled": Attribute("false", FLAG),
        "routing.http.xff_header_processing.mode": Attribute(
            "append", ("append", "preserve", "remove")
        ),
        "routing.http2.enabled": Attribute("true", FLAG),
        "waf.fail_open.enabled": Attribute("false", FLAG),  # no effect: web ACLs are only records
        "zonal_shift.config.enabled": _only("false", "true"),
    },
    "network": {
        "deletion_protection.enabled": Attribute("false", FLAG),
        "load_balancing.cross_zone.enabled": Attribute("false", FLAG),
        **ACCESS_LOGS,
        "dns_record.client_routing_policy": _only(
            "any_availability_zone",
            "availability_zone_affinity",
            "partial_availability_zone_affinity",
        ),
        "secondary_ips.auto_assigned.per_subnet": Attribute("0", range(8), ("0",)),
        "zonal_shift.config.enabled": _only("false", "true"),
    },
}
DUALSTACK = {"ipv6.deny_all_igw_traffic"}  # not of a load balancer with addresses of IPv4 alone

_HEALTH = "target_group_health"
GROUPS: Table = {  # of all target groups
    "deregistration_delay.timeout_seconds": Attribute("300", range(3601)),
    "stickiness.enabled": Attribute("false", FLAG),
    f"{_HEALTH}.dns_failover.minimum_healthy_targets.count": Attribute("1", implemented=("1",)),
    f"{_HEALTH}.dns_failover.minimum_healthy_targets.percentage": Attribute(
        "off", implemented=("off",)
    ),
    f"{_HEALTH}.unhealthy_state_routing.minimum_healthy_targets.count": Attribute(
        "1", implemented=("1",)
    ),
    f"{_HEALTH}.unhealthy_state_routing.minimum_healthy_targets.percentage": Attribute(
        "off", implemented=("off",)
    ),
}
CROSS_ZONE = ("use_load_balancer_configuration", "true", "false")
HTTP_GROUPS: Table = {
    **GROUPS,
    "stickiness.type": Attribute("lb_cookie", ("lb_cookie", "app_cookie")),
    "stickiness.lb_cookie.duration_seconds": Attribute("86400", COOKIE_SECONDS),
    "stickiness.app_cookie.duration_seconds": Attribute("86400", COOKIE_SECONDS),
    "stickiness.app_cookie.cookie_name": Attribute(""),
    "load_balancing.algorithm.type": Attribute(
        "round_robin", ("round_robin", "least_outstanding_requests", "weighted_random")
    ),
    "load_balancing.algorithm.anomaly_mitigation": _only("off", "on"),
    "load_balancing.cross_zone.enabled": Attribute(CROSS_ZONE[0], CROSS_ZONE, CROSS_ZONE[:2]),
    "slow_start.duration_seconds": Attribute("0", range(901)),
}
_UNHEALTHY = "target_health_state.unhealthy"

# Response headers that HTTP and HTTPS listeners can set, and request headers that HTTPS listeners
# can rename. Only the defaults are implemented.
_RESPONSE = "routing.http.response."
RESPONSE_HEADERS = (
    "access_control_allow_origin",
    "access_control_allow_methods",
    "access_control_allow_headers",
    "access_control_allow_credentials",
    "access_control_expose_headers",
    "access_control_max_age",
    "content_security_policy",
    "x_content_type_options",
    "x_frame_options",
)
REQUEST_HEADERS = (
    "X-Amzn-Mtls-Clientcert-Serial-Number",
    "X-Amzn-Mtls-Clientcert-Issuer",
    "X-Amzn-Mtls-Clientcert-Subject",
    "X-Amzn-Mtls-Clientcert-Validity",
    "X-Amzn-Mtls-Clientcert-Leaf",
    "X-Amzn-Mtls-Clientcert",
    "X-Amzn-Tls-Version",
    "X-Amzn-Tls-Cipher-Suite",
)
HTTP_LISTENERS: Table = {
    f"{_RESPONSE}server.enabled": _only("true", "false"),
    **{
        f"{_RESPONSE}{name}.header_value": Attribute("", implemented=NONE)
        for name in RESPONSE_HEADERS
    },
}
LISTENERS: dict[str, Table] = {
    "HTTP": HTTP_LISTENERS,
    "HTTPS": {
        **HTTP_LISTENERS,
        f"{_RESPONSE}strict_transport_security.header_value": Attribute("", implemented=NONE),
        **{
            f"routing.http.request.{name.lower().replace('-', '_')}.header_name": Attribute(
                name, implemented=(name,)
            )
            for name in REQUEST_HEADERS
        },
    },
    "TCP": {"tcp.idle_timeout.seconds": Attribute("350", range(60, 6001))},
}


def of_group(protocol: str, target_type: str) -> Table:
    """The attributes of a target group."""
    if protocol in ("HTTP", "HTTPS"):
        return HTTP_GROUPS
    datagrams = protocol in ("UDP", "TCP_UDP")
    preserve = "false" if target_type == "ip" and not datagrams else "true"
    ends = "true" if datagrams else "false"
    return {
        **GROUPS,
        "stickiness.type": Attribute("source_ip", ("source_ip",)),
        "load_balancing.cross_zone.enabled": Attribute(CROSS_ZONE[0], CROSS_ZONE),
        "deregistration_delay.connection_termination.enabled": Attribute(ends, FLAG),
        "preserve_client_ip.enabled": Attribute(preserve, ("true",) if datagrams else FLAG),
        "proxy_protocol_v2.enabled": _only("false", "true"),
        f"{_UNHEALTHY}.connection_termination.enabled": (
            Attribute("false", ("false",)) if datagrams else Attribute("true", FLAG)
        ),
        f"{_UNHEALTHY}.draining_interval_seconds": Attribute("0", range(360001), ("0",)),
    }


def defaults(table: Table) -> dict[str, str]:
    """The values of attributes that were not set."""
    return {name: attribute.default for name, attribute in table.items()}
