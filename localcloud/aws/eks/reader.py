"""Makes snapshots of the EKS state, and of the EC2 records that belong to it."""

from collections.abc import Iterator

from localcloud.aws import backends
from localcloud.aws.ec2.backend import prefixes_of
from localcloud.aws.eks import encryption, logs, names
from localcloud.aws.eks.snapshots import (
    AccessEntry,
    AccessPolicy,
    Addon,
    Cluster,
    Node,
    Nodegroup,
    Taint,
)
from localcloud.aws.eks.state import (
    AccessEntryState,
    AddonState,
    ClusterState,
    NodegroupState,
)


def cluster(state: ClusterState) -> Cluster:
    record, ec2 = state.record, backends.ec2(state.region)
    network = record["resourcesVpcConfig"]
    vpc = ec2.get_vpc(network["vpcId"])
    return Cluster(
        name=state.name,
        status=record["status"],
        version=state.upgrade or record["version"],
        region=state.region,
        arn=record["arn"],
        service_cidr=record["kubernetesNetworkConfig"]["serviceIpv4Cidr"],
        issuer=record["identity"]["oidc"]["issuer"],
        service_account_key=state.service_account_key,
        host=names.network_namespace_of(state.name),
        private_ips=tuple(str(ec2.enis[eni].private_ip_address) for eni in state.interfaces),
        vpc_cidrs=tuple(str(a["cidr_block"]) for a in vpc.get_cidr_block_association_set()),
        public_access=network["endpointPublicAccess"],
        public_cidrs=tuple(network["publicAccessCidrs"]),
        bootstrap_addons=state.bootstrap_addons,
        endpoint=record.get("endpoint", ""),
        certificate_authority=record["certificateAuthority"].get("data", ""),
        log_types=logs.enabled(record),
        encryption_key=encryption.key_of(state),
        nodegroups=tuple(nodegroup(state, group) for group in state.nodegroups.values()),
        addons=tuple(map(_addon, state.addons.values())),
        access_entries=tuple(access_entry(entry) for entry in state.access_entries.values()),
        vpc_id=network["vpcId"],
        subnet_ids=tuple(network["subnetIds"]),
    )


def nodegroup(state: ClusterState, group: NodegroupState) -> Nodegroup:
    record = group.record
    return Nodegroup(
        name=record["nodegroupName"],
        status=record["status"],
        capacity_type=record["capacityType"],
        labels=dict(record["labels"]),
        taints=tuple(
            Taint(taint["key"], taint.get("value", ""), taint["effect"])
            for taint in record["taints"]
        ),
        nodes=tuple(_nodes(state.region, group, group.instances)),
        leaving=tuple(_nodes(state.region, group, group.leaving)),
        must_drain=group.before is not None and not group.force,
    )


def _nodes(region: str, group: NodegroupState, instances: list[str]) -> Iterator[Node]:
    ec2 = backends.ec2(region)
    for instance_id in instances:
        instance, source = ec2.get_instance(instance_id), group.sources[instance_id]
        yield Node(
            instance_id=instance.id,
            dns_name=instance.private_dns_name,
            private_ip=str(instance.private_ip),
            zone=str(instance.availability_zone),
            pod_prefix=prefixes_of(instance.nics[0])[0],
            version=source.version,
            image=str(instance.image_id),
            template=source.template,
            cordoned=instance_id in group.cordoned,
            outdated=instance_id in group.outdated,
        )


def dns_name(region: str, instance_id: str) -> str:
    """The name of an instance's node."""
    return str(backends.ec2(region).get_instance(instance_id).private_dns_name)


def _addon(addon: AddonState) -> Addon:
    record = addon.record
    return Addon(
        name=record["addonName"],
        version=record["addonVersion"],
        status=record["status"],
        configuration=record.get("configurationValues") or "",
        overwrites=addon.overwrites,
    )


def access_entry(entry: AccessEntryState) -> AccessEntry:
    record = entry.record
    return AccessEntry(
        principal_arn=record["principalArn"],
        username=record["username"],
        groups=tuple(record["kubernetesGroups"]),
        policies=tuple(
            AccessPolicy(
                name=policy["policyArn"].rpartition("/")[2],
                namespaces=tuple(policy["accessScope"].get("namespaces") or ()),
            )
            for policy in entry.policies.values()
        ),
        type=record["type"],
    )
