"""The paths beside the AWS API: OIDC issuers' documents and the webhooks of API servers."""

import json
import re
from collections.abc import Callable
from typing import Any

from localcloud.aws.eks import issuer, pod_webhook, token_review
from localcloud.aws.eks.store import Store
from localcloud.aws.request import Request, Response

ISSUER = re.compile(r"/id/(?P<id>[0-9A-F]{32})(?P<path>/.*)")
WEBHOOK = re.compile(r"/_cloud/clusters/(?P<cluster>[^/]+)/(?P<name>[a-z-]+)")
Webhook = Callable[[Store, str, dict[str, Any]], dict[str, Any]]
WEBHOOKS: dict[str, Webhook] = {
    "token-review": token_review.review,
    "mutate-pods": pod_webhook.mutate,
}


def answer(store: Store, request: Request) -> Response | None:
    """The response to a request for one of these paths, or None if it is for the AWS API."""
    if match := ISSUER.fullmatch(request.path):
        return _document(store, match["id"], match["path"])
    if match := WEBHOOK.fullmatch(request.path):
        webhook = WEBHOOKS.get(match["name"])
        if webhook is None or request.method != "POST":
            return _json(404, {"message": f"no webhook {match['name']}"})
        return _json(200, webhook(store, match["cluster"], json.loads(request.body)))
    return None


def _json(status: int, content: dict[str, Any]) -> Response:
    return Response(status, (("Content-Type", "application/json"),), json.dumps(content).encode())


def _document(store: Store, issuer_id: str, path: str) -> Response:
    with store.lock:
        for state in store.states.values():
            url = state.record["identity"]["oidc"]["issuer"]
            if url.endswith(f"/id/{issuer_id}"):
                body = issuer.document(state.service_account_key, url, path)
                if body:
                    return Response(200, (("Content-Type", "application/json"),), body)
    return _json(404, {"message": f"no issuer document {issuer_id}{path}"})
