"""One resource that is a Helm release: the engine's calls in terms of helm."""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pulumi.runtime.proto import provider_pb2

from localcloud.plugins.kubernetes.cluster import Cluster
from localcloud.plugins.kubernetes.diff import compare
from localcloud.plugins.kubernetes.errors import Unreachable
from localcloud.plugins.kubernetes.helm import chart as charts
from localcloud.plugins.kubernetes.helm import inputs as given
from localcloud.plugins.kubernetes.helm import records, values
from localcloud.plugins.kubernetes.helm.command import helm
from localcloud.plugins.kubernetes.helm.records import Record
from localcloud.plugins.kubernetes.helm.upgrade import Upgrade, owner_of, recorded
from localcloud.plugins.kubernetes.immutable import Pattern
from localcloud.plugins.kubernetes.objects import Obj
from localcloud.plugins.kubernetes.reports import Report
from localcloud.plugins.provider import InitFailed, ProviderError, check_failures
from localcloud.plugins.values import (
    UNKNOWN,
    from_struct,
    has_unknown,
    keep_secrets,
    plain,
    to_struct,
)

_OUTPUTS = ("status", "resourceNames")
_IDENTITY: list[Pattern] = [("name",), ("namespace",)]


@dataclass(frozen=True)
class ReleaseResource:
    """The calls for one release."""

    cluster: Cluster
    report: Report

    def check(self, request: Any) -> Any:
        """Name, namespace and exact chart version filled in; failures by property."""
        news, olds = values.read(request.news), plain(from_struct(request.olds))
        failures = given.check(news)
        name = str(olds.get("name") or _automatic(request))
        inputs = given.completed(news, name, self.cluster.namespace)
        if not failures and not has_unknown(inputs):
            try:
                inputs["version"] = charts.find(plain(inputs), self.cluster).version
            except ProviderError as error:
                failures["chart"] = str(error)
        return provider_pb2.CheckResponse(
            inputs=to_struct(inputs), failures=check_failures(failures)
        )

    def diff(self, request: Any) -> Any:
        """Old inputs against new ones; another name or namespace is another release."""
        old, new = from_struct(request.old_inputs), from_struct(request.news)
        return compare(old, new, _IDENTITY).response()

    def create(self, request: Any) -> Any:
        """Install, or go on with what an earlier run of this resource began."""
        inputs = from_struct(request.properties)
        if request.preview:
            return provider_pb2.CreateResponse(properties=to_struct(_foretold(inputs)))
        name, namespace = str(plain(inputs["name"])), str(plain(inputs["namespace"]))
        record = records.newest(self.cluster, namespace, name)
        if record is not None and record.owner != owner_of(request.urn):
            raise ProviderError(
                f"a release {name!r} is already in namespace {namespace!r} and this resource did "
                "not make it: uninstall it, import it or choose another name"
            )
        outputs = self._upgrade(request, inputs, "installed")
        return provider_pb2.CreateResponse(id=f"{namespace}/{name}", properties=to_struct(outputs))

    def update(self, request: Any) -> Any:
        """Upgrade."""
        inputs = from_struct(request.news)
        if request.preview:
            return provider_pb2.UpdateResponse(properties=to_struct(_foretold(inputs)))
        outputs = self._upgrade(request, inputs, "upgraded")
        return provider_pb2.UpdateResponse(properties=to_struct(outputs))

    def read(self, request: Any) -> Any:
        """The release as helm recorded it; its version and values where they drifted."""
        inputs = from_struct(request.inputs)
        namespace, _, name = request.id.rpartition("/")
        namespace = namespace or self.cluster.namespace
        try:
            record = records.newest(self.cluster, namespace, name)
        except Unreachable:
            if not self.cluster.options.delete_unreachable:
                raise
            record = None
        if record is None:
            return provider_pb2.ReadResponse()
        seen = _drifted(inputs, record) if inputs else _imported(record)
        properties = {**seen, **recorded(record)}
        if record.status not in ("deployed", "superseded"):
            reasons = [f"Helm release {name!r} is {record.status}"]
            raise InitFailed(request.id, properties, reasons, seen)
        return provider_pb2.ReadResponse(
            id=request.id, inputs=to_struct(seen), properties=to_struct(properties)
        )

    def delete(self, request: Any) -> None:
        """Uninstall, and wait until what it made is gone unless the release skips waiting."""
        old = plain(from_struct(request.properties))
        waits = bool(old.get("atomic")) or not old.get("skipAwait")
        seconds = int(request.timeout) or given.seconds(old)
        args = [
            "uninstall",
            str(old["name"]),
            f"--namespace={old['namespace']}",
            "--ignore-not-found",
            f"--timeout={seconds}s",
            *(["--wait"] if waits else []),
        ]
        self.report("Uninstalling")
        try:
            helm(self.cluster, args, lasting=seconds)
        except Unreachable:
            if not self.cluster.options.delete_unreachable:
                raise
            self.report.warn("the cluster cannot be reached: dropped from the state")
        self.report.clear()

    def _upgrade(self, request: Any, inputs: Obj, what: str) -> Obj:
        outputs = Upgrade(self.cluster, self.report, request.urn, request.timeout).run(inputs, what)
        self.report.clear()
        return outputs


def _automatic(request: Any) -> str:
    if request.autonaming.proposed_name:
        return str(request.autonaming.proposed_name)
    seed = request.randomSeed
    suffix = hashlib.sha256(seed).hexdigest()[:8] if seed else secrets.token_hex(4)
    return f"{request.urn.split('::', 3)[3]}-{suffix}"


def _foretold(inputs: Obj) -> Obj:
    return {**inputs, **dict.fromkeys(_OUTPUTS, UNKNOWN)}


def _drifted(inputs: Obj, record: Record) -> Obj:
    live = dict(inputs)
    version = record.status_output()["version"]
    if version:
        live["version"] = version
    config = record.body.get("config") or {}
    if config != (plain(inputs.get("values")) or {}):
        live["values"] = keep_secrets(config, inputs.get("values"))
    return live


def _imported(record: Record) -> Mapping[str, Any]:
    status = record.status_output()
    return {
        "chart": status["chart"],
        "name": status["name"],
        "namespace": status["namespace"],
        "timeout": given.TIMEOUT,
        "values": record.body.get("config") or {},
        "version": status["version"],
    }
