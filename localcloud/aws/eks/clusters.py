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
    logs,
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
ONE_TYPE = "Only one type of update can be allowed."
SERVICE_CIDRS = ("10.100.0.0/16", "172.20.0.0/16")  # the first that does not overlap the VPC


def create(store: Store, call: Call) -> Result:
    params = call.params
    if present := store.states.get(params["name"]):
        message = f"Cluster already exists with name: {params['name']}"
        return {"cluster": repeated(present.record, params, message)}
    offered.check_parameters(params, offered.CREATE_CLUSTER, "CreateCluster")
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
    store.skip_old_logs(state)
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
        "logging": logs.changed(params.get("logging"), ()),
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
    state.zones = frozenset(subnet.availability_zone for subnet in subnets)
    vpc_id, groups = subnets[0].vpc_id, config.get("securityGroupIds") or []
    network.check_groups(state.region, vpc_id, groups)
    public, private = endpoint.access(config, public=True, private=False)
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
    """The CIDR of Services: that of the request, or EKS's default.

    Raises InvalidParameterException unless it is a private block from /24 to /12 that does not
    overlap the VPC's.
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
    """Begin an update to the next minor version; the reconciler replaces the control plane."""
    params = call.params
    state = store.state(params["name"], call.region)
    offered.check_parameters(params, offered.UPDATE_CLUSTER_VERSION, "UpdateClusterVersion")
    _check_active(state, call)
    running, version = state.record["version"], params["version"]
    if version == running:
        raise invalid(f"Cluster is already at the desired configuration with version: {version}")
    if offered.as_numbers(version)[1] != offered.as_numbers(running)[1] + 1:
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
    offered.check_parameters(params, offered.UPDATE_CLUSTER, "UpdateClusterConfig")
    offered.check_cluster(params)
    _check_active(state, call)
    config = params.get("resourcesVpcConfig") or {}
    if params.get("logging"):
        if config:
            raise invalid(ONE_TYPE)
        return {"update": _update_logging(store, state, params["logging"])}
    changed = _update_vpc_config(state, config) if config else {}
    for name in ("upgradePolicy", "deletionProtection"):
        if name in params:
            state.record[name] = changed[name] = params[name]
    if not changed:
        raise invalid("No changes needed for the logging, access or endpoint configuration")
    kind = "VpcConfigUpdate" if "subnetIds" in changed else "EndpointAccessUpdate"
    update = updates.new(kind if config else "ConfigUpdate", changed, not config)
    state.record["status"] = "UPDATING" if config else "ACTIVE"
    state.updates[update["id"]] = update
    return {"update": update}


def _update_logging(store: Store, state: ClusterState, asked: Record) -> Record:
    wanted = logs.changed(asked, logs.enabled(state.record))
    if wanted == state.record["logging"]:
        raise invalid("No changes needed for the logging configuration provided")
    # By the old configuration: a type that is enabled now has no events from before.
    store.deliver_logs()
    state.record |= {"logging": wanted, "status": "UPDATING"}
    update = updates.new("LoggingUpdate", {"clusterLogging": wanted["clusterLogging"]})
    state.updates[update["id"]] = update
    return update


def _update_vpc_config(state: ClusterState, config: Record) -> dict[str, Any]:
    """Write new subnets or endpoint access into the record; returns the update's parameters."""
    present = state.record["resourcesVpcConfig"]
    groups = config.get("securityGroupIds")
    if groups and set(groups) != set(present["securityGroupIds"]):
        raise offered.not_offered("a change of securityGroupIds")
    wanted = config.get("subnetIds") or present["subnetIds"]
    if set(wanted) == set(present["subnetIds"]):
        return endpoint.update(present, config)
    if any(config.get(name, present[name]) != present[name] for name in endpoint.SETTINGS):
        raise invalid(ONE_TYPE)
    network.check_new_subnets(state, wanted)
    present["subnetIds"] = wanted
    return {"subnetIds": wanted}
