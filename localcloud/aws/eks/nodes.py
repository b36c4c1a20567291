"""The EC2 instances of node groups: launched, terminated and replaced to the desired size.

docs.aws.amazon.com/eks/latest/userguide/managed-node-update-behavior.html: what a version update
does. Here it adds as many nodes as may be unavailable, on EKS up to two in each zone.
An instance stays `running` when its processes exit; a call of EC2, or `end_instances`, ends it.
"""

import logging
import uuid
from collections import Counter
from typing import Any

from localcloud.aws import backends
from localcloud.aws.eks import issues, names, offered, rolling, updates
from localcloud.aws.eks.state import ClusterState, NodegroupState, Record
from localcloud.aws.iam import sessions

log = logging.getLogger(__name__)
GONE = ("terminated", "gone")
CONVERGING = ("CREATING", "ACTIVE", "UPDATING", "DEGRADED")  # the statuses in which it is scaled
IMAGE = "al2023-ami-2023"
ROOT_DEVICE = "/dev/xvda"
CLOUD_CONTROLLER = "cloud-controller-manager"  # the name of its session
CREDENTIALS_SECONDS = 10 * 365 * 24 * 3600  # long, as nothing renews them


def converge(state: ClusterState, group: NodegroupState) -> bool:
    """Launch instances, or mark them as leaving, until the group has its desired size.

    Returns whether anything changed.

    An instance that was terminated or stopped through EC2 is replaced, as an Auto Scaling group
    does. A failure is reported in the group's status and health. A DEGRADED group is retried
    whenever EC2 records change; a CREATE_FAILED group has to be deleted.
    """
    record = group.record
    if record["status"] not in CONVERGING:
        return False
    before, status = list(group.instances), record["status"]
    leaving = list(group.leaving)
    try:
        _scale_out(state, group)
    except Exception as error:  # of any kind: the record has to report it
        log.exception("node group %s", record["nodegroupName"])
        issues.launch_failed(group, error)
    _scale_in(state, group)
    changed = group.instances != before
    if changed and record["status"] == "ACTIVE":
        record["status"] = "UPDATING"
    return changed or group.leaving != leaving or record["status"] != status


def _scale_out(state: ClusterState, group: NodegroupState) -> None:
    """Launch instances until the group has its size; forget those that run no more."""
    present = {i: _status(state, i) for i in group.instances}
    group.instances = [i for i, status in present.items() if status == "running"]
    _terminate(state, [i for i, status in present.items() if status == "stopped"])
    group.leaving = [i for i in group.leaving if _status(state, i) == "running"]
    if not group.profile:
        _make_profile(group)
    while current_size(group) < desired_size(group):
        group.instances.append(_launch(state, group))


def _scale_in(state: ClusterState, group: NodegroupState) -> None:
    """Mark instances as leaving until the group has no more than it should have."""
    while len(group.instances) > desired_size(group):
        chosen = _in_fullest_subnet(state, group, group.from_other_source or group.instances)[-1]
        group.instances.remove(chosen)  # and so from `outdated`
        group.leaving.append(chosen)


def desired_size(group: NodegroupState) -> int:
    """How many instances a group should have: more while a version update replaces them."""
    surge = min(max_unavailable(group), len(group.outdated))
    return int(group.record["scalingConfig"]["desiredSize"]) + surge


def current_size(group: NodegroupState) -> int:
    """How many a group has; during a version update those that leave count until they are gone."""
    return len(group.instances) + (len(group.leaving) if group.outdated else 0)


def max_unavailable(group: NodegroupState) -> int:
    """How many nodes a version update replaces at a time."""
    config = group.record["updateConfig"]
    percent = config.get("maxUnavailablePercentage", 0)
    share = int(group.record["scalingConfig"]["desiredSize"]) * percent // 100
    return int(config.get("maxUnavailable") or max(share, 1))


def advance(state: ClusterState, group: NodegroupState) -> None:
    """The group's nodes are ready: set it ACTIVE, or continue replacing outdated nodes."""
    if current_size(group) != desired_size(group):
        return  # some could not be launched, as the health of the group reports
    if group.outdated:
        _replace_outdated(state, group)
    elif group.before is not None and group.leaving:
        return  # the update ends when the last old node has left
    elif group.record["status"] in ("CREATING", "UPDATING", "DEGRADED"):
        rolling.end(group)
        issues.settle(group.record, "ACTIVE")
        updates.finish(group.updates)


def _replace_outdated(state: ClusterState, group: NodegroupState) -> None:
    """Cordon the outdated nodes, and let as many of them leave as may be unavailable."""
    group.cordoned = list(group.outdated)
    while group.outdated and len(group.leaving) < max_unavailable(group):
        chosen = _in_fullest_subnet(state, group, group.outdated)[0]
        group.instances.remove(chosen)
        group.leaving.append(chosen)


def end(state: ClusterState, group: NodegroupState) -> None:
    """Terminate the instances of a group and delete its instance profile, if they still exist."""
    end_instances(state, group, [*group.leaving, *group.instances])
    group.instances = []
    profile = backends.iam().instance_profiles.get(group.profile)
    if profile:
        profile.roles.clear()
        backends.iam().delete_instance_profile(group.profile)
    group.profile = ""


def end_instances(state: ClusterState, group: NodegroupState, ids: list[str]) -> None:
    """Terminate instances whose nodes have left the cluster, if they still exist."""
    _terminate(state, [i for i in ids if _status(state, i) not in GONE])
    group.leaving = [i for i in group.leaving if i not in ids]


def _make_profile(group: NodegroupState) -> None:
    """The instance profile that gives the group's instances the node role."""
    iam, name = backends.iam(), f"eks-{uuid.uuid4()}"
    iam.create_instance_profile(name, "/", [group.record["nodeRole"].rpartition("/")[2]])
    group.profile = name


def _status(state: ClusterState, instance_id: str) -> str:
    """The state of an instance; "gone" if EC2 has no record of it any more."""
    found = [i for i in backends.ec2(state.region).all_instances() if i.id == instance_id]
    return str(found[0].state) if found else "gone"


def _terminate(state: ClusterState, ids: list[str]) -> None:
    """Terminate instances, even protected ones, as an Auto Scaling group does."""
    for instance_id in ids:
        _instance(state, instance_id).disable_api_termination = False
        backends.ec2(state.region).terminate_instances([instance_id])


def _instance(state: ClusterState, instance_id: str) -> Any:
    return backends.ec2(state.region).get_instance(instance_id)


def _in_fullest_subnet(state: ClusterState, group: NodegroupState, among: list[str]) -> list[str]:
    """Those of `among` in the subnet with the most instances of the group, oldest first."""
    used = Counter(_instance(state, i).subnet_id for i in group.instances)
    subnets = {i: _instance(state, i).subnet_id for i in among}
    most = max(used[subnet] for subnet in subnets.values())
    fullest = next(s for s in subnets.values() if used[s] == most)
    return [i for i in among if subnets[i] == fullest]


def _launch(state: ClusterState, group: NodegroupState) -> str:
    """Launch an instance in the subnet with the fewest instances of the group, and return its id.

    If that fails, the other subnets are tried, as an Auto Scaling group does. Raises the error of
    the first subnet if all fail.
    """
    old = group.outdated
    used = Counter(_instance(state, i).subnet_id for i in group.instances if i not in old)
    failures: list[Exception] = []
    for subnet in sorted(group.record["subnets"], key=lambda subnet: used[subnet]):
        try:
            return _launch_in(subnet, state, group)
        except Exception as error:  # of any kind: another subnet may work
            failures.append(error)
    raise failures[0]


def _launch_in(subnet: str, state: ClusterState, group: NodegroupState) -> str:
    ec2, record = backends.ec2(state.region), group.record
    template = launch_template(state.region, record)
    reservation = ec2.run_instances(
        image(state.region, record["releaseVersion"]),
        1,
        None,
        [],
        instance_type=record["instanceTypes"][0],
        is_instance_type_default=False,
        region_name=state.region,
        subnet_id=subnet,
        security_group_ids=list(template.get("SecurityGroupIds") or [state.security_group]),
        metadata_options=template.get("MetadataOptions") or {"HttpPutResponseHopLimit": 2},
        block_device_mappings=template.get("BlockDeviceMappings") or [disk(record)],
        client_token=str(uuid.uuid4()),
        tags={
            "instance": {**_tags(state.name, record), **template_tags(template, "instance")},
            "volume": template_tags(template, "volume"),
        },
    )
    instance = reservation.instances[0]
    instance.nics[0].add_tags(template_tags(template, "network-interface"))
    try:
        ec2.associate_iam_instance_profile(instance.id, group.profile)
        ec2.assign_pod_prefix(instance.nics[0])
    except BaseException:
        _terminate(state, [instance.id])
        raise
    group.sources[instance.id] = group.source
    return str(instance.id)


def credentials(instance_id: str) -> tuple[str, str, str]:
    """A session of an instance's role: access key id, secret and session token.

    Raises LookupError for an instance without a role.
    """
    for ec2 in backends.ec2_regions():
        association = ec2.iam_instance_profile_associations.get(instance_id)
        if association and association.iam_instance_profile.roles:
            role = association.iam_instance_profile.roles[0]
            return _session(role, instance_id, ec2.region_name)
    raise LookupError(f"instance {instance_id} has no role")


def cluster_credentials(state: ClusterState) -> tuple[str, str, str]:
    """A session of a cluster's role. Raises LookupError if the role is gone."""
    role = sessions.find_role(state.record["roleArn"])
    if role is None:
        raise LookupError(f"cluster {state.name} has no role: {state.record['roleArn']} is gone")
    return _session(role, CLOUD_CONTROLLER, state.region)


def _session(role: Any, name: str, region: str) -> tuple[str, str, str]:
    session = sessions.begin(role, name, region, CREDENTIALS_SECONDS)
    return session.access_key_id, session.secret_access_key, session.session_token


def disk(record: Record) -> dict[str, Any]:
    """The root volume of a group without a launch template; `diskSize` in GiB."""
    ebs = {"VolumeSize": record.get("diskSize"), "VolumeType": "gp3", "DeleteOnTermination": True}
    return {"DeviceName": ROOT_DEVICE, "Ebs": ebs}


def _tags(cluster: str, record: Record) -> dict[str, str]:
    name = record["nodegroupName"]
    return {
        "Name": f"{cluster}-{name}-Node",
        "eks:cluster-name": cluster,
        "eks:nodegroup-name": name,
        "aws:autoscaling:groupName": record["resources"]["autoScalingGroups"][0]["name"],
        **names.owned(cluster),
    }


def template_tags(template: dict[str, Any], kind: str) -> dict[str, str]:
    """The tags that a launch template gives to a kind of resources, such as instance."""
    return {
        tag["Key"]: tag["Value"]
        for specification in template.get("TagSpecifications") or []
        if specification.get("ResourceType") == kind
        for tag in specification.get("Tags") or []
    }


def launch_template(region: str, record: Record) -> dict[str, Any]:
    """The data of the group's launch template version; empty when it has none."""
    given = record.get("launchTemplate")
    if not given:
        return {}
    template = backends.ec2(region).get_launch_template(given["id"])
    data: dict[str, Any] = template.get_version(given["version"]).data
    return data


def image(region: str, release: str | None = None) -> str:
    """The id of an AL2023 image for x86_64 in a region: that of a release, else the newest."""
    images = sorted(
        (ami.name, ami.id)
        for ami in backends.ec2(region).amis.values()
        if (ami.name or "").startswith(IMAGE) and ami.architecture == "x86_64"
    )
    return str(images[-1 - min(offered.age(release), len(images) - 1)][1])
