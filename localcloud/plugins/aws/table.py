"""What an entry of the table of AWS types is made of.

An entry is one `ResourceType`: data that names the type, its properties and the API calls that
make, read, change and delete it. How entries are carried out is in lifecycle.py, the same way for
all. Where an API needs more than one call, a step is a plain function instead of a `Call`.
Steps work with a `Record`, one resource of the type.
"""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from localcloud.plugins.aws.kinds import Naming, Texts
from localcloud.plugins.aws.properties import Prop
from localcloud.plugins.aws.session import AwsError, Session, search
from localcloud.plugins.aws.tags import all_tags

Step = Callable[["Record"], Any]
"""One thing done in AWS for a resource, such as a `Call`; returns the answer."""


def upper(name: str) -> str:
    """How EC2, IAM, KMS and Route 53 write a property's name: `VpcId`."""
    return name[:1].upper() + name[1:]


def same(name: str) -> str:
    """How EKS and CloudWatch Logs write it: `roleArn`."""
    return name


@dataclass(frozen=True)
class Call:
    """One API call of the type's own service.

    Args:
        operation: the method of the boto3 client, such as `create_vpc`.
        args: the arguments, from the resource; those that are None are left out.
        path: the part of the answer that matters (JMESPath), or a function that says so.
        ignore: error codes that mean there is nothing left to do.
        service: when it is not the type's own.
    """

    operation: str
    args: Callable[["Record"], Mapping[str, Any]]
    path: "str | Callable[[Record], str]" = "@"
    ignore: tuple[str, ...] = ()
    service: str = ""

    def __call__(self, record: "Record") -> Any:
        return record.call(self)


@dataclass(frozen=True)
class Update:
    """The steps to take, in order, when any of `properties` changed.

    They also follow create for what AWS, having made the resource, does not have as wanted: so
    properties that the create call does not take need nothing more. `volatile` are the outputs
    that the steps may change: a preview leaves them open, and no others.
    """

    properties: tuple[str, ...]
    steps: tuple[Step, ...]
    volatile: tuple[str, ...] = ()


def update(
    properties: tuple[str, ...],
    operation: str,
    args: Callable[["Record"], Mapping[str, Any]],
    volatile: tuple[str, ...] = (),
) -> Update:
    """The update that is one API call."""
    return Update(properties, (Call(operation, args),), volatile)


@dataclass(frozen=True)
class Until:
    """When a wait is over, by a state in the read answer.

    Args:
        path: where the state is (JMESPath).
        done: the states that end the wait.
        failed: the states that never become one of `done`.
        reason: where the answer says why it failed (JMESPath).
    """

    path: str
    done: frozenset[str]
    failed: frozenset[str] = frozenset()
    reason: str = "''"


@dataclass(frozen=True)
class Tagging:
    """How one service sets, changes and tells tags.

    Args:
        argument: the arguments of the create call, from all tags.
        path: where the read answer has them (JMESPath): a map, or a list of {Key, Value}.
        set, unset: the calls that change them: `record.tags_set`, `record.tags_unset`.
    """

    argument: Callable[[Mapping[str, str]], Mapping[str, Any]]
    set: Step
    unset: Step
    path: str = "Tags"


@dataclass(frozen=True)
class Autoname:
    """Without a name Check makes one: `before`, the program's name or prefix, a random suffix."""

    property: str = "name"
    limit: int = 255
    before: str = ""


@dataclass(frozen=True)
class Timeouts:
    """Seconds to wait at most, unless the resource has customTimeouts; the official defaults."""

    create: float = 600
    update: float = 600
    delete: float = 600


Output = str | Callable[["Record", Any], Any]
"""A JMESPath into the read answer, or a function of the resource and that answer."""


@dataclass(frozen=True, kw_only=True)
class ResourceType:
    """One AWS type.

    Args:
        token: as the SDK registers it.
        service: the boto3 client.
        properties: the inputs. `tags` and `region` are added by `tagging` and `regional`.
        outputs: what AWS adds.
        create: makes it.
        finish: done after create.
        id: its id, from the answer of `create`.
        read: describes it; None or an error in `missing` means that it is gone.
        also: more descriptions, added to the answer of `read` under their name.
        updates: how properties change in place; a property in none of them, and not marked
            replace, changes in the state only.
        delete: deletes it.
        missing: error codes of "there is no such thing".
        busy: error codes of delete that go away by waiting.
        early: (code, part of the message) of create that go away by waiting: IAM's news spread.
        ready, deleted: what create and update, and what delete, wait for.
        autoname, tagging: see there.
        from_id: properties that an import id holds, for ids made of several.
        unique: properties that two of the type cannot both have with the same values: the old one
            is deleted before its replacement is made, if that keeps them.
        offered: raises localcloud.aws.errors.AwsError for arguments of `create` that the local
            cloud refuses whatever it holds: Check asks for each of them, beside those in `unique`.
        names: how the API writes names.
    """

    token: str
    service: str
    properties: Mapping[str, Prop]
    outputs: Mapping[str, Output] = field(default_factory=dict)
    create: Step
    id: Output
    finish: tuple[Step, ...] = ()
    read: Step
    also: Mapping[str, Call] = field(default_factory=dict)
    updates: tuple[Update, ...] = ()
    delete: Step
    missing: tuple[str, ...]
    busy: tuple[str, ...] = ()
    early: tuple[tuple[str, str], ...] = ()
    ready: Until | None = None
    deleted: Until | None = None
    autoname: Autoname | None = None
    tagging: Tagging | None = None
    regional: bool = True
    from_id: Callable[[str], Mapping[str, Any]] = lambda id: {}
    unique: tuple[str, ...] = ()
    offered: Callable[[Mapping[str, Any]], None] = lambda arguments: None
    names: Naming = upper
    timeouts: Timeouts = field(default_factory=Timeouts)

    @property
    def inputs(self) -> dict[str, Prop]:
        """Every input, those that come with `tagging` and `regional` included."""
        more = {"region": Prop(replace=True, computed=True, read=None)} if self.regional else {}
        if self.tagging:
            more["tags"] = Prop(Texts())
        return {**self.properties, **more}

    def arguments(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Inputs by the names and in the form of the API, without those that have no value."""
        given = [(n, self.properties[n], v) for n, v in values.items() if v is not None]
        return {prop.aws or self.names(n): prop.kind.to_aws(v, self.names) for n, prop, v in given}

    @property
    def changes(self) -> tuple[Update, ...]:
        """Every way to change it in place, tags included."""
        if self.tagging is None:
            return self.updates
        return (*self.updates, Update(("tags",), (self.tagging.unset, self.tagging.set)))


@dataclass(kw_only=True)
class Record:
    """What a step of the table works with.

    Args:
        props: the wanted inputs (create, update) or the state (read, delete); plain values.
        old: the state before, when there is one.
        default_tags: the provider's own, which the resource has beside its tags.
        token: the client token of a creation: another one for each.
        seconds: how long create, update or delete may take.
    """

    type: ResourceType
    session: Session
    region: str
    id: str = ""
    props: dict[str, Any] = field(default_factory=dict)
    old: dict[str, Any] = field(default_factory=dict)
    default_tags: Mapping[str, str] = field(default_factory=dict)
    token: str = field(default_factory=lambda: str(uuid.uuid4()))
    seconds: float = 600

    def __getitem__(self, name: str) -> Any:
        """A property, None if it has no value."""
        return self.props.get(name)

    def aws(self, *names: str) -> dict[str, Any]:
        """These inputs by the names and in the form of the API, without those that have none."""
        return self.type.arguments({name: self.props.get(name) for name in names})

    def call(self, call: Call) -> Any:
        """Make one call; see `Call`."""
        args = {key: value for key, value in call.args(self).items() if value is not None}
        service = call.service or self.type.service
        try:
            answer = self.session.call(service, self.region, call.operation, args)
        except AwsError as error:
            if error.code in call.ignore:
                return None
            raise
        return search(call.path if isinstance(call.path, str) else call.path(self), answer)

    def ask(self, operation: str, **args: Any) -> Any:
        """Call an operation of the type's service: for steps that are functions."""
        return self.session.call(self.type.service, self.region, operation, args)

    def tagging(self) -> dict[str, Any]:
        """The arguments of a create call that set all tags; none where there are none."""
        assert self.type.tagging
        return dict(self.type.tagging.argument(self.tags_all)) if self.tags_all else {}

    @property
    def tags_all(self) -> Any:
        """The tags that it is to have in AWS: its own and the provider's."""
        return all_tags(self.default_tags, self["tags"])

    @property
    def tags_set(self) -> dict[str, str]:
        """Tags to add or change."""
        old = self.old.get("tagsAll") or {}
        return {key: value for key, value in self.tags_all.items() if old.get(key) != value}

    @property
    def tags_unset(self) -> list[str]:
        """Keys of tags to remove."""
        return [key for key in self.old.get("tagsAll") or {} if key not in self.tags_all]

    def output(self, what: Output, answer: Any) -> Any:
        """An output or an id, by path or by function."""
        return search(what, answer) if isinstance(what, str) else what(self, answer)
