"""What an entry of the table of AWS types consists of.

An entry is one `ResourceType`: data with the type's properties and the steps that create, read,
update and delete a resource of it. A step is an `ApiCall` or a function, and gets the `Resource`.
lifecycle.py takes the steps, in the same way for all types.
"""

import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from localcloud.plugins.aws.kinds import Naming, StringMap
from localcloud.plugins.aws.properties import Prop
from localcloud.plugins.aws.session import ApiError, Session, search
from localcloud.plugins.aws.tags import all_tags

Step = Callable[["Resource"], Any]
"""A function that makes one or more calls for a resource and returns the answer."""


def upper_camel(name: str) -> str:
    """How EC2, IAM, KMS and Route 53 write the names of properties: `VpcId`."""
    return name[:1].upper() + name[1:]


def lower_camel(name: str) -> str:
    """How EKS and CloudWatch Logs write them: `roleArn`."""
    return name


@dataclass(frozen=True)
class ApiCall:
    """One API call of the type's own service.

    Args:
        operation: the method of the boto3 client, such as `create_vpc`.
        args: the arguments, from the resource; those that are None are left out.
        path: the part of the answer to return (JMESPath), or a function that returns the path.
        ignore: error codes after which there is nothing to do.
    """

    operation: str
    args: Callable[["Resource"], Mapping[str, Any]]
    path: "str | Callable[[Resource], str]" = "@"
    ignore: tuple[str, ...] = ()

    def __call__(self, resource: "Resource") -> Any:
        return resource.call(self)


@dataclass(frozen=True)
class Update:
    """The steps to take, in order, when any of `properties` changed.

    They are also taken after a creation, for properties that the create call did not set.
    `volatile` are the outputs that the steps may change; a preview of the update shows only these
    as unknown.
    """

    properties: tuple[str, ...]
    steps: tuple[Step, ...]
    volatile: tuple[str, ...] = ()


def update(
    properties: tuple[str, ...],
    operation: str,
    args: Callable[["Resource"], Mapping[str, Any]],
    volatile: tuple[str, ...] = (),
) -> Update:
    """An update by one API call."""
    return Update(properties, (ApiCall(operation, args),), volatile)


@dataclass(frozen=True)
class Until:
    """The end of a wait, by the state in the result of `read`.

    Args:
        path: where the state is (JMESPath).
        done: the states that end the wait.
        failed: the states from which it never reaches one of `done`.
        reason: where the reason of a failure is (JMESPath).
    """

    path: str
    done: frozenset[str]
    failed: frozenset[str] = frozenset()
    reason: str = "''"


@dataclass(frozen=True)
class Tagging:
    """How one service sets, changes and describes tags.

    Args:
        argument: the arguments of the create call, from all tags.
        set, unset: the steps for `resource.tags_set` and `resource.tags_unset`, if there are any.
        path: where the result of `read` has the tags (JMESPath): a map, or a list of {Key, Value}.
    """

    argument: Callable[[Mapping[str, str]], Mapping[str, Any]]
    set: Step
    unset: Step
    path: str = "Tags"


@dataclass(frozen=True)
class Autoname:
    """The name that Check makes if the program gives none.

    It is `before`, the resource's name in the program and -, or instead the prefix that the program
    gives (`namePrefix`), and 7 random hexadecimal digits; up to `limit` characters.
    """

    property: str = "name"
    limit: int = 255
    before: str = ""


@dataclass(frozen=True)
class Timeouts:
    """The most seconds to wait without customTimeouts, as in the official provider."""

    create: float = 600
    update: float = 600
    delete: float = 600


Output = str | Callable[["Resource", Any], Any]
"""A JMESPath into the result of `read`, or a function of the resource and that result."""


@dataclass(frozen=True, kw_only=True)
class ResourceType:
    """One AWS type.

    Args:
        token: as the SDK registers it.
        service: the boto3 client.
        properties: the inputs. `tags` and `region` are added by `tagging` and `regional`.
        outputs: the outputs that AWS adds.
        create: creates it.
        id: its id, from the answer of `create`.
        after_create: steps to take once it is ready.
        read: describes it; None or an error in `missing` means that it is gone.
        extra_reads: further calls, whose results are added to that of `read` under their names.
        updates: how properties change in place. Others, unless marked replace, change the state.
        delete: deletes it.
        missing: error codes that mean that the resource does not exist.
        busy: error codes of delete after which it is tried again.
        retry_create: errors of create (code, part of the message) after which it is tried again,
            while a change in IAM propagates.
        ready, deleted: what create and update, and what delete, wait for.
        from_id: the properties that the id of an import contains, if any.
        delete_first: a replacement that keeps all of these properties cannot exist beside the old
            resource, which is then deleted first.
        check_offered: raises localcloud.aws.errors.AwsError for arguments of `create` that the
            local cloud always refuses. Check calls it with each argument, and with those of
            `delete_first`, which identify the resource.
        names: turns a property's name into that of the API.
        conflicts: what is wrong with valid properties together, by path; they may be UNKNOWN.
    """

    token: str
    service: str
    properties: Mapping[str, Prop]
    outputs: Mapping[str, Output] = field(default_factory=dict)
    create: Step
    id: Output
    after_create: tuple[Step, ...] = ()
    read: Step
    extra_reads: Mapping[str, ApiCall] = field(default_factory=dict)
    updates: tuple[Update, ...] = ()
    delete: Step
    missing: tuple[str, ...]
    busy: tuple[str, ...] = ()
    retry_create: tuple[tuple[str, str], ...] = ()
    ready: Until | None = None
    deleted: Until | None = None
    autoname: Autoname | None = None
    tagging: Tagging | None = None
    regional: bool = True
    from_id: Callable[[str], Mapping[str, Any]] = lambda id: {}
    delete_first: tuple[str, ...] = ()
    check_offered: Callable[[Mapping[str, Any]], None] = lambda arguments: None
    names: Naming = upper_camel
    timeouts: Timeouts = field(default_factory=Timeouts)
    conflicts: Callable[[Mapping[str, Any]], Iterable[tuple[str, str]]] = lambda given: ()

    @property
    def inputs(self) -> dict[str, Prop]:
        """Every input, with those that `tagging` and `regional` add."""
        more = {"region": Prop(replace=True, computed=True, read=None)} if self.regional else {}
        if self.tagging:
            more["tags"] = Prop(StringMap())
        return {**self.properties, **more}

    def arguments(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Inputs by the names and in the form of the API, without those that are None."""
        given = [(n, self.properties[n], v) for n, v in values.items() if v is not None]
        return {prop.aws or self.names(n): prop.kind.to_aws(v, self.names) for n, prop, v in given}

    @property
    def all_updates(self) -> tuple[Update, ...]:
        """Every way to change it in place, tags included."""
        if self.tagging is None:
            return self.updates
        return (*self.updates, Update(("tags",), (self._unset_tags, self._set_tags)))

    def _unset_tags(self, resource: "Resource") -> None:
        if self.tagging and resource.tags_unset:
            self.tagging.unset(resource)

    def _set_tags(self, resource: "Resource") -> None:
        if self.tagging and resource.tags_set:
            self.tagging.set(resource)


@dataclass(kw_only=True)
class Resource:
    """One resource of a type, as the steps of the table get it.

    Args:
        props: the wanted inputs (create, update) or the state (read, delete), without secrets.
        old: the state before the updates; in a creation, that after the create call.
        default_tags: tags from the provider's configuration, in addition to the resource's own.
        client_token: that of its creation.
        seconds: how long create, update or delete may take.
    """

    type: ResourceType
    session: Session
    region: str
    id: str = ""
    props: dict[str, Any] = field(default_factory=dict)
    old: dict[str, Any] = field(default_factory=dict)
    default_tags: Mapping[str, str] = field(default_factory=dict)
    client_token: str = field(default_factory=lambda: str(uuid.uuid4()))
    seconds: float = 600

    def __getitem__(self, name: str) -> Any:
        """A property, or None."""
        return self.props.get(name)

    def arguments(self, *names: str) -> dict[str, Any]:
        """These inputs by the names and in the form of the API, without those that are None."""
        return self.type.arguments({name: self.props.get(name) for name in names})

    def creation(self, *names: str) -> dict[str, Any]:
        """The arguments of the create call: these inputs, and all tags.

        botocore adds the client token where its model has one.
        """
        return {**self.arguments(*names), **self.tag_arguments()}

    def call(self, call: ApiCall) -> Any:
        """Make one call."""
        args = {key: value for key, value in call.args(self).items() if value is not None}
        try:
            answer = self.invoke(call.operation, **args)
        except ApiError as error:
            if error.code in call.ignore:
                return None
            raise
        return search(call.path if isinstance(call.path, str) else call.path(self), answer)

    def invoke(self, operation: str, **args: Any) -> Any:
        """Call an operation of the type's service."""
        return self.session.call(self.type.service, self.region, operation, args)

    def pages(self, operation: str, **args: Any) -> list[Any]:
        """Every page of an operation of the type's service."""
        return self.session.pages(self.type.service, self.region, operation, args)

    def tag_arguments(self) -> dict[str, Any]:
        """The arguments of the create call that set all tags; empty without tags."""
        assert self.type.tagging
        return dict(self.type.tagging.argument(self.tags_all)) if self.tags_all else {}

    @property
    def tags_all(self) -> Any:
        """The wanted tags in AWS: its own and the default tags."""
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
