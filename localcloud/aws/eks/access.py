"""The operations on access entries and the access policies associated with them."""

import hashlib
import re
import uuid
from typing import Any

from localcloud.aws.accounts import ACCOUNT, arn
from localcloud.aws.calls import Call
from localcloud.aws.eks import offered, pages
from localcloud.aws.eks.state import (
    AccessEntryState,
    ClusterState,
    Record,
    invalid,
    not_found,
    now,
    repeated,
)
from localcloud.aws.eks.store import Store
from localcloud.aws.iam import principals

Result = dict[str, Any]
POLICY_ARN = "arn:aws:eks::aws:cluster-access-policy/"
# The policies that the reconciler has RBAC for; AWS has more, for its own services.
POLICIES = (
    "AmazonEKSAdminPolicy",
    "AmazonEKSAdminViewPolicy",
    "AmazonEKSClusterAdminPolicy",
    "AmazonEKSEditPolicy",
    "AmazonEKSViewPolicy",
)
ADMIN = "AmazonEKSClusterAdminPolicy"
PRINCIPAL = re.compile(rf"arn:aws:iam::{ACCOUNT}:(user|role)/.+")
TYPES = ("STANDARD", "EC2_LINUX")
NODE_USERNAME = "system:node:{{EC2PrivateDNSName}}"


def default_username(principal: str) -> str:
    """The user name of a principal whose access entry has none."""
    if ":role/" not in principal:
        return principal
    name = principal.rpartition("/")[2]
    return f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/{{{{SessionName}}}}"


def _entry(state: ClusterState, principal: str, params: Record) -> AccessEntryState:
    kind = params.get("type") or "STANDARD"
    node = kind == "EC2_LINUX"
    digest = hashlib.sha256(principal.encode()).hexdigest()
    path = principal.partition(f"{ACCOUNT}:")[2]
    resource = f"access-entry/{state.name}/{path.partition('/')[0]}/{ACCOUNT}/"
    username = NODE_USERNAME if node else params.get("username") or default_username(principal)
    return AccessEntryState(
        principal_id=principals.unique_id(principal),
        record={
            "clusterName": state.name,
            "principalArn": principal,
            "kubernetesGroups": ["system:nodes"] if node else params.get("kubernetesGroups") or [],
            "accessEntryArn": arn(
                "eks", state.region, f"{resource}{path.rpartition('/')[2]}/{uuid.UUID(digest[:32])}"
            ),
            "createdAt": now(),
            "modifiedAt": now(),
            "tags": params.get("tags") or {},
            "username": username,
            "type": kind,
            "clientRequestToken": params.get("clientRequestToken"),
        },
    )


def bootstrap(state: ClusterState, call: Call) -> None:
    """Make the creator a cluster administrator, if the cluster is configured so."""
    if state.record["accessConfig"]["bootstrapClusterCreatorAdminPermissions"] and call.caller:
        entry = _entry(state, call.caller.principal, {})
        entry.policies[POLICY_ARN + ADMIN] = _association(POLICY_ARN + ADMIN, {"type": "cluster"})
        state.access_entries[call.caller.principal] = entry


def add_node_role(state: ClusterState, role_arn: str) -> None:
    """Add the entry that EKS creates for the role of a managed node group."""
    if role_arn not in state.access_entries:
        state.access_entries[role_arn] = _entry(state, role_arn, {"type": "EC2_LINUX"})


def create(store: Store, call: Call) -> Result:
    params, state = call.params, store.state(call.params["clusterName"], call.region)
    principal = params["principalArn"]
    if not PRINCIPAL.fullmatch(principal):
        raise invalid(f"The principalArn {principal} is not a role or user of account {ACCOUNT}")
    if present := state.access_entries.get(principal):
        message = "The specified access entry resource is already in use on this cluster."
        return {"accessEntry": repeated(present.record, params, message)}
    if params.get("type", "STANDARD") not in TYPES:
        raise offered.not_offered(f"the access entry type {params['type']}")
    _check_kubernetes_names(params)
    entry = _entry(state, principal, params)
    if entry.principal_id is None:
        raise invalid("The specified principalArn is invalid: invalid principal.")
    state.access_entries[principal] = entry
    return {"accessEntry": entry.record}


def _check_kubernetes_names(params: Record) -> None:
    for group in params.get("kubernetesGroups") or []:
        if group.startswith(("system:", "eks:", "aws:", "amazon:", "iam:")):
            raise invalid(f"The kubernetes group name {group} is invalid: its prefix is reserved")
    username = params.get("username") or ""
    if username.startswith(("system:", "eks:", "aws:", "amazon:", "iam:")):
        raise invalid(f"The username {username} is invalid: its prefix is reserved")


def describe(store: Store, call: Call) -> Result:
    state = store.state(call.params["clusterName"], call.region)
    return {"accessEntry": state.access_entry(call.params["principalArn"]).record}


def listing(store: Store, call: Call) -> Result:
    state = store.state(call.params["clusterName"], call.region)
    policy = call.params.get("associatedPolicyArn")
    found = [p for p, e in state.access_entries.items() if not policy or policy in e.policies]
    return pages.cut("accessEntries", found, call.params)


def update(store: Store, call: Call) -> Result:
    params, state = call.params, store.state(call.params["clusterName"], call.region)
    record = state.access_entry(params["principalArn"]).record
    if record["type"] != "STANDARD":
        raise invalid(f"An access entry of type {record['type']} cannot be changed")
    _check_kubernetes_names(params)
    for name in ("kubernetesGroups", "username"):
        if name in params:
            record[name] = params[name]
    record["modifiedAt"] = now()
    return {"accessEntry": record}


def delete(store: Store, call: Call) -> Result:
    state = store.state(call.params["clusterName"], call.region)
    state.access_entry(call.params["principalArn"])
    del state.access_entries[call.params["principalArn"]]
    return {}


def _association(policy_arn: str, scope: Record) -> Record:
    return {
        "policyArn": policy_arn,
        "accessScope": {"type": scope["type"], "namespaces": scope.get("namespaces") or []},
        "associatedAt": now(),
        "modifiedAt": now(),
    }


def associate(store: Store, call: Call) -> Result:
    params, state = call.params, store.state(call.params["clusterName"], call.region)
    entry = state.access_entry(params["principalArn"])
    policy, scope = params["policyArn"], params["accessScope"]
    if policy not in [POLICY_ARN + name for name in POLICIES]:
        raise offered.not_offered(f"the access policy {policy} (only {', '.join(POLICIES)} are)")
    if entry.record["type"] != "STANDARD":
        raise invalid(
            f"An access entry of type {entry.record['type']} cannot have an access policy"
        )
    if (scope["type"] == "namespace") != bool(scope.get("namespaces")):
        raise invalid("namespaces must be given with the scope type namespace, and only then")
    association = _association(policy, scope)
    if present := entry.policies.get(policy):
        association["associatedAt"] = present["associatedAt"]
    entry.policies[policy] = association
    return {
        "clusterName": state.name,
        "principalArn": params["principalArn"],
        "associatedAccessPolicy": association,
    }


def disassociate(store: Store, call: Call) -> Result:
    state = store.state(call.params["clusterName"], call.region)
    entry = state.access_entry(call.params["principalArn"])
    if entry.policies.pop(call.params["policyArn"], None) is None:
        raise not_found(f"No association found for policy: {call.params['policyArn']}")
    return {}


def list_associated(store: Store, call: Call) -> Result:
    state = store.state(call.params["clusterName"], call.region)
    entry = state.access_entry(call.params["principalArn"])
    page = pages.cut("associatedAccessPolicies", list(entry.policies.values()), call.params)
    return {"clusterName": state.name, "principalArn": call.params["principalArn"], **page}


def list_policies(store: Store, call: Call) -> Result:
    found = [{"name": name, "arn": POLICY_ARN + name} for name in POLICIES]
    return pages.cut("accessPolicies", found, call.params)
