"""The operations on the client ids of OpenID Connect providers, which moto lacks."""

from typing import Any

from localcloud.aws import backends
from localcloud.aws.calls import Call


def _client_ids(call: Call) -> list[str]:
    provider = backends.iam().get_open_id_connect_provider(call.params["OpenIDConnectProviderArn"])
    ids: list[str] = provider.client_id_list
    return ids


def add_client_id(call: Call) -> dict[str, Any]:
    """Idempotent, as on AWS."""
    ids = _client_ids(call)
    if call.params["ClientID"] not in ids:
        ids.append(call.params["ClientID"])
    return {}


def remove_client_id(call: Call) -> dict[str, Any]:
    """Idempotent, as on AWS."""
    ids = _client_ids(call)
    if call.params["ClientID"] in ids:
        ids.remove(call.params["ClientID"])
    return {}
