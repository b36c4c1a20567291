"""The EC2 instances of node groups: launched, terminated and replaced to the desired size."""

import logging
import uuid
from collections import Counter
from typing import Any

from localcloud.aws import backends
from localcloud.aws.eks import issues, names
from localcloud.aws.eks.state import ClusterState, NodegroupState, Record
from localcloud.aws.iam import sessions

log = logging.getLogger(__name__)
GONE = ("terminated", "gone")
CONVERGING = ("CREATING", "ACTIVE", "UPDATING", "DEGRADED")  # the statuses in which it is scaled
IMAGE = "al2023-ami-2023"
ROOT_DEVICE = "/dev/xvda"
INSTANCE_SECONDS = 30 * 24 * 3600  # there is no metadata service that would renew it


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
        _fit(state, group)
    except Exception as error:  # of any kind: the record has to report it
        log.exception("node group %s", record["nodegroupName"])
        issues.launch_failed(group, error)
    changed = group.instances != before
    if changed and record["status"] == "ACTIVE":
        record["status"] = "UPDATING"
    return changed or group.leaving != leaving or record["status"] != status


def _fit(state: ClusterState, group: NodegroupState) -> None:
    present = {i: _status(state, i) for i in group.instances}
    group.instances = [i for i, status in present.items() if status == "running"]
    _terminate(state, [i for i, status in present.items() if status == "stopped"])
    group.leaving = [i for i in group.leaving if _status(state, i) == "running"]
    wanted = int(group.record["scalingConfig"]["desiredSize"])
    if not group.profile:
        _make_profile(group)
    while len(group.instances) < wanted:
        group.instances.append(_launch(state, group))
    while len(group.instances) > wanted:
        _mark_leaving(state, group)


def end(state: ClusterState, group: NodegroupState) -> None:
    """Terminate the instances of a group and delete its instance profile, if they still exist."""
    leave(state, group, [*group.leaving, *group.instances])
    group.instances = []
    profile = backends.iam().instance_profiles.get(group.profile)
    if profile:
        profile.roles.clear()
        backends.iam().delete_instance_profile(group.profile)
    group.profile = ""


def leave(state: ClusterState, group: NodegroupState, ids: list[str]) -> None:
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


def _mark_leaving(state: ClusterState, group: NodegroupState) -> None:
    """Mark the newest instance in the subnet with the most instances of the group as leaving."""
    subnets = {i: _instance(state, i).subnet_id for i in group.instances}
    crowded = Counter(subnets.values()).most_common(1)[0][0]
    chosen = [i for i in group.instances if subnets[i] == crowded][-1]
    group.instances.remove(chosen)
    group.leaving.append(chosen)


def _launch(state: ClusterState, group: NodegroupState) -> str:
    """Launch an instance in the subnet with the fewest instances of the group, and return its id.

    If that fails, the other subnets are tried, as an Auto Scaling group does. Raises the error of
    the first subnet if all fail.
    """
    used = Counter(_instance(state, i).subnet_id for i in group.instances)
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
        image(state.region),
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
    return str(instance.id)


def credentials(instance_id: str) -> tuple[str, str, str]:
    """A session of an instance's role: access key id, secret and session token.

    Raises LookupError for an instance without a role.
    """
    for region, ec2 in backends.ec2_regions():
        association = ec2.iam_instance_profile_associations.get(instance_id)
        if association and association.iam_instance_profile.roles:
            role = association.iam_instance_profile.roles[0]
            session = sessions.begin(role, instance_id, region, INSTANCE_SECONDS)
            return session.access_key_id, session.secret_access_key, session.session_token
    raise LookupError(f"instance {instance_id} has no role")


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


def image(region: str) -> str:
    """The id of the newest AL2023 image for x86_64 in a region."""
    images = [
        (ami.name, ami.id)
        for ami in backends.ec2(region).amis.values()
        if (ami.name or "").startswith(IMAGE) and ami.architecture == "x86_64"
    ]
    return str(max(images)[1])
