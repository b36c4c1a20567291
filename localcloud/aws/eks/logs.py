"""Control plane logs in CloudWatch Logs: /aws/eks/<cluster>/cluster, one stream per program.

They are delivered before each request to CloudWatch Logs is answered. As on AWS, EKS creates the
log group if it is missing, also after a cluster is deleted, when its last events are delivered:
https://github.com/terraform-aws-modules/terraform-aws-eks/issues/2763. Names and types:
https://docs.aws.amazon.com/eks/latest/userguide/control-plane-logs.html.
"""

import json
import re
import secrets
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from localcloud.aws import backends
from localcloud.aws.eks.state import ClusterState, Record

STREAMS = {  # by log type
    "api": "kube-apiserver",
    "audit": "kube-apiserver-audit",
    "authenticator": "authenticator",
    "controllerManager": "kube-controller-manager",
    "scheduler": "kube-scheduler",
}
MAX_MESSAGE_BYTES = 256 * 1024 - 26  # of an event in CloudWatch Logs
# Month, day and time of a line in the format of klog, the logger of the Kubernetes programs.
_KLOG = re.compile(r"[IWEF](\d\d)(\d\d) (\d\d:\d\d:\d\d\.\d{6})")
Files = Mapping[str, Path]
"""The log file of each log type that a program writes."""
Event = tuple[str, int, str]
"""A log type, milliseconds since 1970, and a message."""


def enabled(record: Record) -> tuple[str, ...]:
    """The enabled log types of a cluster's record."""
    groups = [each for each in record["logging"]["clusterLogging"] if each["enabled"]]
    return tuple(type_ for each in groups for type_ in each["types"])


def changed(asked: Record | None, before: tuple[str, ...]) -> Record:
    """The `logging` of a record after a request that enables and disables types."""
    on = set(before)
    for each in (asked or {}).get("clusterLogging") or []:
        types = set(each.get("types") or [])
        on = on | types if each.get("enabled") else on - types
    groups = {
        True: [type_ for type_ in STREAMS if type_ in on],
        False: [type_ for type_ in STREAMS if type_ not in on],
    }
    listed = [{"types": types, "enabled": key} for key, types in groups.items() if types]
    return {"clusterLogging": listed}


def collect(state: ClusterState, files: Files) -> list[Event]:
    """The new events of enabled types, oldest first; those of other types are skipped."""
    on = enabled(state.record)
    events: list[Event] = [("authenticator", *event) for event in state.authenticator]
    state.authenticator.clear()
    for type_, file in files.items():
        lines = _new_lines(state, type_, file)
        if type_ in on:
            events += [(type_, time, line) for time, line in _timed(type_, lines)]
    return sorted((event for event in events if event[0] in on), key=lambda event: event[1])


def _new_lines(state: ClusterState, type_: str, file: Path) -> list[str]:
    """The whole lines that were added to a file since the last call."""
    size = file.stat().st_size if file.exists() else 0
    start = state.log_offsets.get(type_, 0)
    start = 0 if size < start else start  # it was rotated
    if size == start:
        state.log_offsets[type_] = size
        return []
    with file.open("rb") as log:
        log.seek(start)
        text = log.read(size - start)
    whole = text[: text.rfind(b"\n") + 1]
    state.log_offsets[type_] = start + len(whole)
    return whole.decode(errors="replace").splitlines()


def _timed(type_: str, lines: list[str]) -> Iterator[tuple[int, str]]:
    """Lines with their times (milliseconds); a line without a time has that of the line before."""
    now = datetime.now(UTC)
    last = now
    for line in lines:
        if type_ == "audit":
            last = datetime.fromisoformat(json.loads(line)["stageTimestamp"])
        elif match := _KLOG.match(line):
            last = datetime.fromisoformat(f"{now.year}-{match[1]}-{match[2]}T{match[3]}+00:00")
        yield milliseconds(last), line[:MAX_MESSAGE_BYTES]


def milliseconds(time: datetime) -> int:
    return int(time.timestamp() * 1000)


def deliver(state: ClusterState, events: list[Event]) -> None:
    """Write events to the log group, which is created if it is missing.

    They are lost if the group has a KMS key that is not enabled.
    """
    if not events:
        return
    logs, name = backends.logs(state.region), f"/aws/eks/{state.name}/cluster"
    if name not in logs.groups:
        logs.create_log_group(name, {})
    group: Any = logs.groups[name]
    if group.kms_key_id:
        key = backends.kms(state.region).keys.get(group.kms_key_id.rpartition("/")[2])
        if key is None or key.key_state != "Enabled":
            return
    for type_ in dict.fromkeys(event[0] for event in events):
        stream = _stream(state, type_)
        if stream not in group.streams:
            logs.create_log_stream(name, stream)
        lines = [
            {"timestamp": time, "message": text} for each, time, text in events if each == type_
        ]
        logs.put_log_events(name, stream, lines)


def _stream(state: ClusterState, type_: str) -> str:
    """The name of a cluster's stream; another cluster of the same name has others."""
    return state.log_streams.setdefault(type_, f"{STREAMS[type_]}-{secrets.token_hex(16)}")
