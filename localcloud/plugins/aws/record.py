"""One resource at work: what is wanted of it, what is known, and the calls made for it."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import jmespath

from localcloud.plugins.aws.session import AwsError, Session
from localcloud.plugins.aws.table import Call, Output, ResourceType
from localcloud.plugins.values import UNKNOWN


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


def search(path: str, answer: Any) -> Any:
    """The part of an answer at a JMESPath."""
    return answer if path == "@" else jmespath.search(path, answer)


def output(what: Output, record: Record, answer: Any) -> Any:
    """An output or an id, by path or by function."""
    return search(what, answer) if isinstance(what, str) else what(record, answer)


def tags_of(value: Any) -> dict[str, str]:
    """Tags from a map or a list of pairs."""
    if isinstance(value, Mapping):
        return dict(value)
    return {
        item.get("Key", item.get("TagKey")): item.get("Value", item.get("TagValue"))
        for item in value or []
    }


def all_tags(default: Mapping[str, str], own: Any) -> Any:
    """The provider's tags under a resource's own, which may not be known yet."""
    return UNKNOWN if own is UNKNOWN else {**default, **(own or {})}
