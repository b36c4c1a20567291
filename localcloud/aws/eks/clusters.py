"""The operations on clusters."""

import ipaddress
from typing import Any

from localcloud.aws import backends
from localcloud.aws.accounts import arn
from localcloud.aws.calls import Call
from localcloud.aws.eks import (
    access,
    encryption,
    endpoint,
    issuer,
    network,
    offered,
    pages,
    roles,
    updates,
)
from localcloud.aws.eks.state import ClusterState, Record, in_use, invalid, now, repeated
from localcloud.aws.eks.store import Store
from localcloud.aws.errors import AwsError

Result = dict[str, Any]
SERVICE_CIDRS = ("10.100.0.0/16", "172.20.0.0/16")  # the first that does not overlap the VPC


def create(store: Store, call: Call) -> Result:
    params = call.params
    if present := store.states.get(params["name"]):
        message = f"Cluster already exists with name: {params['name']}"
        return {"cluster": repeated(present.record, params, message)}
    offered.only(params, offered.CREATE_CLUSTER, "CreateCluster")
    version = offered.check_version(params.get("version"))
    offered.check_cluster(params)
    encryption.check(params)
    roles.check(params["roleArn"], "eks.amazonaws.com")
    state = ClusterState(
        record=_record(call, version),
        region=call.region,
        service_account_key=issuer.new_key(),
        bootstrap_addons=params.get("bootstrapSelfManagedAddons", True),
    )
    access.bootstrap(state, call)
    _make_network(state, params["resourcesVpcConfig"])
    store.states[state.name] = state
    return {"cluster": state.record}


def _record(call: Call, version: str) -> Record:
    params = call.params
    config = params.get("accessConfig") or {}
    creator = config.get("bootstrapClusterCreatorAdminPermissions", True)
    support = (params.get("upgradePolicy") or {}).get("supportType", "EXTENDED")
    return {
        "name": params["name"],
        "arn": arn("eks", call.region, f"cluster/{params['name']}"),
        "createdAt": now(),
        "version": version,
        "roleArn": params["roleArn"],
        "status": "CREATING",
        "identity": {"oidc": {"issuer": issuer.new_url(call.region)}},
        "certificateAuthority": {},
        "clientRequestToken": params.get("clientRequestToken"),
        "platformVersion": offered.PLATFORM,
        "tags": params.get("tags") or {},
        "logging": {"clusterLogging": [{"types": list(offered.LOG_TYPES), "enabled": False}]},
        "health": {"issues": []},
        "encryptionConfig": params.get("encryptionConfig") or [],
        "accessConfig": {
            "authenticationMode": "API",
            "bootstrapClusterCreatorAdminPermissions": creator,
        },
        "upgradePolicy": {"supportType": support},
        "deletionProtection": params.get("deletionProtection", False),
        "kubernetesNetworkConfig": {
            "ipFamily": "ipv4",
            "serviceIpv4Cidr": (params.get("kubernetesNetworkConfig") or {}).get("serviceIpv4Cidr"),
            "elasticLoadBalancing": {"enabled": False},
        },
    }


def _make_network(state: ClusterState, config: Record) -> None:
    """Check the VPC configuration, and create and record what EKS creates in the VPC."""
    subnets = network.check_subnets(state.region, config.get("subnetIds") or [])
    vpc_id, groups = subnets[0].vpc_id, config.get("securityGroupIds") or []
    network.check_groups(state.region, vpc_id, groups)
    public, private = endpoint.access(config, {"public": True, "private": False})
    blocks = backends.ec2(state.region).get_vpc(vpc_id).get_cidr_block_association_set()
    cidrs = [str(association["cidr_block"]) for association in blocks]
    kubernetes = state.record["kubernetesNetworkConfig"]
    kubernetes["serviceIpv4Cidr"] = service_cidr(kubernetes["serviceIpv4Cidr"], cidrs)
    state.record["resourcesVpcConfig"] = {
        "subnetIds": config["subnetIds"],
        "securityGroupIds": groups,
        "vpcId": vpc_id,
        "endpointPublicAccess": public,
        "endpointPrivateAccess": private,
        "publicAccessCidrs": endpoint.public_cidrs(public, config.get("publicAccessCidrs")),
    }
    try:
        network.make(state, subnets)
    except AwsError as error:
        raise invalid(error.message) from error


def service_cidr(asked: str | None, vpc_cidrs: list[str]) -> str:
    """The CIDR of Services: the one asked for, or EKS's default.

    Raises InvalidParameterException when it breaks EKS's rules (a private block, /24 to /12,
    not overlapping the VPC's).
    """
    vpcs = [ipaddress.IPv4Network(cidr) for cidr in vpc_cidrs]
    if asked is None:
        for candidate in SERVICE_CIDRS:
            if not any(ipaddress.IPv4Network(candidate).overlaps(vpc) for vpc in vpcs):
                return candidate
        return SERVICE_CIDRS[-1]
    try:
        block = ipaddress.IPv4Network(asked)
    except ValueError as error:
        raise invalid(f"serviceIpv4Cidr {asked}: {error}") from None
    if not block.is_private or not 12 <= block.prefixlen <= 24:
        raise invalid(f"serviceIpv4Cidr {asked}: must be a private block between /24 and /12")
    if any(block.overlaps(vpc) for vpc in vpcs):
        raise invalid(f"serviceIpv4Cidr {asked}: must not overlap with the VPC's")
    return asked


def describe(store: Store, call: Call) -> Result:
    return {"cluster": store.state(call.params["name"], call.region).record}


def listing(store: Store, call: Call) -> Result:
    names = [name for name, state in store.states.items() if state.region == call.region]
    return pages.cut("clusters", sorted(names), call.params)


def delete(store: Store, call: Call) -> Result:
    state = store.state(call.params["name"], call.region)
    if state.nodegroups:
        raise in_use("Cluster has nodegroups attached")
    if state.record["deletionProtection"]:
        raise AwsError("InvalidRequestException", f"Deletion protection of {state.name} is on")
    if state.record["status"] in ("CREATING", "UPDATING"):
        raise in_use(f"Cluster has status {state.record['status']}")
    state.record["status"] = "DELETING"
    return {"cluster": state.record}


def update_version(store: Store, call: Call) -> Result:
    """The next minor version; the reconciler exchanges the control plane's programs."""
    params = call.params
    state = store.state(params["name"], call.region)
    offered.only(params, offered.UPDATE_CLUSTER_VERSION, "UpdateClusterVersion")
    _check_active(state, call)
    running, version = state.record["version"], params["version"]
    if version == running:
        raise invalid(f"Cluster is already at the desired configuration with version: {version}")
    if offered.number(version)[1] != offered.number(running)[1] + 1:
        raise invalid(f"Unsupported Kubernetes minor version update from {running} to {version}")
    offered.check_version(version)
    behind = [n for n, g in state.nodegroups.items() if g.record["version"] != running]
    if behind:
        raise invalid(f"Nodegroup(s) {behind} must be updated to match cluster version {running}")
    state.upgrade, state.record["status"] = version, "UPDATING"
    update = updates.new("VersionUpdate", {"version": version, "platformVersion": offered.PLATFORM})
    state.updates[update["id"]] = update
    return {"update": update}


def _check_active(state: ClusterState, call: Call) -> None:
    if state.record["status"] != "ACTIVE":
        raise in_use(f"Cannot {call.operation} because cluster {state.name} is not active")


def update_config(store: Store, call: Call) -> Result:
    params = call.params
    state = store.state(params["name"], call.region)
    offered.only(params, offered.UPDATE_CLUSTER, "UpdateClusterConfig")
    offered.check_cluster(params)
    _check_active(state, call)
    config = params.get("resourcesVpcConfig") or {}
    changed = endpoint.update(state.record["resourcesVpcConfig"], config) if config else {}
    for name in ("upgradePolicy", "deletionProtection"):
        if name in params:
            state.record[name] = changed[name] = params[name]
    if not changed:
        raise invalid("No changes needed for the logging, access or endpoint configuration")
    update = updates.new("EndpointAccessUpdate" if config else "ConfigUpdate", changed, not config)
    state.record["status"] = "UPDATING" if config else "ACTIVE"
    state.updates[update["id"]] = update
    return {"update": update}
