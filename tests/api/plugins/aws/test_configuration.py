"""What holds for all resources of a provider: where they are, and which tags they have.

As in pulumi-aws 7, `tags` are the resource's own and `tagsAll` has the provider's too:
https://www.pulumi.com/registry/packages/aws/how-to-guides/7-0-migration/#tags-changes
"""

import json
from pathlib import Path
from typing import Any

import boto3
import pytest
from pulumi.runtime.proto import provider_pb2

from localcloud.plugins.aws import types
from localcloud.plugins.values import UNKNOWN
from tests.api.aws.support import grant, make_role
from tests.api.plugins.aws.engine import Engine, Resource, Values
from tests.api.plugins.aws.examples import EXAMPLES
from tests.api.plugins.conftest import REGION

VPC = "aws:ec2/vpc:Vpc"
TAGGED = [token for token, kind in types.table().items() if kind.tagging]


def configured(tags: dict[str, str]) -> dict[str, Any]:
    return {"region": REGION, "defaultTags": json.dumps({"tags": tags})}


@pytest.mark.parametrize(
    ("old", "new", "replaces", "diffs"),
    [
        ({"region": "eu-west-1"}, {"region": "eu-west-2"}, ["region"], ["region"]),
        ({"region": REGION}, {"region": REGION}, [], []),
        ({"region": REGION}, {"region": UNKNOWN}, [], []),
        ({"region": REGION}, configured({"a": "b"}), [], ["defaultTags"]),
        (configured({"a": "b"}), configured({"a": "c"}), [], ["defaultTags"]),
        (configured({"a": "b"}), {"region": REGION}, [], ["defaultTags"]),
        (configured({}), {"region": REGION}, [], []),
        (configured({}), {"region": REGION, "defaultTags": UNKNOWN}, [], ["defaultTags"]),
    ],
)
def test_a_changed_configuration_says_so(
    engine: Engine, old: Any, new: Any, replaces: list[str], diffs: list[str]
) -> None:
    """Without it the engine goes on with the provider as it was configured before."""
    response = engine.call("DiffConfig", old_inputs=old, news=new)
    assert (list(response.replaces), list(response.diffs)) == (replaces, diffs)
    assert (response.changes == provider_pb2.DiffResponse.DIFF_SOME) == bool(diffs)


def made(engine: Engine, token: str, present: Any) -> tuple[Resource, Values]:
    inputs = {**EXAMPLES[token].inputs(present), "tags": {"Name": "own"}}
    return engine.create(token, "default-tags", inputs), inputs


@pytest.mark.parametrize("token", TAGGED)
def test_default_tags_come_change_and_go_with_the_first_update(
    token: str, engine: Engine, present: Any
) -> None:
    resource, inputs = made(engine, token, present)
    for tags in ({"team": "a", "Name": "default"}, {"team": "b"}, {"other": "c"}, {}):
        tagging = Engine(**configured(tags))
        assert {path.split(".")[0] for path in tagging.diff(resource, inputs).paths} == {"tagsAll"}
        resource = tagging.update(resource, inputs)
        assert resource.outputs["tags"] == {"Name": "own"}
        assert resource.outputs["tagsAll"] == {**tags, "Name": "own"}
        assert tagging.diff(resource, inputs).paths == {}
        assert tagging.read(resource) == resource
    engine.delete(resource)


TEAM = configured({"team": "a"})


@pytest.mark.parametrize("token", TAGGED)
def test_a_new_resource_has_the_default_tags(token: str, present: Any) -> None:
    engine = Engine(**TEAM)
    resource, inputs = made(engine, token, present)
    assert resource.outputs["tagsAll"] == {"team": "a", "Name": "own"}
    planned = engine.create(token, "default-tags", inputs, preview=True)
    assert planned.outputs["tagsAll"] == resource.outputs["tagsAll"]
    imported = engine.read(Resource(token, "imported", EXAMPLES[token].import_id(resource)))
    assert imported.inputs["tags"] == {"Name": "own"}
    engine.delete(resource)


def test_a_default_tag_may_be_the_resources_own_too(api: Any) -> None:
    engine = Engine(**TEAM)
    inputs = {"cidrBlock": "10.0.0.0/16", "tags": {"team": "a"}}
    resource = engine.create(VPC, "same", inputs)
    assert resource.outputs["tags"] == resource.outputs["tagsAll"] == {"team": "a"}
    assert engine.diff(engine.read(resource), inputs).paths == {}
    engine.delete(resource)


def test_what_others_tag_is_the_resources_own(api: Any) -> None:
    engine, inputs = Engine(**TEAM), {"cidrBlock": "10.0.0.0/16"}
    resource = engine.create(VPC, "drifted", inputs)
    tags = [{"Key": "team", "Value": "b"}, {"Key": "more", "Value": "c"}]
    boto3.client("ec2").create_tags(Resources=[resource.id], Tags=tags)
    refreshed = engine.read(resource)
    assert refreshed.inputs["tags"] == {"team": "b", "more": "c"}
    mended = engine.update(refreshed, inputs)
    assert mended.outputs["tagsAll"] == {"team": "a"}
    engine.delete(mended)


@pytest.mark.parametrize(
    ("tags", "every"),
    [(UNKNOWN, UNKNOWN), ({"Name": UNKNOWN}, {"team": "a", "Name": UNKNOWN})],
)
def test_tags_that_are_not_known_yet_leave_all_tags_open(tags: Any, every: Any) -> None:
    inputs = {"cidrBlock": "10.0.0.0/16", "tags": tags}
    planned = Engine(**TEAM).create(VPC, "open", inputs, preview=True)
    assert planned.outputs["tagsAll"] == every


def caller(**config: str) -> str:
    """The ARN as which a provider of this configuration calls AWS."""
    engine = Engine(region=REGION, **config)
    return str(engine.invoke("aws:index/getCallerIdentity:getCallerIdentity", {})["arn"])


def test_calls_are_signed_by_the_roles_of_the_configuration(api: Any) -> None:
    """https://www.pulumi.com/registry/packages/aws/installation-configuration/: assumeRoles."""
    first, second = (make_role(boto3.client, name, grant("*")) for name in ("first", "second"))
    roles = [{"roleArn": first}, {"roleArn": second, "sessionName": "me"}]
    assert caller(assumeRoles=json.dumps(roles)).endswith(":assumed-role/second/me")


def test_calls_are_signed_by_the_profile_of_the_configuration(
    api: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    iam = boto3.client("iam")
    iam.create_user(UserName="other")
    given = iam.create_access_key(UserName="other")["AccessKey"]
    file = tmp_path / "credentials"
    file.write_text(
        f"[team]\naws_access_key_id={given['AccessKeyId']}\n"
        f"aws_secret_access_key={given['SecretAccessKey']}\n"
    )
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(file))
    assert caller(profile="team").endswith(":user/other")
