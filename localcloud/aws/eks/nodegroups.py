"""The operations on node groups."""

import uuid
from typing import Any

from localcloud.aws import backends
from localcloud.aws.accounts import arn
from localcloud.aws.calls import Call
from localcloud.aws.ec2.instance_types import architectures
from localcloud.aws.eks import access, nodes, offered, pages, roles
from localcloud.aws.eks.state import (
    ClusterState,
    NodegroupState,
    Record,
    invalid,
    now,
    repeated,
)
from localcloud.aws.eks.store import Store

Result = dict[str, Any]
INSTANCE_TYPE = "t3.medium"
DISK_GIB = 20
TYPE_TWICE = "Instance types can be given in the launch template or in the node group, not in both"
SCALING = {"minSize": 1, "maxSize": 2, "desiredSize": 2}  # EKS's own defaults


def create(store: Store, call: Call) -> Result:
    params, state = call.params, store.state(call.params["clusterName"], call.region)
    if present := state.nodegroups.get(params["nodegroupName"]):
        message = f"NodeGroup already exists with name {params['nodegroupName']}"
        return {"nodegroup": repeated(present.record, params, message)}
    if state.record["status"] != "ACTIVE":
        raise invalid(f"Cluster '{state.name}' is not in ACTIVE status")
    offered.check_parameters(params, offered.CREATE_NODEGROUP, "CreateNodegroup")
    offered.check_nodegroup(params)
    roles.check(params["nodeRole"], "ec2.amazonaws.com")
    _check_subnets(state, params["subnets"])
    group = NodegroupState(_record(state, params))
    access.add_node_role(state, params["nodeRole"])
    state.nodegroups[params["nodegroupName"]] = group
    answer = {"nodegroup": dict(group.record)}  # before instances are launched
    nodes.converge(state, group)
    return answer


def _record(state: ClusterState, params: Record) -> Record:
    name, unique = params["nodegroupName"], uuid.uuid4()
    template, data = template_of(state.region, params.get("launchTemplate"))
    if data.get("InstanceType") and params.get("instanceTypes"):
        raise invalid(TYPE_TWICE)
    if data.get("BlockDeviceMappings") and params.get("diskSize"):
        raise invalid("Disk size must be specified within the launch template.")
    types = params.get("instanceTypes") or [data.get("InstanceType") or INSTANCE_TYPE]
    check_types(state.region, types)
    version = check_version(state, params.get("version") or state.record["version"])
    record = {
        "nodegroupName": name,
        "nodegroupArn": arn("eks", state.region, f"nodegroup/{state.name}/{name}/{unique}"),
        "clusterName": state.name,
        "version": version,
        "releaseVersion": offered.check_release(params.get("releaseVersion"), version),
        "createdAt": now(),
        "modifiedAt": now(),
        "status": "CREATING",
        "capacityType": offered.CAPACITY,
        "scalingConfig": scaling(SCALING, params.get("scalingConfig") or {}),
        "subnets": params["subnets"],
        "amiType": offered.AMI_TYPE,
        "nodeRole": params["nodeRole"],
        "labels": params.get("labels") or {},
        "taints": params.get("taints") or [],
        "resources": {"autoScalingGroups": [{"name": f"eks-{name}-{unique}"}]},
        "health": {"issues": []},
        "updateConfig": params.get("updateConfig") or {"maxUnavailable": 1},
        "nodeRepairConfig": params.get("nodeRepairConfig") or {"enabled": False},
        "tags": params.get("tags") or {},
        "instanceTypes": types,
        "clientRequestToken": params.get("clientRequestToken"),
    }
    if template:
        record["launchTemplate"] = template
    if not data.get("BlockDeviceMappings"):
        record["diskSize"] = params.get("diskSize") or DISK_GIB
    return record


def template_of(region: str, given: Record | None) -> tuple[Record, Record]:
    """The launch template as the record names it, and its data."""
    if not given:
        return {}, {}
    ec2 = backends.ec2(region)
    if bool(given.get("id")) == bool(given.get("name")):
        raise invalid("Specify either the id or the name of the launch template")
    known = {t.id: t for t in ec2.launch_templates.values()}
    named = [t for t in known.values() if given.get("id", t.id) == t.id]
    named = [t for t in named if given.get("name", t.name) == t.name]
    if not named:
        raise invalid(f"You must specify a launch template that exists, not {given}")
    numbers = {
        "$Default": str(named[0].default_version_number),
        "$Latest": str(named[0].latest_version_number),
    }
    version = str(given.get("version") or "$Default")
    version = numbers.get(version, version)
    if version not in [str(v.number) for v in named[0].versions]:
        raise invalid(f"Launch template {named[0].id} has no version {version}")
    data = named[0].get_version(version).data
    offered.check_launch_template(data)
    return {"id": named[0].id, "name": named[0].name, "version": version}, data


def check_types(region: str, types: list[str]) -> None:
    unknown = [each for each in types if not backends.ec2(region).offers(each)]
    if unknown:
        raise invalid(f"The following supplied instance types do not exist: [{', '.join(unknown)}]")
    other = [each for each in types if "x86_64" not in architectures(each)]
    if other:
        raise invalid(
            f"[{', '.join(other)}] is not a valid instance type for requested amiType "
            f"{offered.AMI_TYPE}"
        )


def _check_subnets(state: ClusterState, subnets: list[str]) -> None:
    vpc_id = state.record["resourcesVpcConfig"]["vpcId"]
    known = {s.id for s in backends.ec2(state.region).describe_subnets() if s.vpc_id == vpc_id}
    for subnet in subnets:
        if subnet not in known:
            raise invalid(f"The subnet ID '{subnet}' does not exist in the cluster's VPC {vpc_id}")


def check_version(state: ClusterState, version: str) -> str:
    """A version of nodes, which may not be newer than the cluster's.

    docs.aws.amazon.com/eks/latest/userguide/update-managed-node-group.html
    """
    cluster = state.record["version"]
    if offered.as_numbers(version) > offered.as_numbers(cluster):
        raise invalid(
            f"Nodegroup Kubernetes version {version} is invalid: it must not be newer than the "
            f"cluster's, {cluster}"
        )
    return offered.check_version(version)


def scaling(present: Record, asked: Record) -> Record:
    """The scaling configuration after a change.

    Raises InvalidParameterException unless minSize <= desiredSize <= maxSize.
    """
    sizes = {**present, **asked}
    if "desiredSize" not in asked and asked:
        sizes["desiredSize"] = min(max(present["desiredSize"], sizes["minSize"]), sizes["maxSize"])
    if sizes["minSize"] > sizes["desiredSize"]:
        raise invalid(
            f"Minimum capacity {sizes['minSize']} can't be greater than desired size "
            f"{sizes['desiredSize']}"
        )
    if sizes["desiredSize"] > sizes["maxSize"]:
        raise invalid(
            f"desired capacity {sizes['desiredSize']} can't be greater than max size "
            f"{sizes['maxSize']}"
        )
    return sizes


def describe(store: Store, call: Call) -> Result:
    state = store.state(call.params["clusterName"], call.region)
    return {"nodegroup": state.nodegroup(call.params["nodegroupName"]).record}


def listing(store: Store, call: Call) -> Result:
    state = store.state(call.params["clusterName"], call.region)
    return pages.cut("nodegroups", list(state.nodegroups), call.params)


def delete(store: Store, call: Call) -> Result:
    state = store.state(call.params["clusterName"], call.region)
    group = state.nodegroup(call.params["nodegroupName"])
    group.record["status"] = "DELETING"
    group.record["modifiedAt"] = now()
    return {"nodegroup": group.record}
