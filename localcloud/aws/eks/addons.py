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
    repeated,
)
from localcloud.aws.eks.store import Store

Result = dict[str, Any]
CREATE = {
    "clusterName", "addonName", "addonVersion", "serviceAccountRoleArn", "resolveConflicts",
    "clientRequestToken", "tags", "configurationValues",
}  # fmt: skip


def create(store: Store, call: Call) -> Result:
    params, state = call.params, store.state(call.params["clusterName"], call.region)
    name = params["addonName"]
    if present := state.addons.get(name):
        return {"addon": repeated(present.record, params, "Addon already exists.")}
    if state.record["status"] not in ("ACTIVE", "UPDATING"):
        raise invalid(f"Cluster '{state.name}' is not in ACTIVE status")
    offered.check_parameters(params, CREATE, "CreateAddon")
    offered.check_addon(params, state.record["version"])
    _check_role(params)
    overwrites = params.get("resolveConflicts") == "OVERWRITE"
    state.addons[name] = AddonState(_record(state, params), overwrites)
    return {"addon": state.addons[name].record}


def _check_role(params: Record) -> None:
    if role := params.get("serviceAccountRoleArn"):
        roles.check_exists(role)


def _record(state: ClusterState, params: Record) -> Record:
    name = params["addonName"]
    record = {
        "addonName": name,
        "clusterName": state.name,
        "status": "CREATING",
        "addonVersion": params.get("addonVersion")
        or offered.addon_versions(name, state.record["version"])[0],
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
    offered.check_parameters(params, CREATE - {"tags"}, "UpdateAddon")
    if addon.record["status"] not in ("ACTIVE", "DEGRADED", "CREATE_FAILED", "UPDATE_FAILED"):
        raise in_use(f"Addon {params['addonName']} is {addon.record['status']}")
    offered.check_addon(params, state.record["version"])
    _check_role(params)
    names = ("addonVersion", "serviceAccountRoleArn", "configurationValues")
    given: Record = {name: params[name] for name in names if name in params}
    addon.record |= {**given, "status": "UPDATING", "modifiedAt": now()}
    addon.overwrites = params.get("resolveConflicts") == "OVERWRITE"
    resolve = {"resolveConflicts": params.get("resolveConflicts", "NONE")}
    update = updates.new("AddonUpdate", given | resolve)
    addon.updates[update["id"]] = update
    return {"update": update}


def delete(store: Store, call: Call) -> Result:
    state = store.state(call.params["clusterName"], call.region)
    addon = state.addon(call.params["addonName"])
    offered.check_addon(call.params)
    addon.record["status"] = "DELETING"
    return {"addon": addon.record}


def describe_versions(store: Store, call: Call) -> Result:
    params = call.params
    if params.get("addonName") and params["addonName"] not in offered.ADDONS:
        raise not_found(f"Addon {params['addonName']} not found")
    asked = params.get("kubernetesVersion")
    fits = [each for each in offered.versions() if asked in (None, each)]
    names = [name for name in offered.ADDONS if fits and params.get("addonName") in (None, name)]
    return pages.cut("addons", [_info(name, fits) for name in names], params)


def _info(name: str, fits: list[str]) -> Record:
    by_version = {each: offered.addon_versions(name, each) for each in fits}
    versions = dict.fromkeys(version for each in reversed(fits) for version in by_version[each])
    infos = [_version(name, version, by_version) for version in versions]
    kinds = {"type": offered.ADDONS[name][0], "publisher": "eks", "owner": "aws"}
    return {"addonName": name, **kinds, "addonVersions": infos}


def _version(name: str, version: str, by_version: dict[str, tuple[str, ...]]) -> Record:
    fits = [
        {"clusterVersion": each, "platformVersions": ["*"], "defaultVersion": version == known[0]}
        for each, known in by_version.items()
        if version in known
    ]
    return {
        "addonVersion": version,
        "architecture": ["amd64"],
        "computeTypes": ["ec2"],
        "compatibilities": fits,
        "requiresConfiguration": False,
        "requiresIamPermissions": name == "vpc-cni",
    }


def describe_configuration(store: Store, call: Call) -> Result:
    name = call.params["addonName"]
    offered.check_addon(call.params)
    properties: Record = {str(key): {} for key in addon_configuration.CONFIGURABLE[name] or ()}
    schema = {"type": "object", "additionalProperties": False, "properties": properties}
    return {
        "addonName": name,
        "addonVersion": call.params["addonVersion"],
        "configurationSchema": json.dumps(schema),
    }
