"""An application load balancer as nginx's `http` block.

nginx speaks HTTP, and Lua code in it (lua/balancer.lua) decides which rule a request matches and
which target gets it. That code reads the rules and targets, here called routes, as lua_routes.py
writes them, so their change needs no reload of nginx, which would close clients' idle connections.
"""

from pathlib import Path

from localcloud.aws.elbv2.snapshots import Listener, LoadBalancer
from localcloud.network.balancer import tls
from localcloud.network.balancer.tls import TlsSettings

CONNECT_TIMEOUT = 10  # seconds, as on AWS
LUA = Path(__file__).parent / "lua"
ROUTES = "routes.lua"
# Where nginx accepts new routes: a loopback address, so only from its own network namespace.
REFRESH = ("127.0.0.1", 1)
TLS_HEADERS = """\
  proxy_set_header X-Amzn-Tls-Version $ssl_protocol;
  proxy_set_header X-Amzn-Tls-Cipher-Suite $ssl_cipher;
"""
_HTTP = """\
http {{
{directives}  lua_package_path "{lua}/?.lua;{libraries}/?.lua;;";
  lua_shared_dict routes 16m;
  init_by_lua_block {{
    balancer = require "balancer"
    balancer.start("{prefix}/{routes}")
  }}
  init_worker_by_lua_block {{ balancer.load() }}
  server_tokens off;
  uninitialized_variable_warn off;
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
  {to_targets}
  proxy_next_upstream off;
  proxy_connect_timeout {connect}s;
  proxy_read_timeout {idle}s;
  proxy_send_timeout {idle}s;
  proxy_pass_header Server;
  proxy_pass_header Date;
  proxy_ignore_headers X-Accel-Redirect X-Accel-Expires X-Accel-Limit-Rate X-Accel-Buffering
    X-Accel-Charset;
  proxy_set_header Host $lb_host;
  proxy_set_header Connection $lb_connection;
  proxy_set_header Upgrade $http_upgrade;
  proxy_set_header X-Forwarded-For $lb_forwarded_for;
  proxy_set_header X-Forwarded-Proto $scheme;
  proxy_set_header X-Forwarded-Port $server_port;
  proxy_set_header X-Amzn-Trace-Id $lb_trace;
{tls_headers}{certificates}  map $http_upgrade $lb_connection {{
    "" "";
    default upgrade;
  }}
  upstream targets {{
    server 0.0.0.1;
    balancer_by_lua_block {{ balancer.connect() }}
    keepalive 64;
    keepalive_timeout {idle}s;
  }}
  log_by_lua_block {{ balancer.finish() }}
  error_page 405 408 413 414 500 502 503 504 @failed;
  error_page 400 "/ bad request";
  server {{
    listen {refresh};
    client_body_buffer_size 16m;
    location / {{
      content_by_lua_block {{ balancer.refresh() }}
    }}
  }}
{servers}}}
"""
_SERVER = """\
  server {{
    listen {port}{how};
{secure}    server_name _;
    location / {{
      set $lb_target "";
      set $lb_scheme "http";
      set $lb_host "";
      set $lb_trace "";
      set $lb_forwarded_for "";
      rewrite_by_lua_block {{ balancer.route() }}
      proxy_pass $lb_scheme://targets;
      header_filter_by_lua_block {{ balancer.respond() }}
    }}
    location @failed {{
      content_by_lua_block {{ balancer.failed() }}
    }}
    location = "/ bad request" {{ # its request may have no path, which @failed needs
      internal;
      content_by_lua_block {{ balancer.failed() }}
    }}
  }}
"""


def http(
    balancer: LoadBalancer, directives: str, prefix: Path, libraries: Path, settings: TlsSettings
) -> str:
    """The block, which begins with `directives`; nginx reads the routes from the folder `prefix`.

    `libraries` is the folder of nginx's Lua libraries. Raises ValueError with the name of what is
    not implemented.
    """
    return _HTTP.format(
        directives=directives,
        lua=LUA,
        libraries=libraries,
        prefix=prefix,
        routes=ROUTES,
        idle=round(balancer.idle_timeout),
        ignore_invalid="on" if balancer.drop_invalid_headers else "off",
        underscores="off" if balancer.drop_invalid_headers else "on",
        connect=CONNECT_TIMEOUT,
        tls_headers=TLS_HEADERS if balancer.tls_headers else "",
        refresh="{}:{}".format(*REFRESH),
        to_targets=tls.TO_TARGETS,
        certificates=tls.variables(balancer.listeners, settings),
        servers="".join(_server(one, balancer.http2) for one in balancer.listeners),
    )


def _server(listener: Listener, http2: bool) -> str:
    if listener.protocol not in ("HTTP", "HTTPS"):
        raise ValueError(
            f"{listener.arn}: listener protocol {listener.protocol} is not implemented"
        )
    how = (" ssl http2" if http2 else " ssl") if tls.is_secure(listener) else ""
    return _SERVER.format(
        port=listener.port, how=how, secure=tls.directives(listener) + _log(listener)
    )


def _log(listener: Listener) -> str:
    """Sets what the access log says of the certificate that a connection got: its ARN."""
    secure = tls.is_secure(listener)
    return f"    set $lb_certificate $arn_of_{listener.port};\n" if secure else ""
