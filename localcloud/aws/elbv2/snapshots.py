"""Frozen snapshots of the load balancers' records, which the network reconcilers read."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class HealthCheck:
    """Times are in seconds. `port` is None for the target's own (traffic-port). A target becomes
    healthy after `first_threshold` successes at first, later after `healthy_threshold`."""

    protocol: str
    port: int | None
    path: str
    interval: float
    timeout: float
    healthy_threshold: int
    unhealthy_threshold: int
    matcher: str
    first_threshold: int = 1


@dataclass(frozen=True)
class Target:
    """`id` is an instance's id or an IP address; `address` is None for a stopped instance; `zone`
    is None for an address outside the VPC's subnets."""

    id: str
    address: str | None
    port: int
    zone: str | None = None


@dataclass(frozen=True)
class Stickiness:
    """`duration` is in seconds, 0 for source_ip; `cookie` is the application's, for app_cookie."""

    type: Literal["lb_cookie", "app_cookie", "source_ip"]
    duration: float
    cookie: str = ""


@dataclass(frozen=True)
class TargetGroup:
    """`deregistration_delay` and `slow_start` are in seconds; a slow start of 0 is none.

    `algorithm` is how an application load balancer chooses a target. Of a network load balancer:
    `cross_zone` None: the load balancer's setting applies; `terminate_unhealthy`: connections to
    unhealthy targets are closed at once; `terminate_deregistered`: those to deregistered targets
    after the delay. `fails_open`: without healthy targets the unhealthy ones get requests.
    """

    arn: str
    protocol: str
    health_check: HealthCheck
    targets: tuple[Target, ...]
    deregistration_delay: float = 300
    slow_start: float = 0
    stickiness: Stickiness | None = None
    algorithm: Literal["round_robin", "least_outstanding_requests", "weighted_random"] = (
        "round_robin"
    )
    preserve_client_ip: bool = False
    cross_zone: bool | None = None
    terminate_unhealthy: bool = False
    terminate_deregistered: bool = False
    fails_open: bool = True


@dataclass(frozen=True)
class Condition:
    """One of `values` has to match: patterns with * and ?, methods, or CIDRs (source-ip).

    `name`: the header's name (http-header only). `pairs`: key and value patterns (query-string
    only, instead of `values`); an empty key matches any.
    """

    field: Literal[
        "host-header",
        "path-pattern",
        "http-header",
        "http-request-method",
        "query-string",
        "source-ip",
    ]
    values: tuple[str, ...]
    name: str = ""
    pairs: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Forward:
    """Target group ARN and weight, one or more.

    `stickiness` is how long a client stays with a group, in seconds, or None.
    """

    groups: tuple[tuple[str, int], ...]
    stickiness: float | None = None


@dataclass(frozen=True)
class Redirect:
    """The API's fields, with placeholders such as #{host}."""

    protocol: str
    host: str
    port: str
    path: str
    query: str
    status: int


@dataclass(frozen=True)
class FixedResponse:
    status: int
    content_type: str
    body: str


Action = Forward | Redirect | FixedResponse


@dataclass(frozen=True)
class ListenerRule:
    """`priority` None is the default rule."""

    arn: str
    priority: int | None
    conditions: tuple[Condition, ...]
    action: Action


@dataclass(frozen=True)
class Listener:
    """`rules` by priority, the default last; `certificates` are ARNs, the default first;
    `idle_timeout` is that of TCP connections, in seconds. With `proxy_protocol` connections to
    targets begin with its header."""

    arn: str
    port: int
    protocol: str
    rules: tuple[ListenerRule, ...]
    certificates: tuple[str, ...] = ()
    ssl_policy: str | None = None
    idle_timeout: int = 350
    proxy_protocol: bool = False


@dataclass(frozen=True)
class Zone:
    """A load balancer's addresses in an availability zone; `public_ip` None if internal."""

    name: str
    private_ip: str
    public_ip: str | None


@dataclass(frozen=True)
class AccessLogs:
    """Where a load balancer's access logs go; `prefix` may be empty."""

    bucket: str
    prefix: str


@dataclass(frozen=True)
class LoadBalancer:
    """`addresses` are what its DNS name resolves to: public ones if it is internet-facing.

    `host` is its network namespace; `cross_zone`: each zone sends to the targets of all zones.

    `drop_invalid_headers`: header fields with invalid names are not forwarded to targets.

    `forwarded_for`: what becomes of X-Forwarded-For; `client_port`: it has the client's port;
    `preserve_host`: targets get the Host header as the client sent it; `tls_headers`: they are
    told the TLS version and cipher.
    """

    arn: str
    name: str
    type: Literal["application", "network", "classic"]
    scheme: Literal["internet-facing", "internal"]
    dns_name: str
    host: str
    addresses: tuple[str, ...]
    listeners: tuple[Listener, ...]
    idle_timeout: float
    drop_invalid_headers: bool = False
    forwarded_for: Literal["append", "preserve", "remove"] = "append"
    client_port: bool = False
    preserve_host: bool = False
    tls_headers: bool = False
    http2: bool = True
    vpc_id: str = ""
    zones: tuple[Zone, ...] = ()
    cross_zone: bool = True
    access_logs: AccessLogs | None = None
