"""The nginx.conf of a load balancer with its usable targets."""

import grp
import pwd
from dataclasses import dataclass
from pathlib import Path

from localcloud.aws.snapshots import LoadBalancer
from localcloud.network.balancer import application, transport
from localcloud.network.balancer.routing import Servers

STREAM_MODULE = "ngx_stream_module.so"


@dataclass(frozen=True)
class Place:
    """The folder of one nginx, the folder of its modules, and the user of its workers."""

    prefix: Path
    modules: Path
    user: str = "nobody"

    @property
    def pid(self) -> Path:
        return self.prefix / "nginx.pid"


# After a reload the old worker serves its open connections until they end, as AWS does.
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


def config(balancer: LoadBalancer, servers: Servers, place: Place) -> str:
    """The nginx.conf. Raises ValueError with the name of what is not implemented."""
    group = grp.getgrgid(pwd.getpwnam(place.user).pw_gid).gr_name
    main = _MAIN.format(user=place.user, group=group, pid=place.pid)
    if balancer.type == "network":
        module = f'load_module "{place.modules / STREAM_MODULE}";\n'
        return module + main + transport.stream(balancer, servers)
    temporary = "".join(
        f'  {name}_temp_path "{place.prefix}/{name}";\n' for name in _TEMPORARY
    )  # the defaults are folders of the machine
    return main + application.http(balancer, servers, temporary)
