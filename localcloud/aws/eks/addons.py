"""The operations on add-ons."""

import json
import uuid
from typing import Any

from localcloud.aws.accounts import arn
from localcloud.aws.calls import Call
from localcloud.aws.eks import addon_configuration, offered, pages, roles, updates
from localcloud.aws.eks.state import (
    AddonState,
    ClusterState,
    Record,
    in_use,
    invalid,
    not_found,
    now,
)
from localcloud.aws.eks.store import Store
from localcloud.tools import versions

Result = dict[str, Any]
VERSIONS = {  # the one of each that the cloud has, and its kind
    "vpc-cni": ("v1.20.4-eksbuild.2", "networking"),
    "kube-proxy": (f"v{versions.KUBERNETES}-eksbuild.1", "networking"),
    "coredns": (f"v{versions.COREDNS}-eksbuild.1", "networking"),
    "eks-pod-identity-agent": ("v1.3.10-eksbuild.1", "security"),
}
CREATE = {
    "clusterName", "addonName", "addonVersion", "serviceAccountRoleArn", "resolveConflicts",
    "clientRequestToken", "tags", "configurationValues",
}  # fmt: skip
NO_CONFIGURATION = "{}"


def _check_version(name: str, version: str | None) -> str:
    if name not in VERSIONS:
        raise offered.refuse(f"the add-on {name} (it has {', '.join(VERSIONS)})")
    known = VERSIONS[name][0]
    if version not in (None, known):
        raise invalid(
            f"Addon version specified is not supported: {name} {version} (the local cloud has "
            f"{known})"
        )
    return known


def _check_configuration(name: str, values: str | None) -> None:
    """Raise InvalidParameterException for values that the realiser would not honour."""
    try:
        addon_configuration.check_configuration(name, json.loads(values or NO_CONFIGURATION))
    except ValueError as error:
        raise invalid(f"ConfigurationValue provided in request is not supported: {error}") from None


def create(store: Store, call: Call) -> Result:
    params, state = call.params, store.state(call.params["clusterName"], call.region)
    name = params["addonName"]
    present = state.addons.get(name)
    if present:
        if present.record["clientRequestToken"] == params.get("clientRequestToken"):
            return {"addon": present.record}
        raise in_use("Addon already exists.")
    if state.record["status"] not in ("ACTIVE", "UPDATING"):
        raise invalid(f"Cluster '{state.name}' is not in ACTIVE status")
    offered.only(params, CREATE, "CreateAddon")
    version = _check_version(name, params.get("addonVersion"))
    _check_configuration(name, params.get("configurationValues"))
    role = params.get("serviceAccountRoleArn")
    if role and roles.find(role) is None:
        raise invalid(f"The role {role} does not exist")
    state.addons[name] = AddonState(_record(state, params, version))
    return {"addon": state.addons[name].record}


def _record(state: ClusterState, params: Record, version: str) -> Record:
    name = params["addonName"]
    record = {
        "addonName": name,
        "clusterName": state.name,
        "status": "CREATING",
        "addonVersion": version,
        "health": {"issues": []},
        "addonArn": arn("eks", state.region, f"addon/{state.name}/{name}/{uuid.uuid4()}"),
        "createdAt": now(),
        "modifiedAt": now(),
        "tags": params.get("tags") or {},
        "publisher": "eks",
        "owner": "aws",
        "clientRequestToken": params.get("clientRequestToken"),
    }
    given = ("serviceAccountRoleArn", "configurationValues")
    return record | {name: params[name] for name in given if params.get(name)}


def describe(store: Store, call: Call) -> Result:
    state = store.state(call.params["clusterName"], call.region)
    return {"addon": state.addon(call.params["addonName"]).record}


def listing(store: Store, call: Call) -> Result:
    state = store.state(call.params["clusterName"], call.region)
    return pages.cut("addons", list(state.addons), call.params)


def update(store: Store, call: Call) -> Result:
    params, state = call.params, store.state(call.params["clusterName"], call.region)
    addon = state.addon(params["addonName"])
    offered.only(params, CREATE - {"tags"}, "UpdateAddon")
    if addon.record["status"] not in ("ACTIVE", "DEGRADED", "CREATE_FAILED", "UPDATE_FAILED"):
        raise in_use(f"Addon {params['addonName']} is {addon.record['status']}")
    _check_version(params["addonName"], params.get("addonVersion"))
    _check_configuration(params["addonName"], params.get("configurationValues"))
    names = ("serviceAccountRoleArn", "configurationValues")
    given: Record = {name: params[name] for name in names if name in params}
    addon.record |= {**given, "status": "UPDATING", "modifiedAt": now()}
    update = updates.begun("AddonUpdate", {n[0].upper() + n[1:]: v for n, v in given.items()})
    addon.updates[update["id"]] = update
    return {"update": update}


def delete(store: Store, call: Call) -> Result:
    state = store.state(call.params["clusterName"], call.region)
    addon = state.addon(call.params["addonName"])
    if call.params.get("preserve"):
        raise offered.refuse("preserve of DeleteAddon")
    addon.record["status"] = "DELETING"
    return {"addon": addon.record}


def listing_versions(store: Store, call: Call) -> Result:
    params = call.params
    if params.get("addonName") and params["addonName"] not in VERSIONS:
        raise not_found(f"Addon {params['addonName']} not found")
    fits = params.get("kubernetesVersion") in (None, offered.VERSION)
    names = [name for name in VERSIONS if fits and params.get("addonName") in (None, name)]
    return pages.cut("addons", [_info(name) for name in names], params)


def _info(name: str) -> Record:
    fits = [{"clusterVersion": offered.VERSION, "platformVersions": ["*"], "defaultVersion": True}]
    number, kind = VERSIONS[name]
    version = {
        "addonVersion": number,
        "architecture": ["amd64"],
        "computeTypes": ["ec2"],
        "compatibilities": fits,
        "requiresConfiguration": False,
        "requiresIamPermissions": name == "vpc-cni",
    }
    kinds = {"type": kind, "publisher": "eks", "owner": "aws"}
    return {"addonName": name, **kinds, "addonVersions": [version]}


def configuration(store: Store, call: Call) -> Result:
    name = call.params["addonName"]
    version = _check_version(name, call.params["addonVersion"])
    properties: Record = {str(key): {} for key in addon_configuration.CONFIGURABLE[name] or ()}
    schema = {"type": "object", "additionalProperties": False, "properties": properties}
    return {
        "addonName": name,
        "addonVersion": version,
        "configurationSchema": json.dumps(schema),
    }
