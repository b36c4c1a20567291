"""Writes the nginx.conf of a load balancer of any type."""

import grp
import pwd
from dataclasses import dataclass
from pathlib import Path

from localcloud.aws.elbv2.snapshots import LoadBalancer
from localcloud.network.balancer import (
    access_log,
    application_load_balancer,
    classic_load_balancer,
    network_load_balancer_tls,
)
from localcloud.network.balancer.targets import AddressesByGroup
from localcloud.network.balancer.tls import TlsSettings

STREAM_MODULE = "ngx_stream_module.so"
LUA_MODULES = ("ndk_http_module.so", "ngx_http_lua_module.so")  # the second needs the first


@dataclass(frozen=True)
class NginxOptions:
    """The folders of one nginx, of its modules and of its Lua libraries, and its workers' user."""

    prefix: Path
    modules: Path
    lua: Path
    user: str = "nobody"

    @property
    def pid(self) -> Path:
        return self.prefix / "nginx.pid"


# No worker_shutdown_timeout: after a reload the old worker serves its connections until they end,
# as on AWS.
_MAIN = """\
daemon off;
user {user} {group};
pid "{pid}";
error_log stderr warn;
worker_processes 1;
events {{
  worker_connections 4096;
}}
"""
_TEMPORARY_FOLDERS = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


def config(
    balancer: LoadBalancer,
    targets: AddressesByGroup,
    options: NginxOptions,
    settings: TlsSettings | None = None,
) -> str:
    """The nginx.conf. Raises ValueError with the name of what is not implemented."""
    settings = settings or TlsSettings()
    group = grp.getgrgid(pwd.getpwnam(options.user).pw_gid).gr_name
    main = _MAIN.format(user=options.user, group=group, pid=options.pid)
    if balancer.type == "network":
        block = network_load_balancer_tls.block(balancer, targets, options.prefix, settings)
        return _modules(options, STREAM_MODULE) + main + block
    folders = "".join(
        f'  {name}_temp_path "{options.prefix}/{name}";\n' for name in _TEMPORARY_FOLDERS
    )  # by default nginx would use those of the machine's own nginx
    log = access_log.directives(options.prefix, balancer.access_logs is not None)

    def http(of: LoadBalancer) -> str:
        return application_load_balancer.http(
            of, folders + log, options.prefix, options.lua, settings
        )

    if balancer.type == "classic":
        block = classic_load_balancer.blocks(balancer, targets, http)
        return _modules(options, STREAM_MODULE, *LUA_MODULES) + main + block
    return _modules(options, *LUA_MODULES) + main + http(balancer)


def _modules(options: NginxOptions, *names: str) -> str:
    return "".join(f'load_module "{options.modules / name}";\n' for name in names)
