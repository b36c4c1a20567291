"""EKS's pod identity webhook: it gives pods what an AWS SDK needs to get credentials.

Source: the README of aws/amazon-eks-pod-identity-webhook.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from localcloud.aws.eks import associations
from localcloud.aws.eks.store import Store

Pod = dict[str, Any]
ANNOTATION = "eks.amazonaws.com"
SKIP = f"{ANNOTATION}/skip-containers"
EXPIRATION = 86400  # seconds


@dataclass(frozen=True)
class Grant:
    """A source of credentials: the token to mount and the variables that an SDK reads."""

    volume: str
    audience: str
    folder: str
    file: str
    variables: Mapping[str, str]
    expiration: int = EXPIRATION

    @property
    def path(self) -> str:
        return f"{self.folder}/{self.file}"


def _regional(region: str) -> dict[str, str]:
    return {
        "AWS_STS_REGIONAL_ENDPOINTS": "regional",
        "AWS_DEFAULT_REGION": region,
        "AWS_REGION": region,
    }


def pod_identity(region: str) -> Grant:
    """Credentials from the Pod Identity agent of the node."""
    folder = "/var/run/secrets/pods.eks.amazonaws.com/serviceaccount"
    file = "eks-pod-identity-token"
    variables = {
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://169.254.170.23/v1/credentials",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": f"{folder}/{file}",
    }
    audience = "pods.eks.amazonaws.com"
    return Grant(file, audience, folder, file, {**_regional(region), **variables})


def irsa(annotations: Mapping[str, str], region: str) -> Grant | None:
    """Credentials from STS, for a service account that is annotated with a role (IRSA)."""
    role = annotations.get(f"{ANNOTATION}/role-arn")
    if not role:
        return None
    folder = f"/var/run/secrets/{ANNOTATION}/serviceaccount"
    variables = {"AWS_ROLE_ARN": role, "AWS_WEB_IDENTITY_TOKEN_FILE": f"{folder}/token"}
    regional = _regional(region)
    if annotations.get(f"{ANNOTATION}/sts-regional-endpoints") == "false":
        del regional["AWS_STS_REGIONAL_ENDPOINTS"]
    audience = annotations.get(f"{ANNOTATION}/audience", "sts.amazonaws.com")
    seconds = int(annotations.get(f"{ANNOTATION}/token-expiration", EXPIRATION))
    return Grant("aws-iam-token", audience, folder, "token", {**regional, **variables}, seconds)


def mutate(store: Store, cluster: str, review: dict[str, Any]) -> dict[str, Any]:
    """The AdmissionReview with its response."""
    request = review["request"]
    response: dict[str, Any] = {"uid": request["uid"], "allowed": True}
    grant = _grant(store, cluster, request)
    if grant:
        operations = patch(request["object"], grant)
        response["patchType"] = "JSONPatch"
        response["patch"] = base64.b64encode(json.dumps(operations).encode()).decode()
    return {"apiVersion": review["apiVersion"], "kind": "AdmissionReview", "response": response}


def _grant(store: Store, cluster: str, request: dict[str, Any]) -> Grant | None:
    namespace = request["namespace"]
    service_account = request["object"]["spec"].get("serviceAccountName") or "default"
    with store.lock:
        state = store.state(cluster)
        if associations.effective(state, namespace, service_account):
            return pod_identity(state.region)
        region = state.region
    try:  # without the lock, since this calls the API server
        annotations = store.service_account_annotations(cluster, namespace, service_account)
    except LookupError:
        return None
    return irsa(annotations, region)


def patch(pod: Pod, grant: Grant) -> list[dict[str, Any]]:
    """The JSON patch that adds a grant to a pod's containers, except those its annotation skips."""
    spec = pod["spec"]
    annotations = pod.get("metadata", {}).get("annotations") or {}
    skipped = {name.strip() for name in annotations.get(SKIP, "").split(",")}
    operations = []
    if grant.volume not in [volume["name"] for volume in spec.get("volumes") or []]:
        volumes = [_volume(grant), *(spec.get("volumes") or [])]
        operations.append({"op": "add", "path": "/spec/volumes", "value": volumes})
    for kind in ("initContainers", "containers"):
        containers = spec.get(kind) or []
        changed = [c if c["name"] in skipped else _container(c, grant) for c in containers]
        if changed != containers:
            operations.append({"op": "add", "path": f"/spec/{kind}", "value": changed})
    return operations


def _volume(grant: Grant) -> dict[str, Any]:
    token = {
        "audience": grant.audience,
        "expirationSeconds": grant.expiration,
        "path": grant.file,
    }
    return {"name": grant.volume, "projected": {"sources": [{"serviceAccountToken": token}]}}


def _container(container: dict[str, Any], grant: Grant) -> dict[str, Any]:
    """The container with the token's mount, and the variables that it does not set itself."""
    env, mounts = container.get("env") or [], container.get("volumeMounts") or []
    present = {variable["name"] for variable in env}
    added = [{"name": n, "value": v} for n, v in grant.variables.items() if n not in present]
    mount = {"name": grant.volume, "readOnly": True, "mountPath": grant.folder}
    if grant.volume not in [m["name"] for m in mounts]:
        mounts = [*mounts, mount]
    return {**container, "env": [*env, *added], "volumeMounts": mounts}
