"""The operations on pod identity associations."""

import secrets
import string
from typing import Any

from localcloud.aws import propagation
from localcloud.aws.accounts import arn
from localcloud.aws.calls import Call
from localcloud.aws.eks import offered, pages, roles
from localcloud.aws.eks.state import ClusterState, Record, not_found, now, repeated
from localcloud.aws.eks.store import Store

Result = dict[str, Any]
CREATE = {"clusterName", "namespace", "serviceAccount", "roleArn", "clientRequestToken", "tags"}
UPDATE = {"clusterName", "associationId", "roleArn", "clientRequestToken"}
ID_CHARACTERS = string.ascii_lowercase + string.digits


def _find(state: ClusterState, association_id: str) -> Record:
    if association_id not in state.associations:
        raise not_found(f"The associationId {association_id} is not found in {state.name}")
    return state.associations[association_id]


def effective(state: ClusterState, namespace: str, service_account: str) -> Record | None:
    """The association of a service account once it is in effect, which takes seconds."""
    for record in state.associations.values():
        if (record["namespace"], record["serviceAccount"]) == (namespace, service_account):
            return record if propagation.in_effect(record["createdAt"]) else None
    return None


def create(store: Store, call: Call) -> Result:
    params, state = call.params, store.state(call.params["clusterName"], call.region)
    offered.check_parameters(params, CREATE, "CreatePodIdentityAssociation")
    for present in state.associations.values():
        same = (present["namespace"], present["serviceAccount"])
        if same == (params["namespace"], params["serviceAccount"]):
            message = f"Association already exists: {present['associationId']}"
            return {"association": repeated(present, params, message)}
    roles.check_exists(params["roleArn"])
    association_id = "a-" + "".join(secrets.choice(ID_CHARACTERS) for _ in range(17))
    resource = f"podidentityassociation/{state.name}/{association_id}"
    state.associations[association_id] = {
        "clusterName": state.name,
        "namespace": params["namespace"],
        "serviceAccount": params["serviceAccount"],
        "roleArn": params["roleArn"],
        "associationArn": arn("eks", state.region, resource),
        "associationId": association_id,
        "tags": params.get("tags") or {},
        "createdAt": now(),
        "modifiedAt": now(),
        "disableSessionTags": False,
        "clientRequestToken": params.get("clientRequestToken"),
    }
    return {"association": state.associations[association_id]}


def describe(store: Store, call: Call) -> Result:
    state = store.state(call.params["clusterName"], call.region)
    return {"association": _find(state, call.params["associationId"])}


def listing(store: Store, call: Call) -> Result:
    params, state = call.params, store.state(call.params["clusterName"], call.region)
    found = [
        record
        for record in state.associations.values()
        if params.get("namespace") in (None, record["namespace"])
        and params.get("serviceAccount") in (None, record["serviceAccount"])
    ]
    return pages.cut("associations", found, params)


def update(store: Store, call: Call) -> Result:
    params, state = call.params, store.state(call.params["clusterName"], call.region)
    offered.check_parameters(params, UPDATE, "UpdatePodIdentityAssociation")
    record = _find(state, params["associationId"])
    if role := params.get("roleArn"):
        roles.check_exists(role)
        record |= {"roleArn": role, "modifiedAt": now()}
    return {"association": record}


def delete(store: Store, call: Call) -> Result:
    state = store.state(call.params["clusterName"], call.region)
    gone = _find(state, call.params["associationId"])
    del state.associations[call.params["associationId"]]
    return {"association": gone}
