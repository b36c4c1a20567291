"""OpenID Connect providers: the issuers whose tokens IAM trusts."""

from dataclasses import dataclass
from typing import Any

from localcloud.plugins.aws.kinds import Array, Kind, Naming
from localcloud.plugins.aws.properties import Prop
from localcloud.plugins.aws.resource_type import ApiCall, Resource, ResourceType, Update, update
from localcloud.plugins.aws.types.iam_shared import tagging


@dataclass(frozen=True)
class _Url(Kind):
    """A URL; IAM returns it without https://."""

    type: type = str
    title: str = "a URL"

    def from_aws(self, value: Any, name: Naming) -> Any:
        return value if value.startswith("https://") else f"https://{value}"

    def normal(self, value: Any) -> Any:
        return value.removeprefix("https://")


def _provider_arn(resource: Resource, answer: Any) -> str:
    host = resource["url"].removeprefix("https://")
    return f"arn:aws:iam::{resource.session.account(resource.region)}:oidc-provider/{host}"


def _set_clients(resource: Resource) -> None:
    old, new = set(resource.old.get("clientIdLists") or ()), set(resource["clientIdLists"])
    arn = resource.id
    for client in sorted(new - old):
        operation = "add_client_id_to_open_id_connect_provider"
        resource.invoke(operation, OpenIDConnectProviderArn=arn, ClientID=client)
    for client in sorted(old - new):
        operation = "remove_client_id_from_open_id_connect_provider"
        resource.invoke(operation, OpenIDConnectProviderArn=arn, ClientID=client)


OIDC_PROVIDER = ResourceType(
    token="aws:iam/openIdConnectProvider:OpenIdConnectProvider",
    service="iam",
    regional=False,
    properties={
        "url": Prop(_Url(), required=True, replace=True),
        "clientIdLists": Prop(Array(), required=True, aws="ClientIDList"),
        "thumbprintLists": Prop(Array(), computed=True, aws="ThumbprintList"),
    },
    outputs={"arn": lambda r, a: r.id},
    create=ApiCall(
        "create_open_id_connect_provider",
        lambda r: r.creation("url", "clientIdLists", "thumbprintLists"),
    ),
    id=_provider_arn,
    read=ApiCall("get_open_id_connect_provider", lambda r: {"OpenIDConnectProviderArn": r.id}),
    updates=(
        Update(("clientIdLists",), (_set_clients,)),
        update(
            ("thumbprintLists",),
            "update_open_id_connect_provider_thumbprint",
            lambda r: {"OpenIDConnectProviderArn": r.id, **r.arguments("thumbprintLists")},
        ),
    ),
    delete=ApiCall("delete_open_id_connect_provider", lambda r: {"OpenIDConnectProviderArn": r.id}),
    missing=("NoSuchEntity",),
    delete_first=("url",),
    tagging=tagging("open_id_connect_provider", "OpenIDConnectProviderArn"),
)

TYPES = (OIDC_PROVIDER,)
