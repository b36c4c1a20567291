"""The operations that update node groups."""

from typing import Any

from localcloud.aws.calls import Call
from localcloud.aws.eks import nodegroups, nodes, offered, rolling, updates
from localcloud.aws.eks.state import ClusterState, NodegroupState, Record, in_use, invalid, now
from localcloud.aws.eks.store import Store

Result = dict[str, Any]


def update_config(store: Store, call: Call) -> Result:
    params, state = call.params, store.state(call.params["clusterName"], call.region)
    group = state.nodegroup(params["nodegroupName"])
    offered.check_parameters(params, offered.UPDATE_NODEGROUP, "UpdateNodegroupConfig")
    offered.check_nodegroup(params)
    _check_status(group)
    changed: dict[str, Any] = {}
    if asked := params.get("scalingConfig"):
        group.record["scalingConfig"] = nodegroups.scaling(group.record["scalingConfig"], asked)
        changed |= asked
    changed |= _update_labels(group.record, params.get("labels") or {})
    changed |= _update_taints(group.record, params.get("taints") or {})
    if settings := params.get("updateConfig"):
        group.record["updateConfig"] = settings
        changed |= settings
    if repair := params.get("nodeRepairConfig"):
        group.record["nodeRepairConfig"] = repair
        changed["nodeRepairEnabled"] = repair.get("enabled", False)
    return _start(state, group, updates.new("ConfigUpdate", changed))


def _update_labels(record: Record, payload: Record) -> dict[str, Any]:
    added, removed = payload.get("addOrUpdateLabels") or {}, payload.get("removeLabels") or []
    kept = {name: value for name, value in record["labels"].items() if name not in removed}
    record["labels"] = {**kept, **added}
    given = {"LabelsToAdd": added, "LabelsToRemove": removed}
    return {name: value for name, value in given.items() if value}


def _update_taints(record: Record, payload: Record) -> dict[str, Any]:
    added, removed = payload.get("addOrUpdateTaints") or [], payload.get("removeTaints") or []
    replaced = {(taint["key"], taint["effect"]) for taint in (*added, *removed)}
    kept = [t for t in record["taints"] if (t["key"], t["effect"]) not in replaced]
    record["taints"] = [*kept, *added]
    given = {"TaintsToAdd": added, "TaintsToRemove": removed}
    return {name: value for name, value in given.items() if value}


def update_version(store: Store, call: Call) -> Result:
    params, state = call.params, store.state(call.params["clusterName"], call.region)
    group = state.nodegroup(params["nodegroupName"])
    _check_status(group)
    target = nodegroups.check_version(state, params.get("version") or group.record["version"])
    release = offered.check_release(params.get("releaseVersion"), target)
    _check_not_earlier(group.record, target, release)
    changes: Record = {"version": target, "releaseVersion": release}
    params_of_update = dict(changes)
    if given := params.get("launchTemplate"):
        changes |= _changed_template(state.region, group.record, given)
        params_of_update["launchTemplateVersion"] = changes["launchTemplate"]["version"]
    if all(group.record.get(name) == value for name, value in changes.items()):
        raise invalid(
            f"Nodegroup {params['nodegroupName']} is already at release version {release}"
        )
    rolling.begin(group, changes, bool(params.get("force")))
    return _start(state, group, updates.new("VersionUpdate", params_of_update))


def _start(state: ClusterState, group: NodegroupState, update: Record) -> Result:
    """Begin an update of a group whose record is changed already; returns it as it begins."""
    group.record["status"], group.record["modifiedAt"] = "UPDATING", now()
    group.updates[update["id"]] = update
    answer = {"update": dict(update)}  # before converge() may end it
    nodes.converge(state, group)
    return answer


def _check_status(group: NodegroupState) -> None:
    """Raise ResourceInUseException while the group is being created, updated or deleted."""
    if group.record["status"] not in ("ACTIVE", "DEGRADED"):
        raise in_use(f"Nodegroup cannot be updated as it is currently {group.record['status']}")


def _check_not_earlier(record: Record, version: str, release: str) -> None:
    """Raise for an earlier version or release: "You can't roll back a node group".

    docs.aws.amazon.com/eks/latest/userguide/update-managed-node-group.html
    """
    older = offered.as_numbers(version) < offered.as_numbers(record["version"])
    same = version == record["version"]
    if older or (same and offered.age(release) > offered.age(record["releaseVersion"])):
        raise invalid(
            f"Nodegroup can't be rolled back from {record['releaseVersion']} to {release}, an "
            "earlier Kubernetes version or AMI version"
        )


def _changed_template(region: str, record: Record, given: Record) -> Record:
    """The fields of a record that another version of its launch template changes."""
    template, data = nodegroups.template_of(region, given)
    before = record.get("launchTemplate")
    if before is None or before["id"] != template["id"]:
        raise invalid(
            "You must specify the launch template that the node group was created with, not "
            f"{template['id']}"
        )
    _, old = nodegroups.template_of(region, {"id": before["id"], "version": before["version"]})
    changes: Record = {"launchTemplate": template}
    if old.get("InstanceType"):
        changes["instanceTypes"] = [data.get("InstanceType") or nodegroups.INSTANCE_TYPE]
        nodegroups.check_types(region, changes["instanceTypes"])
    elif data.get("InstanceType"):
        raise invalid(nodegroups.TYPE_TWICE)
    if not data.get("BlockDeviceMappings"):
        changes["diskSize"] = record.get("diskSize") or nodegroups.DISK_GIB
    return changes
