"""Every type of the table is created, read, changed and deleted on the cloud's AWS API."""

import re
from collections.abc import Mapping
from typing import Any

import pytest

from localcloud.plugins.aws import types
from localcloud.plugins.aws.resource_type import ResourceType
from localcloud.plugins.provider import PluginError
from localcloud.plugins.values import UNKNOWN
from tests.api.plugins.aws.engine import Engine, Resource, Values
from tests.api.plugins.aws.examples import EXAMPLES, Example, changes
from tests.unit.localcloud.plugins.aws import comparison, sdk


def test_every_type_has_an_example() -> None:
    assert set(EXAMPLES) == set(types.table())


@pytest.fixture(params=EXAMPLES)
def token(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def example(token: str) -> Example:
    return EXAMPLES[token]


def test_it_lives_its_whole_life(
    token: str, example: Example, engine: Engine, present: Any
) -> None:
    inputs = example.inputs(present)
    made = engine.create(token, "life", inputs)
    assert holds(made.outputs, made.inputs)
    assert "None" not in str(made.outputs.get("arn", ""))
    assert list(comparison.of_values(made.outputs, sdk.outputs(token))) == []
    assert_settled(engine, made, inputs)
    assert_importable(engine, made, example)
    made = changed_in_place(engine, made, inputs)
    replaced = {**made.inputs, **example.replace}
    assert set(engine.diff(made, replaced).replaces) == set(example.replace)

    engine.delete(made)
    assert (engine.read(made).id == "") != example.alone
    engine.delete(made)  # a second time does no harm


def test_it_is_replaced_and_made_again(
    token: str, example: Example, engine: Engine, present: Any
) -> None:
    """`pulumi up --replace`, in the order of the engine, then `destroy` and `up` once more."""
    inputs = example.inputs(present)
    made = engine.create(token, "replaced", inputs)
    if not engine.diff(made, inputs).delete_first:
        new = engine.create(token, "replaced", inputs)
        assert (new.id == made.id) == example.alone
        engine.delete(made)
        assert (engine.read(made).id == "") != example.alone
        made = new
    for _ in range(3):
        engine.delete(made)
        made = engine.create(token, "replaced", inputs)
        assert_settled(engine, made, inputs)
    engine.delete(made)


# Types whose create call succeeds for what exists already.
TAKEN_TWICE = {
    "aws:ec2/routeTableAssociation:RouteTableAssociation",
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
    "aws:iam/rolePolicy:RolePolicy",
    "aws:eks/accessPolicyAssociation:AccessPolicyAssociation",
    "aws:s3/bucketPolicy:BucketPolicy",
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
}
ALONE = [token for token, kind in types.table().items() if kind.delete_first or kind.autoname]


@pytest.mark.parametrize("token", [token for token in ALONE if token not in TAKEN_TWICE])
def test_one_that_exists_already_is_refused_in_one_line(
    token: str, engine: Engine, present: Any
) -> None:
    kind, inputs = types.find(token), EXAMPLES[token].inputs(present)
    if kind.autoname:
        inputs[kind.autoname.property] = f"{kind.autoname.before}twice"
    made = engine.create(token, "first", inputs)
    with pytest.raises(PluginError) as refused:
        engine.create(token, "second", inputs)
    assert re.fullmatch(r"\w+: [\w.]+: .+", str(refused.value))
    engine.delete(made)


CREATIONS = {
    "aws:iam/role:Role": ["create_role", "get_role"],
    "aws:iam/instanceProfile:InstanceProfile": [
        *("create_instance_profile", "get_instance_profile"),
        *("get_instance_profile", "add_role_to_instance_profile", "get_instance_profile"),
    ],
    "aws:ec2/eip:Eip": ["allocate_address", "describe_addresses"],
    "aws:eks/podIdentityAssociation:PodIdentityAssociation": [
        *("create_pod_identity_association", "describe_pod_identity_association"),
    ],
}


@pytest.mark.parametrize("token", CREATIONS)
def test_a_creation_asks_for_nothing_but_itself(
    token: str, engine: Engine, present: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reading another stack's resource would fail when that is deleted meanwhile."""
    inputs = EXAMPLES[token].inputs(present)
    session, calls = engine.provider.session, []

    def call(service: str, region: str, operation: str, args: Any) -> Any:
        calls.append(operation)
        return type(session).call(session, service, region, operation, args)

    engine.delete(engine.create(token, "warm", inputs))  # the account is asked for once
    with monkeypatch.context() as patch:
        patch.setattr(session, "call", call)
        made = engine.create(token, "alone", inputs)
    engine.delete(made)
    assert calls == CREATIONS[token]


def assert_settled(engine: Engine, made: Resource, inputs: Values) -> None:
    """A refresh changes nothing, and there is no difference from the inputs."""
    assert engine.read(made) == made
    assert engine.diff(made, inputs).paths == {}


def assert_importable(engine: Engine, made: Resource, example: Example) -> None:
    """An import by the id finds all outputs and inputs that can be read."""
    found = engine.read(Resource(made.token, "imported", example.import_id(made)))
    assert found.id == made.id
    assert set(made.outputs) - set(found.outputs) <= set(example.unreadable)
    found.inputs |= {name: made.inputs[name] for name in example.unreadable}
    assert engine.diff(found, made.inputs).paths == {}


def changed_in_place(engine: Engine, made: Resource, inputs: Values) -> Resource:
    if not changes(made.token):
        return made
    news = {name: v for name, v in {**inputs, **changes(made.token)}.items() if v is not None}
    assert engine.diff(made, news).paths
    assert engine.diff(made, news).replaces == []
    planned = engine.update(made, news, preview=True).outputs
    changed = engine.update(made, news)
    assert_previewed(types.find(made.token), planned, changed.outputs)
    assert_settled(engine, changed, news)
    return changed


def assert_previewed(kind: ResourceType, planned: Values, found: Values) -> None:
    """The preview of an update showed the state after it, but for volatile outputs."""
    volatile = {name for update in kind.updates for name in update.volatile}
    open = {name for name, value in planned.items() if value is UNKNOWN}
    assert open <= volatile
    assert {**planned, **{name: found[name] for name in open}} == found


def holds(whole: Any, part: Any) -> bool:
    """Whether `whole` has everything that `part` has; objects may have more."""
    if isinstance(whole, Mapping) and isinstance(part, Mapping):
        return all(holds(whole.get(name), value) for name, value in part.items())
    return bool(whole == part)


def test_a_preview_shows_inputs_and_unknown_outputs(
    token: str, example: Example, engine: Engine, present: Any
) -> None:
    inputs = example.inputs(present)
    for given in (inputs, dict.fromkeys(inputs, UNKNOWN)):
        planned = engine.create(token, "planned", given, preview=True)
        assert planned.id == ""
        assert {name: planned.outputs[name] for name in inputs} == given
        assert all(planned.outputs[name] is UNKNOWN for name in types.find(token).outputs)
