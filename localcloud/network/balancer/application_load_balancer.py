"""An application load balancer as nginx's `http` block.

The rules of a listener are one map. nginx tries the regular expressions of a map in their order, so
the first rule whose host and path both match decides, as on AWS. The value is an internal location
to which the request is rewritten; $request_uri keeps what the client sent.
"""

from localcloud.aws.snapshots import (
    FixedResponse,
    Forward,
    Listener,
    ListenerRule,
    LoadBalancer,
    Redirect,
)
from localcloud.network.balancer import rules
from localcloud.network.balancer.quoting import literal, quoted
from localcloud.network.balancer.routing import Servers, group_names

CONNECT_TIMEOUT = 10  # seconds; an ALB's own
# Connections to targets serve several requests, as on AWS.
KEEPALIVE = """\
    keepalive 64;
    keepalive_timeout {idle}s;
"""
_HTTP = """\
http {{
  map_hash_bucket_size 1024;
{temporary}  server_tokens off;
  default_type text/html;
  keepalive_timeout {idle}s;
  client_header_timeout {idle}s;
  client_body_timeout {idle}s;
  send_timeout {idle}s;
  client_max_body_size 0;
  underscores_in_headers {underscores};
  ignore_invalid_headers {ignore_invalid};
  large_client_header_buffers 4 64k;
  proxy_http_version 1.1;
  proxy_buffering off;
  proxy_request_buffering off;
  proxy_redirect off;
  proxy_next_upstream off;
  proxy_connect_timeout {connect}s;
  proxy_read_timeout {idle}s;
  proxy_send_timeout {idle}s;
  proxy_pass_header Server;
  proxy_pass_header Date;
  proxy_ignore_headers X-Accel-Redirect X-Accel-Expires X-Accel-Limit-Rate X-Accel-Buffering
    X-Accel-Charset;
  proxy_set_header Host $http_host;
  proxy_set_header Connection $lb_connection;
  proxy_set_header Upgrade $http_upgrade;
  proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
  proxy_set_header X-Forwarded-Proto $scheme;
  proxy_set_header X-Forwarded-Port $server_port;
  geo $dollar {{
    default "$";
  }}
  map $http_upgrade $lb_connection {{
    "" "";
    default upgrade;
  }}
  map $request_uri $lb_path {{
    "~^/?(?<lb_path_part>[^?]*)" $lb_path_part;
  }}
{upstreams}{servers}}}
"""
_SERVER = """\
  map "$host /$lb_path" $rule_{port} {{
{rules}  }}
  map "$host /$lb_path" $priority_{port} {{
{priorities}  }}
{picks}  server {{
    listen {port};
    server_name _;
    error_page 502 @bad_gateway;
    error_page 504 @gateway_timeout;
    set $lb_priority $priority_{port};
    rewrite ^ /$rule_{port} last;
{locations}    location / {{
      return 503 {unavailable};
    }}
    location @bad_gateway {{
      return 502 {bad_gateway};
    }}
    location @gateway_timeout {{
      return 504 {gateway_timeout};
    }}
  }}
"""
_PHRASES = {
    502: "502 Bad Gateway",
    503: "503 Service Temporarily Unavailable",
    504: "504 Gateway Time-out",
}


def http(balancer: LoadBalancer, servers: Servers, temporary: str) -> str:
    """The block, with the directives `temporary`.

    Raises ValueError with the name of what is not implemented.
    """
    names, idle = group_names(balancer), round(balancer.idle_timeout)
    return _HTTP.format(
        temporary=temporary,
        idle=idle,
        ignore_invalid="on" if balancer.drop_invalid_headers else "off",
        underscores="off" if balancer.drop_invalid_headers else "on",
        connect=CONNECT_TIMEOUT,
        upstreams="".join(
            upstream(name, servers.get(arn, ()), KEEPALIVE.format(idle=idle))
            for arn, name in names.items()
        ),
        servers="".join(_server(one, servers, names) for one in balancer.listeners),
    )


def upstream(name: str, addresses: tuple[str, ...], more: str = "") -> str:
    """An `upstream` block, or "" without addresses, since nginx refuses an empty block."""
    lines = "".join(f"    server {address} max_fails=0;\n" for address in addresses)
    return f"  upstream {name} {{\n{lines}{more}  }}\n" if addresses else ""


def _server(listener: Listener, servers: Servers, names: dict[str, str]) -> str:
    if listener.protocol != "HTTP":
        raise ValueError(
            f"{listener.arn}: listener protocol {listener.protocol} is not implemented"
        )
    named = [(f"rule_{listener.port}_{i}", rule) for i, rule in enumerate(listener.rules)]
    used = sorted({
        arn for _, rule in named if isinstance(rule.action, Forward)
        for arn, _ in rule.action.groups
    })  # fmt: skip
    return _SERVER.format(
        port=listener.port,
        rules="".join(
            f"    {rules.match(rule)} {_destination(name, rule, names)};\n" for name, rule in named
        ),
        priorities="".join(
            f"    {rules.match(rule)} {rule.priority or 0};\n" for rule in listener.rules
        ),
        picks="".join(rules.pick(name, rule, names) for name, rule in named),
        locations="".join(
            [_group(arn, names[arn], servers.get(arn, ())) for arn in used]
            + [_own_answer(name, rule) for name, rule in named]
        ),
        unavailable=_page(503),
        bad_gateway=_page(502),
        gateway_timeout=_page(504),
    )


def _page(status: int) -> str:
    phrase = _PHRASES[status]
    return quoted(
        f"<html>\r\n<head><title>{phrase}</title></head>\r\n<body>\r\n"
        f"<center><h1>{phrase}</h1></center>\r\n</body>\r\n</html>\r\n"
    )


def _destination(name: str, rule: ListenerRule, names: dict[str, str]) -> str:
    if not isinstance(rule.action, Forward):
        return name
    groups = rule.action.groups
    return names[groups[0][0]] if len(groups) == 1 else f"$pick_{name}"


def _group(arn: str, name: str, addresses: tuple[str, ...]) -> str:
    log = ("set $lb_action forward;", f"set $lb_group {quoted(arn)};")
    way = f"proxy_pass http://{name}$request_uri;" if addresses else f"return 503 {_page(503)};"
    return _location(name, *log, way)


def _own_answer(name: str, rule: ListenerRule) -> str:
    """The location of a rule that the load balancer answers itself."""
    action = rule.action
    if isinstance(action, Redirect):
        target = f"return {action.status} {rules.target(action)};"
        return _location(name, "set $lb_action redirect;", target)
    if isinstance(action, FixedResponse):
        body = f"return {action.status} {quoted(literal(action.body))};"
        kind = f"default_type {quoted(action.content_type or 'text/plain')};"
        return _location(name, "set $lb_action fixed-response;", kind, body)
    return ""


def _location(name: str, *lines: str) -> str:
    body = "".join(f"      {line}\n" for line in ("internal;", *lines))
    return f"    location = /{name} {{\n{body}    }}\n"
