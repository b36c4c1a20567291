"""The nginx.conf of a load balancer with its usable targets."""

import grp
import pwd
from dataclasses import dataclass
from pathlib import Path

from localcloud.aws.snapshots import LoadBalancer
from localcloud.network.balancer import (
    application_load_balancer,
    classic_load_balancer,
    network_load_balancer,
)
from localcloud.network.balancer.routing import Servers

STREAM_MODULE = "ngx_stream_module.so"


@dataclass(frozen=True)
class NginxOptions:
    """The folder of one nginx, the folder of its modules, and the user of its workers."""

    prefix: Path
    modules: Path
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
_TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


def config(balancer: LoadBalancer, servers: Servers, options: NginxOptions) -> str:
    """The nginx.conf. Raises ValueError with the name of what is not implemented."""
    group = grp.getgrgid(pwd.getpwnam(options.user).pw_gid).gr_name
    main = _MAIN.format(user=options.user, group=group, pid=options.pid)
    module = f'load_module "{options.modules / STREAM_MODULE}";\n'
    if balancer.type == "network":
        return module + main + network_load_balancer.stream(balancer, servers)
    temporary = "".join(
        f'  {name}_temp_path "{options.prefix}/{name}";\n' for name in _TEMPORARY
    )  # the defaults are folders that the machine's own nginx uses
    if balancer.type == "classic":
        return module + main + classic_load_balancer.blocks(balancer, servers, temporary)
    return main + application_load_balancer.http(balancer, servers, temporary)
