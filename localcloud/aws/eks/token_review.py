"""The API server's token webhook: the Kubernetes user of a token that `aws eks get-token` made.

The token is a presigned request for STS GetCallerIdentity, bound to the cluster by a signed header;
source: aws-iam-authenticator's README ("API authorization from outside a cluster").
"""

import base64
import binascii
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from localcloud.aws import backends
from localcloud.aws.accounts import ACCOUNT
from localcloud.aws.caller import Caller, find_key
from localcloud.aws.eks import logs, reader
from localcloud.aws.eks.state import ClusterState
from localcloud.aws.eks.store import Store
from localcloud.aws.errors import AwsError
from localcloud.aws.iam import principals
from localcloud.aws.iam import signature as signatures
from localcloud.aws.request import Request

PREFIX = "k8s-aws-v1."
HEADER = "x-k8s-aws-id"
LIFETIME = timedelta(minutes=15)  # of a token, whatever its X-Amz-Expires says
PARAMETERS = {
    "Action", "Version", "X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires",
    "X-Amz-Security-Token", "X-Amz-Signature", "X-Amz-SignedHeaders",
}  # fmt: skip


class ClusterTokenError(ValueError):
    """A token that is not valid; the message says why."""


def review(store: Store, cluster: str, given: dict[str, Any]) -> dict[str, Any]:
    """The TokenReview with its status."""
    try:
        with store.lock:
            user = identify(store.state(cluster), given["spec"]["token"], datetime.now(UTC))
        status: dict[str, Any] = {"authenticated": True, "user": user}
    except (ClusterTokenError, AwsError) as error:
        status = {"authenticated": False, "error": str(error)}
    _log(store, cluster, status)
    return {"apiVersion": given["apiVersion"], "kind": "TokenReview", "status": status}


def _log(store: Store, cluster: str, status: dict[str, Any]) -> None:
    """Add a line to the authenticator's log, if that is enabled for the cluster."""
    now = datetime.now(UTC)
    if user := status.get("user"):
        text = f'level=info msg="access granted" arn="{user["extra"]["canonicalArn"][0]}"'
        text += f' groups="{user["groups"]}" username="{user["username"]}"'
    else:
        text = f'level=warning msg="access denied" error="{status["error"]}"'
    with store.lock:
        state = store.states.get(cluster)
        if state and "authenticator" in logs.enabled(state.record):
            event = logs.milliseconds(now), f'time="{now:%Y-%m-%dT%H:%M:%SZ}" {text}'
            state.authenticator.append(event)


def identify(state: ClusterState, token: str, now: datetime) -> dict[str, Any]:
    """The Kubernetes user of a token. Raises ClusterTokenError or AwsError."""
    caller = _caller(_request(token, state.name), now)
    entry = state.access_entries.get(caller.principal)
    if entry is None or entry.principal_id != principals.unique_id(caller.principal):
        raise ClusterTokenError(f"cluster {state.name} has no access entry for {caller.principal}")
    found = reader.access_entry(entry)
    policy_groups = [group for policy in found.policies for group in policy.groups]
    return {
        "username": username(found.username, caller, state.region),
        "uid": f"aws-iam-authenticator:{ACCOUNT}:{caller.principal}",
        "groups": [*found.groups, *policy_groups],
        "extra": {
            "arn": [caller.arn],
            "canonicalArn": [caller.principal],
            "accessKeyId": [caller.key_id],
            "sessionName": [caller.session or ""],
        },
    }


def username(template: str, caller: Caller, region: str) -> str:
    """An entry's user name with its variables filled in."""
    session = caller.session or ""
    values = {
        "{{SessionName}}": session.replace("@", "-"),
        "{{SessionNameRaw}}": session,
        "{{AccountID}}": ACCOUNT,
    }
    for name, value in values.items():
        template = template.replace(name, value)
    if "{{EC2PrivateDNSName}}" in template:
        instance = backends.ec2(region).get_instance_by_id(session)
        if instance is None:
            raise ClusterTokenError(f"{session} is not an instance")
        template = template.replace("{{EC2PrivateDNSName}}", instance.private_dns_name)
    return template


def _request(token: str, cluster: str) -> Request:
    """The presigned request that a token contains."""
    if not token.startswith(PREFIX):
        raise ClusterTokenError(f"the token does not begin with {PREFIX}")
    text = token.removeprefix(PREFIX)
    try:
        url = urlsplit(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode())
    except (binascii.Error, UnicodeDecodeError) as error:
        raise ClusterTokenError(f"the token is not a URL ({error})") from None
    names = dict(parse_qsl(url.query, keep_blank_values=True))
    if unknown := set(names) - PARAMETERS:
        raise ClusterTokenError(f"the token has unknown parameters: {', '.join(sorted(unknown))}")
    if names.get("Action") != "GetCallerIdentity" or url.path not in ("", "/"):
        raise ClusterTokenError("the token is not a request for GetCallerIdentity")
    if HEADER not in names.get("X-Amz-SignedHeaders", "").split(";"):
        raise ClusterTokenError(f"the token does not sign {HEADER}")
    headers = {"host": url.netloc, HEADER: cluster}
    return Request("GET", url.path or "/", url.query, headers, b"")


def _caller(request: Request, now: datetime) -> Caller:
    signature = signatures.of(request)
    if signature is None or signature.service != "sts":
        raise ClusterTokenError("the token is not signed for STS")
    if not signature.signed_at - signatures.SKEW <= now <= signature.signed_at + LIFETIME:
        raise ClusterTokenError(f"the token is of {signature.stamp}, and is valid for 15 minutes")
    found = find_key(signature.key_id)
    if found is None or found.token != signature.token or found.expired(now):
        raise ClusterTokenError(f"the access key {signature.key_id} is unknown or has expired")
    if not signatures.matches(signature, request, found.secret):
        raise ClusterTokenError("the token's signature is not valid for this cluster")
    return found.caller
