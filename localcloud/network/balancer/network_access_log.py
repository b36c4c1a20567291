"""A network load balancer's access log: one line per connection to a TLS listener.

Source: docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-access-logs.html
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from localcloud.aws.elbv2.snapshots import Listener
from localcloud.network.balancer.access_log import FILE, log_format

_VARIABLES = {
    "end": "$msec", "seconds": "$session_time", "target_seconds": "$upstream_session_time",
    "client": "$remote_addr:$remote_port", "destination": "$server_addr:$server_port",
    "received": "$bytes_received", "sent": "$bytes_sent", "status": "$status",
    "cipher": "$ssl_cipher", "tls": "$ssl_protocol", "name": "$ssl_server_name",
}  # fmt: skip
_FAILED = "500"  # nginx's status of a connection whose TLS handshake failed


def formats(listeners: Iterable[Listener]) -> str:
    """The directives for a `stream` block that define the log format of each TLS listener."""
    return "".join(
        log_format(
            f"lb_{one.port}",
            {"listener": one.arn, "certificate": f"$arn_of_{one.port}", **_VARIABLES},
        )
        for one in listeners
    )


def directive(prefix: Path, listener: Listener) -> str:
    """The directive for a listener's `server` block that writes to the folder `prefix`."""
    return f'    access_log "{prefix / FILE}" lb_{listener.port};\n'


def line(entry: Mapping[str, str], arn: str) -> str:
    """The line for one connection to the load balancer. The fields on alerts and ALPN are empty."""
    end, seconds = float(entry["end"]), float(entry["seconds"])
    handshake = max(0.0, seconds - float(entry["target_seconds"] or 0))
    negotiated = entry["status"] != _FAILED
    asked = negotiated or entry["name"]  # the client's hello was read
    tls = [entry["cipher"], entry["tls"].lower().replace(".", "")] if negotiated else ["-", "-"]
    parts = [
        *("tls", "2.0", _time(end), arn.rpartition(":loadbalancer/")[2]),
        *(entry["listener"].rpartition("/")[2], entry["client"], entry["destination"]),
        *(f"{1000 * seconds:.0f}", f"{1000 * handshake:.0f}" if negotiated else "-"),
        *(entry["received"], entry["sent"], "-", entry["certificate"] if asked else "-"),
        *("-", *tls, "-", quote(entry["name"], safe="") or "-", "-", "-", "-"),
        _time(end - seconds),
    ]
    return " ".join(parts) + "\n"


def _time(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}"
