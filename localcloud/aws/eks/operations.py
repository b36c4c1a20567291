"""The operations of the EKS API, and the functions that implement them."""

from collections.abc import Callable, Iterator
from typing import Any

from localcloud.aws import validation
from localcloud.aws.calls import Call
from localcloud.aws.eks import (
    access,
    addons,
    associations,
    clusters,
    nodegroup_updates,
    nodegroups,
    pages,
    versions,
)
from localcloud.aws.eks.state import ClusterState, Record, invalid, not_found
from localcloud.aws.eks.store import Store

Result = dict[str, Any]


def _owner(state: ClusterState, params: Record) -> dict[str, Record]:
    """The updates of the resource that DescribeUpdate and ListUpdates name."""
    if name := params.get("nodegroupName"):
        return state.nodegroup(name).updates
    if name := params.get("addonName"):
        return state.addon(name).updates
    return state.updates


def describe_update(store: Store, call: Call) -> Result:
    found = _owner(store.state(call.params["name"], call.region), call.params)
    if call.params["updateId"] not in found:
        raise not_found(f"No update found for ID: {call.params['updateId']}")
    return {"update": found[call.params["updateId"]]}


def list_updates(store: Store, call: Call) -> Result:
    found = _owner(store.state(call.params["name"], call.region), call.params)
    return pages.cut("updateIds", list(found), call.params)


def _tagged(store: Store) -> Iterator[tuple[str, Record]]:
    """Every record that has tags, with its ARN."""
    for state in store.states.values():
        yield state.record["arn"], state.record
        for group in state.nodegroups.values():
            yield group.record["nodegroupArn"], group.record
        for addon in state.addons.values():
            yield addon.record["addonArn"], addon.record
        for entry in state.access_entries.values():
            yield entry.record["accessEntryArn"], entry.record
        for record in state.associations.values():
            yield record["associationArn"], record


def _tags(store: Store, call: Call) -> dict[str, str]:
    arn = call.params["resourceArn"]
    record = dict(_tagged(store)).get(arn)
    if record is None:
        raise not_found(f"No resource found for ARN: {arn}")
    tags: dict[str, str] = record["tags"]
    return tags


def tag(store: Store, call: Call) -> Result:
    if any(name.startswith("aws:") for name in call.params["tags"]):
        raise invalid("Tag keys that start with aws: are reserved")
    _tags(store, call).update(call.params["tags"])
    return {}


def untag(store: Store, call: Call) -> Result:
    tags = _tags(store, call)
    for name in call.params["tagKeys"]:
        tags.pop(name, None)
    return {}


def list_tags(store: Store, call: Call) -> Result:
    return {"tags": _tags(store, call)}


OPERATIONS: dict[str, Callable[[Store, Call], Result]] = {
    "CreateCluster": clusters.create,
    "DescribeCluster": clusters.describe,
    "ListClusters": clusters.listing,
    "DeleteCluster": clusters.delete,
    "UpdateClusterConfig": clusters.update_config,
    "UpdateClusterVersion": clusters.update_version,
    "DescribeClusterVersions": versions.describe,
    "DescribeUpdate": describe_update,
    "ListUpdates": list_updates,
    "CreateNodegroup": nodegroups.create,
    "DescribeNodegroup": nodegroups.describe,
    "ListNodegroups": nodegroups.listing,
    "DeleteNodegroup": nodegroups.delete,
    "UpdateNodegroupConfig": nodegroup_updates.update_config,
    "UpdateNodegroupVersion": nodegroup_updates.update_version,
    "CreateAddon": addons.create,
    "DescribeAddon": addons.describe,
    "ListAddons": addons.listing,
    "UpdateAddon": addons.update,
    "DeleteAddon": addons.delete,
    "DescribeAddonVersions": addons.describe_versions,
    "DescribeAddonConfiguration": addons.describe_configuration,
    "CreateAccessEntry": access.create,
    "DescribeAccessEntry": access.describe,
    "ListAccessEntries": access.listing,
    "UpdateAccessEntry": access.update,
    "DeleteAccessEntry": access.delete,
    "AssociateAccessPolicy": access.associate,
    "DisassociateAccessPolicy": access.disassociate,
    "ListAssociatedAccessPolicies": access.list_associated,
    "ListAccessPolicies": access.list_policies,
    "CreatePodIdentityAssociation": associations.create,
    "DescribePodIdentityAssociation": associations.describe,
    "ListPodIdentityAssociations": associations.listing,
    "UpdatePodIdentityAssociation": associations.update,
    "DeletePodIdentityAssociation": associations.delete,
    "TagResource": tag,
    "UntagResource": untag,
    "ListTagsForResource": list_tags,
}


def answer(store: Store, call: Call) -> Result:
    """The result of a call; the caller holds the store's lock. Raises AwsError."""
    codes = "InvalidParameterException", "InvalidRequestException"
    return validation.checked(call, OPERATIONS, *codes)(store, call)
