"""What holds for all resources of a provider: where they are, and which tags they have.

As in pulumi-aws 7, `tags` are the resource's own and `tagsAll` has the provider's too:
https://www.pulumi.com/registry/packages/aws/how-to-guides/7-0-migration/#tags-changes
"""

import json
from pathlib import Path
from typing import Any

import pytest
from pulumi.runtime.proto import provider_pb2

from localcloud.plugins.aws import types
from localcloud.plugins.values import UNKNOWN, to_struct
from tests.api.plugins.aws.engine import Engine, Resource
from tests.api.plugins.aws.examples import EXAMPLES

REGION = "eu-west-1"
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
    request = provider_pb2.DiffRequest(old_inputs=to_struct(old), news=to_struct(new))
    response = engine.stub.DiffConfig(request)
    assert (list(response.replaces), list(response.diffs)) == (replaces, diffs)
    assert (response.changes == provider_pb2.DiffResponse.DIFF_SOME) == bool(diffs)


def made(engine: Engine, token: str, present: Any) -> tuple[Resource, dict[str, Any]]:
    inputs = {**EXAMPLES[token].inputs(present), "tags": {"Name": "own"}}
    return engine.create(token, "default-tags", inputs), inputs


@pytest.mark.parametrize("token", TAGGED)
def test_default_tags_come_change_and_go_with_the_first_update(token: str, present: Any) -> None:
    with Engine(region=REGION) as without:
        resource, inputs = made(without, token, present)
    for tags in ({"team": "a", "Name": "default"}, {"team": "b"}, {"other": "c"}, {}):
        with Engine(**configured(tags)) as engine:
            assert {path.split(".")[0] for path in engine.diff(resource, inputs).paths} == {
                "tagsAll"
            }
            resource = engine.update(resource, inputs)
            assert resource.outputs["tags"] == {"Name": "own"}
            assert resource.outputs["tagsAll"] == {**tags, "Name": "own"}
            assert engine.diff(resource, inputs).paths == {}
            refreshed = engine.refresh(resource)
            assert (refreshed.inputs, refreshed.outputs) == (resource.inputs, resource.outputs)
    with Engine(region=REGION) as engine:
        engine.delete(resource)


@pytest.mark.parametrize("token", TAGGED)
def test_a_new_resource_has_the_default_tags(token: str, present: Any) -> None:
    with Engine(**configured({"team": "a"})) as engine:
        resource, inputs = made(engine, token, present)
        assert resource.outputs["tagsAll"] == {"team": "a", "Name": "own"}
        planned = engine.create(token, "default-tags", inputs, preview=True)
        assert planned.outputs["tagsAll"] == resource.outputs["tagsAll"]
        imported = engine.imported(token, "imported", EXAMPLES[token].import_id(resource))
        assert imported.inputs["tags"] == {"Name": "own"}
        engine.delete(resource)


def test_a_default_tag_may_be_the_resources_own_too(engine: Engine) -> None:
    with Engine(**configured({"team": "a"})) as engine:
        inputs = {"cidrBlock": "10.0.0.0/16", "tags": {"team": "a"}}
        resource = engine.create(VPC, "same", inputs)
        assert resource.outputs["tags"] == resource.outputs["tagsAll"] == {"team": "a"}
        assert engine.diff(engine.refresh(resource), inputs).paths == {}
        engine.delete(resource)


def test_what_others_tag_is_the_resources_own(engine: Engine, client: Any) -> None:
    with Engine(**configured({"team": "a"})) as engine:
        inputs = {"cidrBlock": "10.0.0.0/16"}
        resource = engine.create(VPC, "drifted", inputs)
        tags = [{"Key": "team", "Value": "b"}, {"Key": "more", "Value": "c"}]
        client("ec2").create_tags(Resources=[resource.id], Tags=tags)
        refreshed = engine.refresh(resource)
        assert refreshed.inputs["tags"] == {"team": "b", "more": "c"}
        mended = engine.update(refreshed, inputs)
        assert mended.outputs["tagsAll"] == {"team": "a"}
        engine.delete(mended)


def test_tags_that_are_not_known_yet_leave_all_tags_open() -> None:
    with Engine(**configured({"team": "a"})) as engine:
        inputs = {"cidrBlock": "10.0.0.0/16", "tags": UNKNOWN}
        assert engine.create(VPC, "open", inputs, preview=True).outputs["tagsAll"] is UNKNOWN
        inputs["tags"] = {"Name": UNKNOWN}
        planned = engine.create(VPC, "open", inputs, preview=True)
        assert planned.outputs["tagsAll"] == {"team": "a", "Name": UNKNOWN}


def test_calls_are_signed_by_the_roles_of_the_configuration(client: Any, engine: Engine) -> None:
    """https://www.pulumi.com/registry/packages/aws/installation-configuration/: assumeRoles."""
    root = {"Effect": "Allow", "Principal": {"AWS": "123456789012"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [root]})
    iam, arns = client("iam"), []
    for name in ("first", "second"):
        made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)
        arns.append(made["Role"]["Arn"])
        policy = "arn:aws:iam::aws:policy/AdministratorAccess"
        iam.attach_role_policy(RoleName=name, PolicyArn=policy)
    roles = [{"roleArn": arns[0]}, {"roleArn": arns[1], "sessionName": "me"}]
    with Engine(region=REGION, assumeRoles=json.dumps(roles)) as assumed:
        found = assumed.invoke("aws:index/getCallerIdentity:getCallerIdentity", {})
    assert found["arn"].endswith(":assumed-role/second/me")


def test_calls_are_signed_by_the_profile_of_the_configuration(
    client: Any, engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client("iam").create_user(UserName="other")
    given = client("iam").create_access_key(UserName="other")["AccessKey"]
    file = tmp_path / "credentials"
    file.write_text(
        f"[team]\naws_access_key_id={given['AccessKeyId']}\n"
        f"aws_secret_access_key={given['SecretAccessKey']}\n"
    )
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(file))
    with Engine(region=REGION, profile="team") as other:
        found = other.invoke("aws:index/getCallerIdentity:getCallerIdentity", {})
    assert found["arn"].endswith(":user/other")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"assumeRoles": json.dumps([{"sessionName": "a"}])}, "is required"),
        ({"assumeRoles": json.dumps([{"roleArn": "arn:aws:iam::1:role/a", "policy": "p"}])}, "pol"),
    ],
)
def test_other_credentials_are_refused(engine: Engine, given: dict[str, str], words: str) -> None:
    request = provider_pb2.CheckRequest(news=to_struct({"region": REGION, **given}))
    failures = engine.stub.CheckConfig(request).failures
    assert words in " ".join(f"{each.property} {each.reason}" for each in failures)
