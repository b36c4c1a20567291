"""Lists that AWS answers in pages are read to their end."""

import threading
from typing import Any

import boto3
from botocore.stub import Stubber

from localcloud.plugins.aws import reading, types
from localcloud.plugins.aws.resource_type import Resource
from localcloud.plugins.aws.session import Clients, Session
from tests.api.plugins.aws.engine import Engine


def test_an_alias_is_found_on_the_second_page() -> None:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_ListAliases.html"""
    keys = {"aws_access_key_id": "-", "aws_secret_access_key": "-"}
    clients = Clients()
    first = {"AliasName": "alias/first", "TargetKeyId": "1"}
    second = {"AliasName": "alias/second", "TargetKeyId": "2"}
    with Stubber(clients.get("kms", "r", **keys)) as stub:
        page = {"Aliases": [first], "Truncated": True, "NextMarker": "more"}
        stub.add_response("list_aliases", page, {})
        stub.add_response("list_aliases", {"Aliases": [second]}, {"Marker": "more"})
        key = {"KeyMetadata": {"KeyId": "2"}}
        stub.add_response("describe_key", key, {"KeyId": "alias/second"})
        alias = types.find("aws:kms/alias:Alias")
        session = Session(threading.Event(), clients)
        found = reading.describe(
            Resource(type=alias, session=session, region="r", id="alias/second")
        )
    assert found["TargetKeyId"] == "2"


def test_a_zone_is_deleted_with_more_records_than_a_page_has(engine: Engine) -> None:
    """https://docs.aws.amazon.com/Route53/latest/APIReference/API_ListResourceRecordSets.html"""
    inputs = {"name": "many.example", "forceDestroy": True}
    zone = engine.create("aws:route53/zone:Zone", "many", inputs)
    record: dict[str, Any] = {"Type": "TXT", "TTL": 60, "ResourceRecords": [{"Value": '""'}]}
    changes = [
        {"Action": "CREATE", "ResourceRecordSet": {"Name": f"n{n}.many.example", **record}}
        for n in range(301)
    ]
    boto3.client("route53").change_resource_record_sets(
        HostedZoneId=zone.id, ChangeBatch={"Changes": changes}
    )
    engine.delete(zone)
    assert engine.read(zone).id == ""
