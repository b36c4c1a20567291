"""Route 53 zones."""

from dataclasses import dataclass
from typing import Any

from localcloud.aws.route53.names import fqdn
from localcloud.plugins.aws.kinds import Kind, Naming, boolean
from localcloud.plugins.aws.properties import Prop
from localcloud.plugins.aws.resource_type import (
    ApiCall,
    Resource,
    ResourceType,
    Tagging,
    Timeouts,
    update,
)
from localcloud.plugins.aws.tags import pairs


def written(name: str) -> str:
    """A domain name as the official provider writes it."""
    return name.replace("\\052", "*").removesuffix(".").lower()


@dataclass(frozen=True)
class DomainName(Kind):
    """A domain name; case and a dot at its end make no difference."""

    type: type = str
    title: str = "a domain name"

    def from_aws(self, value: Any, name: Naming) -> Any:
        return written(value)

    def normal(self, value: Any) -> Any:
        return fqdn(value)


def _servers(resource: Resource, answer: Any) -> list[str]:
    return sorted(answer["DelegationSet"]["NameServers"])


def _delete_zone(resource: Resource) -> None:
    if resource["forceDestroy"]:
        for page in resource.pages("list_resource_record_sets", HostedZoneId=resource.id):
            for each in page["ResourceRecordSets"]:
                if each["Type"] not in ("SOA", "NS") or each["Name"] != fqdn(resource["name"]):
                    change = {"Action": "DELETE", "ResourceRecordSet": each}
                    resource.invoke(
                        "change_resource_record_sets",
                        HostedZoneId=resource.id,
                        ChangeBatch={"Changes": [change]},
                    )
    resource.invoke("delete_hosted_zone", Id=resource.id)


def _change_tags(resource: Resource, **changes: Any) -> None:
    zone = {"ResourceType": "hostedzone", "ResourceId": resource.id}
    resource.invoke("change_tags_for_resource", **zone, **changes)


ZONE = ResourceType(
    token="aws:route53/zone:Zone",
    service="route53",
    regional=False,
    properties={
        "name": Prop(
            DomainName(), required=True, replace=True, read="HostedZone.Name", as_read=True
        ),
        "comment": Prop(default="Managed by Pulumi", read="HostedZone.Config.Comment"),
        "forceDestroy": Prop(boolean(), default=False, read=None),
    },
    outputs={
        "arn": lambda r, a: f"arn:aws:route53:::hostedzone/{r.id}",
        "zoneId": lambda r, a: r.id,
        "nameServers": _servers,
        "primaryNameServer": lambda r, a: _servers(r, a)[0],
    },
    create=ApiCall(
        "create_hosted_zone",
        lambda r: {
            **r.arguments("name"),
            "CallerReference": r.client_token,
            "HostedZoneConfig": {"Comment": r["comment"], "PrivateZone": False},
        },
    ),
    id=lambda r, a: a["HostedZone"]["Id"].removeprefix("/hostedzone/"),
    read=ApiCall("get_hosted_zone", lambda r: {"Id": r.id}),
    extra_reads={
        "tags": ApiCall(
            "list_tags_for_resource",
            lambda r: {"ResourceType": "hostedzone", "ResourceId": r.id},
            "ResourceTagSet.Tags",
        )
    },
    updates=(
        update(
            ("comment",),
            "update_hosted_zone_comment",
            lambda r: {"Id": r.id, "Comment": r["comment"]},
        ),
    ),
    delete=_delete_zone,
    missing=("NoSuchHostedZone",),
    tagging=Tagging(
        argument=lambda tags: {},  # CreateHostedZone takes no tags: `set` follows it
        set=lambda r: _change_tags(r, AddTags=pairs(r.tags_set)),
        unset=lambda r: _change_tags(r, RemoveTagKeys=r.tags_unset),
        path="tags",
    ),
    timeouts=Timeouts(1800, 1800, 1800),
)


TYPES = (ZONE,)
