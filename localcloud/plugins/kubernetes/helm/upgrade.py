"""One `helm upgrade --install`, and what became of it."""

import hashlib
import json
from dataclasses import dataclass

from localcloud.plugins.kubernetes.cluster import Cluster
from localcloud.plugins.kubernetes.errors import ApiError, Cancelled, Unreachable
from localcloud.plugins.kubernetes.helm import chart as charts
from localcloud.plugins.kubernetes.helm import inputs as given
from localcloud.plugins.kubernetes.helm import records
from localcloud.plugins.kubernetes.helm.command import HelmError, helm
from localcloud.plugins.kubernetes.helm.records import Record
from localcloud.plugins.kubernetes.objects import Obj
from localcloud.plugins.kubernetes.reports import Report
from localcloud.plugins.kubernetes.waiting.pods import problems
from localcloud.plugins.provider import InitFailed, ProviderError
from localcloud.plugins.values import plain


def owner_of(urn: str) -> str:
    """What marks the records of a resource's release."""
    return hashlib.sha256(urn.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Upgrade:
    """Bringing a release to its inputs. `timeout`: seconds of customTimeouts, or 0."""

    cluster: Cluster
    report: Report
    urn: str
    timeout: float = 0.0

    def run(self, inputs: Obj, what: str) -> Obj:
        """The outputs; `what` (installed, upgraded) is for the messages.

        Raises InitFailed where helm failed and left a release, ProviderError where it left none.
        """
        known = plain(inputs)
        if self.timeout:
            known["timeout"] = int(self.timeout)
        name, namespace = str(known["name"]), str(known["namespace"])
        self._unlock(namespace, name)
        failure = self._helm(known, what)
        record = records.newest(self.cluster, namespace, name)
        if failure and (record is None or not self._ours(record)):
            raise ProviderError(f"Helm release {name!r} was not {what}: {failure}")
        outputs = {**inputs, **(recorded(record) if record else {})}
        if failure:
            text = f"Helm release {namespace}/{name} was not {what}: {failure}"
            reasons = [text, *self._pods(namespace, name)]
            raise InitFailed(f"{namespace}/{name}", outputs, reasons)
        return outputs

    def _helm(self, known: Obj, what: str) -> str:
        """Run it; returns why it failed, or an empty string."""
        chart = charts.find(known, self.cluster)
        self.report(f"Waiting for chart {known['chart']} {chart.version} to be {what}")
        args = [
            *("upgrade", str(known["name"]), chart.reference, *chart.flags, "--install"),
            f"--namespace={known['namespace']}",
            f"--labels={records.OWNER}={owner_of(self.urn)}",
            *given.flags(known),
            "--values=-",
        ]
        values = json.dumps(known.get("values") or {})  # by stdin: they may be secret
        try:
            helm(self.cluster, args, stdin=values, lasting=given.seconds(known))
        except (HelmError, Cancelled) as error:
            return str(error)
        return ""

    def _unlock(self, namespace: str, name: str) -> None:
        """Undo the pending mark that a killed run of this same resource left."""
        record = records.newest(self.cluster, namespace, name)
        if record is not None and record.pending and self._ours(record):
            records.drop(self.cluster, namespace, record)

    def _ours(self, record: Record) -> bool:
        return record.owner == owner_of(self.urn)

    def _pods(self, namespace: str, name: str) -> list[str]:
        path = f"/api/v1/namespaces/{namespace}/pods"
        query = {"labelSelector": f"app.kubernetes.io/instance={name}"}
        try:
            return list(problems(self.cluster.client.get(path, query).get("items") or []))
        except (ApiError, Unreachable):  # the failure itself is told already
            return []


def recorded(record: Record) -> Obj:
    """The outputs that helm's record gives."""
    return {"status": record.status_output(), "resourceNames": record.resource_names()}
