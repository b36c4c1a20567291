"""What cannot be changed in place: the fields whose change replaces an object.

As the official provider's table (provider/pkg/provider/diff.go), which follows the API server's
update validation.
"""

from collections.abc import Mapping
from typing import Any

from localcloud.plugins.kubernetes.kinds import Kind
from localcloud.plugins.kubernetes.manifest import parts
from localcloud.plugins.kubernetes.objects import Obj, pluck
from localcloud.plugins.kubernetes.options import Options
from localcloud.plugins.values import UNKNOWN, plain

_VOLUME_SOURCES = [
    "awsElasticBlockStore",
    "azureDisk",
    "azureFile",
    "cephfs",
    "cinder",
    "csi",
    "fc",
    "flexVolume",
    "flocker",
    "gcePersistentDisk",
    "glusterfs",
    "hostPath",
    "iscsi",
    "local",
    "nfs",
    "photonPersistentDisk",
    "portworxVolume",
    "quobyte",
    "rbd",
    "scaleIO",
    "storageos",
    "vsphereVolume",
]
_POD_FIELDS = [
    "affinity",
    "automountServiceAccountToken",
    "dnsConfig",
    "dnsPolicy",
    "enableServiceLinks",
    "hostAliases",
    "hostIPC",
    "hostNetwork",
    "hostPID",
    "hostname",
    "imagePullSecrets",
    "nodeName",
    "nodeSelector",
    "overhead",
    "preemptionPolicy",
    "priority",
    "priorityClassName",
    "readinessGates",
    "restartPolicy",
    "runtimeClassName",
    "schedulerName",
    "securityContext",
    "serviceAccount",
    "serviceAccountName",
    "shareProcessNamespace",
    "subdomain",
    "terminationGracePeriodSeconds",
    "volumes",
]
_CONTAINER_FIELDS = [
    "args",
    "command",
    "env",
    "image",
    "imagePullPolicy",
    "lifecycle",
    "livenessProbe",
    "ports",
    "readinessProbe",
    "resources",
    "securityContext",
    "stdin",
    "stdinOnce",
    "terminationMessagePath",
    "terminationMessagePolicy",
    "tty",
    "volumeDevices",
    "volumeMounts",
    "workingDir",
]

Pattern = tuple[str, ...]


def _fields(*paths: str) -> list[Pattern]:
    return [tuple(path.split(".")) for path in paths]


_TABLE: dict[tuple[str, str], list[Pattern]] = {
    ("apps", "DaemonSet"): _fields("spec.selector"),
    ("apps", "Deployment"): _fields("spec.selector"),
    ("apps", "StatefulSet"): _fields(
        "spec.podManagementPolicy",
        "spec.revisionHistoryLimit",
        "spec.selector",
        "spec.serviceName",
        "spec.volumeClaimTemplates",
    ),
    ("batch", "Job"): _fields(
        "spec.completions", "spec.parallelism", "spec.selector", "spec.template"
    ),
    ("", "PersistentVolume"): [("spec", source) for source in _VOLUME_SOURCES],
    ("", "PersistentVolumeClaim"): _fields(
        "spec.accessModes", "spec.selector", "spec.storageClassName", "spec.volumeName"
    ),
    ("", "Pod"): [
        *(("spec", field) for field in _POD_FIELDS),
        *(
            ("spec", containers, "*", field)
            for containers in ("containers", "initContainers")
            for field in _CONTAINER_FIELDS
        ),
    ],
    ("", "ResourceQuota"): _fields("spec.scopes"),
    ("", "Service"): _fields("spec.clusterIP"),
    ("rbac.authorization.k8s.io", "ClusterRoleBinding"): _fields("roleRef"),
    ("rbac.authorization.k8s.io", "RoleBinding"): _fields("roleRef"),
    ("storage.k8s.io", "StorageClass"): _fields("parameters", "provisioner"),
}
_IDENTITY = _fields("metadata.name", "metadata.namespace")


def patterns(kind: Kind, inputs: Mapping[str, Any], options: Options) -> list[Pattern]:
    """The field patterns (`*`: any item) whose change replaces an object of this kind."""
    frozen = plain(inputs).get("immutable") is True
    if (kind.group, kind.name) == ("", "Secret"):
        mutable = options.secret_mutable and not frozen
        return _IDENTITY + (_fields("type") if mutable else _fields("type", "stringData", "data"))
    if (kind.group, kind.name) == ("", "ConfigMap"):
        mutable = options.config_map_mutable and not frozen
        return _IDENTITY + ([] if mutable else _fields("binaryData", "data"))
    return _IDENTITY + _TABLE.get((kind.group, kind.name), [])


def replaces(path: str, old: Obj, new: Obj, fields: list[Pattern]) -> bool:
    """Whether a change at `path` between two inputs touches one of the fields.

    It does at or below a field, and above one if the field is inside what came or went.
    """
    at = parts(path)
    for field in fields:
        size = min(len(at), len(field))
        if not all(_matches(a, b) for a, b in zip(at[:size], field[:size], strict=True)):
            continue
        if len(at) >= len(field):
            return True
        sides = [_at(side, at) for side in (old, new)]
        # What is not known yet may still hold what is there.
        if UNKNOWN not in sides and any(_holds(side, field[size:]) for side in sides):
            return True
    return False


def _matches(part: str | int, pattern: str) -> bool:
    return pattern == "*" if isinstance(part, int) else part == pattern


def _at(value: Any, at: tuple[str | int, ...]) -> Any:
    for part in at:
        if isinstance(part, int):
            value = value[part] if isinstance(value, list) and part < len(value) else None
        else:
            value = pluck(value, part)
    return value


def _holds(value: Any, rest: Pattern) -> bool:
    if not rest:
        return value is not None
    if rest[0] == "*":
        return isinstance(value, list) and any(_holds(item, rest[1:]) for item in value)
    return isinstance(value, Mapping) and _holds(value.get(rest[0]), rest[1:])
