"""Services and Ingresses."""

from collections.abc import Mapping

from localcloud.plugins.kubernetes.kinds import Kind
from localcloud.plugins.kubernetes.objects import Obj, name, pluck
from localcloud.plugins.kubernetes.waiting.rule import Related, Verdict, View

SETTLED = 10.0  # seconds without a change after which a Service without any pods counts as meant so
_SLICE = Kind("discovery.k8s.io", "v1", "EndpointSlice")
_SERVICE = Kind("", "v1", "Service")
_OF = "kubernetes.io/service-name"


def service_related(own: Obj) -> Mapping[str, Related]:
    """The endpoint slices of a Service that selects pods."""
    if not _selects(own):
        return {}
    return {"slices": Related(_SLICE, labels=f"{_OF}={name(own)}")}


def service(view: View) -> Verdict:
    """Ready when its pods are ready and, for a LoadBalancer, it has an address.

    No pods are looked for where none can be: ExternalName, headless or without a selector. A
    selector that no pod matches is fine once that has been so for ten seconds.
    """
    own = view.own
    allotted = bool(pluck(own, "status", "loadBalancer", "ingress", default=[]))
    balanced = pluck(own, "spec", "type") == "LoadBalancer"
    problems: list[str] = []
    if balanced and not allotted:
        problems.append(
            "Service was not allocated an IP address or hostname; does the cloud support this?"
        )
    ready, pending = _endpoints(view.others.get("slices", []))
    if _selects(own) and (pending or not ready):
        problems.insert(
            0,
            "Service does not target any Pods that are ready: they may not be ready, or "
            "'.spec.selector' may match no Pod's labels",
        )
        settles = SETTLED if not pending and (allotted or not balanced) else 0.0
        text = "[1/3] Finding Pods to direct traffic to"
        return Verdict(False, text, tuple(problems), quiet=settles)
    if balanced and not allotted:
        return Verdict(False, "[2/3] Attempting to allocate IP address to Service", tuple(problems))
    return Verdict(True, "Service initialization complete")


def ingress_related(_: Obj) -> Mapping[str, Related]:
    """The Services of the namespace and their endpoint slices."""
    return {"services": Related(_SERVICE), "slices": Related(_SLICE)}


def ingress(view: View) -> Verdict:
    """Ready when it has an address and every path's Service exists with endpoint slices.

    An ExternalName Service has no endpoints and needs none; resource backends are not looked at.
    """
    own = view.own
    kinds = {name(item): pluck(item, "spec", "type") for item in view.others["services"]}
    backed = {pluck(s, "metadata", "labels", _OF) for s in view.others["slices"]}
    missing = [
        f"No matching service found for ingress rule: {path} -> {service_name!r}"
        for path, service_name in _backends(own)
        if kinds.get(service_name) != "ExternalName" and service_name not in backed
    ]
    allotted = bool(pluck(own, "status", "loadBalancer", "ingress", default=[]))
    if missing:
        text = "[1/3] Finding a matching service for each Ingress path"
        return Verdict(False, text, tuple(missing), quiet=SETTLED if allotted else 0.0)
    if not allotted:
        return Verdict(
            False,
            "[2/3] Waiting for update of .status.loadBalancer with hostname/IP",
            ("Ingress .status.loadBalancer field was not updated with a hostname/IP address",),
        )
    return Verdict(True, "Ingress initialization complete")


def _selects(own: Obj) -> bool:
    if pluck(own, "spec", "type") == "ExternalName" or pluck(own, "spec", "clusterIP") == "None":
        return False
    return bool(pluck(own, "spec", "selector", default={}))


def _endpoints(slices: list[Obj]) -> tuple[int, int]:
    ready = pending = 0
    for endpoint in (e for s in slices for e in s.get("endpoints") or []):
        state = endpoint.get("conditions") or {}
        # The API: an endpoint whose readiness is not told is ready; a leaving one is no matter.
        if state.get("ready", True):
            ready += 1
        elif not state.get("terminating"):
            pending += 1
    return ready, pending


def _backends(own: Obj) -> list[tuple[str, str]]:
    found = []
    for rule in pluck(own, "spec", "rules", default=[]):
        for path in pluck(rule, "http", "paths", default=[]):
            service_name = pluck(path, "backend", "service", "name")
            where = f"{rule.get('host', '')}{path.get('path', '')}" or '"" (default path)'
            if service_name:
                found.append((where, str(service_name)))
    return found
