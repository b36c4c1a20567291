"""AWS's models refuse what AWS would refuse: the tests of the aws plugin rely on it."""

from typing import Any

import botocore.session
import pytest
from botocore.awsrequest import AWSResponse

from tests.unit.localcloud.plugins.aws.models import (
    Breach,
    StrictClients,
    breaches,
    completeness,
    constraints,
)

SESSION = botocore.session.get_session()
RECORD = {"Name": "a.example.com", "Type": "CNAME", "ResourceRecords": [{"Value": "b.example"}]}


def _model(service: str, operation: str) -> Any:
    return SESSION.get_service_model(service).operation_model(operation)


def _change(**record: Any) -> dict[str, Any]:
    change = {"Action": "CREATE", "ResourceRecordSet": {**RECORD, **record}}
    return {"HostedZoneId": "Z1", "ChangeBatch": {"Changes": [change]}}


@pytest.mark.parametrize(
    ("service", "operation", "request_", "reason"),
    [
        ("route53", "ChangeResourceRecordSets", _change(), None),
        ("route53", "ChangeResourceRecordSets", _change(Type="X"), "'X', not one of SOA, A, "),
        ("route53", "ChangeResourceRecordSets", _change(TTL=-1), ".TTL is -1, not from 0 to 21474"),
        ("route53", "ChangeResourceRecordSets", _change(Names=""), "has no member Names"),
        ("iam", "CreateRole", {"RoleName": "r" * 64, "Path": "/a/"}, None),
        ("iam", "CreateRole", {"RoleName": "r" * 65}, ".RoleName is 65, not from 1 to 64"),
        ("iam", "CreateRole", {"RoleName": "a b"}, ".RoleName is 'a b', not of the form "),
        ("iam", "TagRole", {"Tags": [{"Key": "Größe: 1", "Value": "a b"}]}, None),
        ("iam", "TagRole", {"Tags": [{"Key": "a!", "Value": ""}]}, ".Tags[0].Key is 'a!', not of"),
        ("iam", "TagRole", {"Tags": [{}] * 51}, ".Tags is 51, not from None to 50"),
        ("eks", "TagResource", {"tags": {"": "x"}}, ".tags key is 0, not from 1 to 128"),
        ("eks", "TagResource", {"tags": {"a": "x" * 257}}, ".tags['a'] is 257, not from None to"),
    ],
)
def test_a_request_is_what_the_model_says(
    service: str, operation: str, request_: dict[str, Any], reason: str | None
) -> None:
    found = list(breaches(_model(service, operation).input_shape, request_, constraints))
    assert len(found) == (reason is not None)
    assert reason is None or reason in found[0]


def test_an_answer_has_what_the_model_requires() -> None:
    shape = _model("iam", "ListRolePolicies").output_shape
    assert list(breaches(shape, {"PolicyNames": ["a"]}, completeness)) == []
    assert list(breaches(shape, {"IsTruncated": False}, completeness)) == ["it lacks PolicyNames"]
    shape = _model("kms", "CreateKey").output_shape
    assert list(breaches(shape, {"KeyMetadata": {}}, completeness)) == [".KeyMetadata lacks KeyId"]


def test_clients_send_and_take_only_what_the_models_allow() -> None:
    client = StrictClients().get(
        "iam", "eu-west-1", aws_access_key_id="-", aws_secret_access_key="-"
    )
    with pytest.raises(Breach, match=r"^iam ListRolePolicies: \.RoleName is 'a b', not of the for"):
        client.list_role_policies(RoleName="a b")
    # An answer in the place of the network's: nothing is sent.
    body = b"<ListRolePoliciesResponse><ListRolePoliciesResult/></ListRolePoliciesResponse>"
    answer = AWSResponse("", 200, {}, None)
    answer._content = body
    client.meta.events.register("before-send", lambda **_: answer)
    with pytest.raises(Breach, match=r"^iam ListRolePolicies: it lacks PolicyNames$"):
        client.list_role_policies(RoleName="a")
