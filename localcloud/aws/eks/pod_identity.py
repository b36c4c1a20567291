"""EKS Auth: the credentials of a pod whose service account has a pod identity association."""

import uuid
from typing import Any

from localcloud.aws.calls import Call
from localcloud.aws.eks import associations, service_account_tokens
from localcloud.aws.eks.state import ClusterState, Record, not_found
from localcloud.aws.eks.store import Store
from localcloud.aws.errors import AwsError
from localcloud.aws.iam import policy, sessions

AUDIENCE = "pods.eks.amazonaws.com"
SECONDS = 6 * 3600
MAX_SESSION_NAME = 64  # characters


def assume_role_for_pod_identity(store: Store, call: Call) -> dict[str, Any]:
    """Raises AwsError: ExpiredTokenException, InvalidTokenException, ResourceNotFoundException
    (no association), AccessDeniedException (the role does not trust EKS Auth)."""
    if call.operation != "AssumeRoleForPodIdentity":
        raise AwsError("InvalidRequestException", f"{call.operation} is not offered")
    state = store.state(call.params["clusterName"])
    token = _verified(store, state, call.params["token"])
    pod = token.kubernetes
    namespace = pod.get("namespace", "")
    service_account = pod.get("serviceaccount", {}).get("name", "")
    association = _association(state, namespace, service_account)
    tags = _tags(state, pod, namespace, service_account)
    role = _trusting(association["roleArn"], state, tags)
    suffix = f"-{uuid.uuid4()}"
    name = f"eks-{state.name}-{tags['kubernetes-pod-name']}"[: MAX_SESSION_NAME - len(suffix)]
    session = sessions.begin(role, name + suffix, state.region, SECONDS, tags=tags)
    given = sessions.credentials(session)
    return {
        "subject": {"namespace": namespace, "serviceAccount": service_account},
        "audience": AUDIENCE,
        "podIdentityAssociation": {
            "associationArn": association["associationArn"],
            "associationId": association["associationId"],
        },
        "assumedRoleUser": {"arn": session.arn, "assumeRoleId": session.user_id},
        "credentials": {name[0].lower() + name[1:]: value for name, value in given.items()},
    }


def _verified(store: Store, state: ClusterState, text: str) -> service_account_tokens.Token:
    try:
        token = service_account_tokens.verify(store, text)
    except service_account_tokens.ExpiredToken as error:
        raise AwsError("ExpiredTokenException", f"Token expired: {error}") from None
    except service_account_tokens.ServiceAccountTokenError as error:
        raise AwsError("InvalidTokenException", f"Token cannot be verified: {error}") from None
    if token.cluster is not state:
        raise AwsError("InvalidTokenException", f"The token is not one of cluster {state.name}")
    if AUDIENCE not in token.audiences:
        raise AwsError("InvalidTokenException", f"The token's audience is not {AUDIENCE}")
    return token


def _association(state: ClusterState, namespace: str, service_account: str) -> Record:
    if record := associations.effective(state, namespace, service_account):
        return record
    raise not_found(
        f"Pod identity association not found for namespace {namespace} and service account "
        f"{service_account} in cluster {state.name}"
    )


def _tags(state: ClusterState, pod: Record, namespace: str, service_account: str) -> dict[str, str]:
    """The session tags that EKS sets."""
    return {
        "eks-cluster-arn": state.record["arn"],
        "eks-cluster-name": state.name,
        "kubernetes-namespace": namespace,
        "kubernetes-service-account": service_account,
        "kubernetes-pod-name": pod.get("pod", {}).get("name", ""),
        "kubernetes-pod-uid": pod.get("pod", {}).get("uid", ""),
    }


def _trusting(role_arn: str, state: ClusterState, tags: dict[str, str]) -> Any:
    """The role. Raises AwsError unless it trusts EKS Auth to assume it and to tag the session."""
    denied = AwsError(
        "AccessDeniedException", f"Unauthorized Exception! EKS does not have rights on {role_arn}"
    )
    role = sessions.role_of(role_arn, denied)
    context: dict[str, tuple[str, ...]] = {
        "aws:sourcearn": (state.record["arn"],),
        "aws:sourceaccount": (state.record["arn"].split(":")[4],),
        "aws:tagkeys": tuple(tags),
    }
    for name, value in tags.items():
        context[f"aws:requesttag/{name}"] = (value,)
    for action in ("sts:AssumeRole", "sts:TagSession"):
        request = policy.PermissionRequest(action, (), context, frozenset({AUDIENCE}))
        if not policy.resource_policy_allows(str(role.assume_role_policy_document), request):
            raise denied
    return role
