"""An application load balancer's access log: nginx writes JSON, from which AWS's lines are made.

Source: docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

FILE = "access.log"
_VARIABLES = {
    "end": "$msec", "seconds": "$request_time", "scheme": "$scheme", "port": "$server_port",
    "method": "$request_method", "uri": "$request_uri", "protocol": "$server_protocol",
    "host": "$http_host", "agent": "$http_user_agent", "status": "$status",
    "client": "$remote_addr:$remote_port", "connection": "$connection", "worker": "$pid",
    "received": "$request_length", "sent": "$bytes_sent", "location": "$sent_http_location",
    "target": "$upstream_addr", "target_status": "$upstream_status",
    "target_header": "$upstream_header_time", "target_seconds": "$upstream_response_time",
    "cipher": "$ssl_cipher", "tls": "$ssl_protocol", "name": "$ssl_server_name",
    "trace": "$lb_trace", "certificate": "$lb_certificate",
    # lua/balancer.lua sets these for the rule that it chooses.
    "priority": "$lb_priority", "action": "$lb_action", "group": "$lb_group",
}  # fmt: skip
# What these variables hold until lua/balancer.lua or a `set` directive sets them.
_DEFAULTS = {
    **{f"$lb_{name}": "" for name in ("action", "group", "trace", "certificate")},
    "$lb_priority": "-1",
}
# nginx's own status codes, and AWS's: the client has left, and the header is too large.
_STATUS = {"499": "460", "494": "400"}
_LONGEST_AGENT = 8192  # bytes
_UNPRINTABLE = re.compile(r'[\x00-\x1f\x7f"\\]|[^\x00-\x7f]')


def directives(prefix: Path, enabled: bool) -> str:
    """The directives for an `http` block that write the log into the folder `prefix`."""
    defaults = "".join(
        f'  map "" {variable} {{\n    default "{value}";\n  }}\n'
        for variable, value in _DEFAULTS.items()
    )
    log = f'"{prefix / FILE}" lb' if enabled else "off"
    return f"{defaults}{log_format('lb', _VARIABLES)}  access_log {log};\n"


def log_format(name: str, values: Mapping[str, str]) -> str:
    """The directive for a log of JSON objects with these keys, and nginx's variables as values."""
    fields = ",".join(f'"{key}":"{value}"' for key, value in values.items())
    return f"  log_format {name} escape=json '{{{fields}}}';\n"


def lines(written: bytes, arn: str, line: Callable[[Mapping[str, str], str], str]) -> bytes:
    """AWS's lines, which `line` makes, for what nginx wrote for the load balancer."""
    text = written.decode("latin-1")  # every byte is one character
    found = (line(json.loads(one), arn) for one in text.splitlines() if one.endswith("}"))
    return "".join(found).encode()


def line(entry: Mapping[str, str], arn: str) -> str:
    """The line for one request to the load balancer."""
    end, seconds = float(entry["end"]), float(entry["seconds"])
    target, status = _dash(entry["target"]), _STATUS.get(entry["status"], entry["status"])
    answered = _dash(entry["target_header"]) != "-"
    target_status = _dash(entry["target_status"]) if answered else "-"
    cipher = [_dash(entry["cipher"]), _dash(entry["tls"])]
    parts = [
        *(_kind(entry), _time(end), arn.rpartition(":loadbalancer/")[2], entry["client"], target),
        *(_times(entry, seconds) if answered else ("-1", "-1", "-1")),
        *(status, target_status, entry["received"], entry["sent"]),
        *(_quoted(_request(entry)), _quoted(_dash(entry["agent"])[:_LONGEST_AGENT])),
        *(*cipher, _dash(entry["group"]), _quoted(_dash(entry["trace"]))),
        *(_quoted(_dash(entry["name"])), _quoted(_dash(entry["certificate"]))),
        *(entry["priority"], _time(end - seconds)),
        *(_quoted(_dash(entry["action"])), _quoted(_redirect(entry)), '"-"'),
        *(_quoted(target), _quoted(target_status), '"-"', '"-"', _connection(entry, arn)),
        *('"-"', '"-"', '"-"'),  # of request transforms, which no rule has
    ]
    return " ".join(parts) + "\n"


def _dash(value: str) -> str:
    return value or "-"


def _kind(entry: Mapping[str, str]) -> str:
    secure = entry["scheme"] == "https"
    if entry["status"] == "101":
        return "wss" if secure else "ws"
    return "h2" if entry["protocol"] == "HTTP/2.0" else "https" if secure else "http"


def _time(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S.%fZ}"


def _times(entry: Mapping[str, str], seconds: float) -> Iterable[str]:
    """The fields request_processing_time, target_... and response_processing_time, in seconds."""
    header, whole = float(entry["target_header"]), float(entry["target_seconds"])
    return (f"{max(0.0, each):.3f}" for each in (seconds - whole, header, whole - header))


def _request(entry: Mapping[str, str]) -> str:
    if not entry["uri"]:  # nginx could not read a request
        return f"- {entry['scheme']}://-:{entry['port']}- -"
    host = entry["host"] or "-"
    host = host if re.search(r":\d+$", host) else f"{host}:{entry['port']}"
    return f"{entry['method']} {entry['scheme']}://{host}{entry['uri']} {entry['protocol']}"


def _redirect(entry: Mapping[str, str]) -> str:
    return _dash(entry["location"]) if entry["action"] == "redirect" else "-"


def _connection(entry: Mapping[str, str], arn: str) -> str:
    """The field conn_trace_id, which all requests of one connection have in common."""
    known = f"{arn} {entry['worker']} {entry['connection']} {entry['client']}"
    return f"TID_{hashlib.sha256(known.encode()).hexdigest()[:32]}"


def _quoted(text: str) -> str:
    escaped = _UNPRINTABLE.sub(lambda found: f"\\x{ord(found[0]):02X}", text)
    return f'"{escaped}"'
