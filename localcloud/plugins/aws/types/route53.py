"""Route 53 zones and records."""

from dataclasses import dataclass
from typing import Any

from localcloud.aws.route53.names import fqdn
from localcloud.plugins.aws.kinds import Array, Kind, Naming, boolean, integer, string
from localcloud.plugins.aws.properties import Prop
from localcloud.plugins.aws.resource_type import (
    ApiCall,
    Resource,
    ResourceType,
    Tagging,
    Timeouts,
    Update,
    update,
)
from localcloud.plugins.aws.rules import between, one_of
from localcloud.plugins.aws.tags import pairs
from localcloud.plugins.aws.types.ec2 import split_id


@dataclass(frozen=True)
class _Name(Kind):
    """A domain name; case and a dot at its end make no difference."""

    type: type = str
    title: str = "a domain name"

    def from_aws(self, value: Any, name: Naming) -> Any:
        return str(value).replace("\\052", "*").rstrip(".")

    def normal(self, value: Any) -> Any:
        return fqdn(value)


def _servers(resource: Resource, answer: Any) -> list[str]:
    return sorted(answer["DelegationSet"]["NameServers"])


def _delete_zone(resource: Resource) -> None:
    if resource["forceDestroy"]:
        for page in resource.pages("list_resource_record_sets", HostedZoneId=resource.id):
            for each in page["ResourceRecordSets"]:
                if each["Type"] not in ("SOA", "NS") or each["Name"] != fqdn(resource["name"]):
                    _change(resource, resource.id, "DELETE", each)
    resource.invoke("delete_hosted_zone", Id=resource.id)


def _change(resource: Resource, zone: str, action: str, records: dict[str, Any]) -> None:
    change = {"Action": action, "ResourceRecordSet": records}
    resource.invoke(
        "change_resource_record_sets", HostedZoneId=zone, ChangeBatch={"Changes": [change]}
    )


def _change_tags(resource: Resource, **changes: Any) -> None:
    zone = {"ResourceType": "hostedzone", "ResourceId": resource.id}
    resource.invoke("change_tags_for_resource", **zone, **changes)


ZONE = ResourceType(
    token="aws:route53/zone:Zone",
    service="route53",
    regional=False,
    properties={
        "name": Prop(_Name(), required=True, replace=True, read="HostedZone.Name"),
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
            "CallerReference": r.token,
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


def _put(action: str, resource: Resource) -> None:
    values = [{"Value": value} for value in resource["records"]]
    wanted = {**resource.arguments("name", "type", "ttl"), "ResourceRecords": values}
    _change(resource, resource["zoneId"], action, wanted)


def _delete_record(resource: Resource) -> None:
    """Delete the record set; Route 53 requires all of its present values."""
    if present := _READ_RECORD(resource):
        _change(resource, resource["zoneId"], "DELETE", present)


_READ_RECORD = ApiCall(
    "list_resource_record_sets",
    lambda r: {
        "HostedZoneId": r["zoneId"],
        "StartRecordName": r["name"],
        "StartRecordType": r["type"],
        "MaxItems": "1",
    },
    path=lambda r: (
        f"ResourceRecordSets[?Name=='{fqdn(r['name'])}' && Type=='{r['type']}'] | [0]".replace(
            "\\", "\\\\"
        )
    ),
)

RECORD = ResourceType(
    token="aws:route53/record:Record",
    service="route53",
    regional=False,
    properties={
        "zoneId": Prop(required=True, replace=True, read=None),
        "name": Prop(_Name(), required=True, replace=True),
        "type": Prop(
            string(one_of("A", "AAAA", "CAA", "CNAME", "MX", "NS", "PTR", "SRV", "TXT")),
            required=True,
            replace=True,
        ),
        "ttl": Prop(integer(between(0, 2147483647)), required=True, aws="TTL"),
        "records": Prop(Array(), required=True, read="ResourceRecords[].Value"),
        "allowOverwrite": Prop(boolean(), default=False, read=None),
    },
    outputs={"fqdn": lambda r, a: fqdn(r["name"]).replace("\\052", "*").rstrip(".")},
    create=lambda r: _put("UPSERT" if r["allowOverwrite"] else "CREATE", r),
    id=lambda r, a: f"{r['zoneId']}_{r['name']}_{r['type']}",
    from_id=split_id("_", "zoneId", "name", "type"),
    read=_READ_RECORD,
    updates=(Update(("ttl", "records"), (lambda r: _put("UPSERT", r),)),),
    delete=_delete_record,
    missing=("NoSuchHostedZone",),
    # Without the type: no other record set may have the name of a CNAME.
    delete_first=("zoneId", "name"),
    timeouts=Timeouts(1800, 1800, 1800),
)

TYPES = (ZONE, RECORD)
