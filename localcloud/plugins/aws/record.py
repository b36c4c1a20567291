"""One resource at work: what is wanted of it, what is known, and the calls made for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import jmespath

from localcloud.plugins.aws.check import automatic_name
from localcloud.plugins.aws.session import AwsError, Session
from localcloud.plugins.aws.table import Call, Output, ResourceType

MARKER = "localcloud:creation"
"""The tag that tells which creation made a resource, so that a killed one is found again."""


@dataclass(kw_only=True)
class Record:
    """What a step of the table works with.

    Args:
        props: the wanted inputs (create, update) or the state (read, delete); plain values.
        old: the state before, when there is one.
        key: names this creation: the same again if the engine died in the middle of it.
        seconds: how long create, update or delete may take.
    """

    type: ResourceType
    session: Session
    name: str
    region: str
    id: str = ""
    props: dict[str, Any] = field(default_factory=dict)
    old: dict[str, Any] = field(default_factory=dict)
    key: str = ""
    seconds: float = 600

    def __getitem__(self, name: str) -> Any:
        """A property, None if it has no value."""
        return self.props.get(name)

    def aws(self, *names: str) -> dict[str, Any]:
        """These inputs by the names and in the form of the API, without those that have none."""
        properties = self.type.properties
        return {
            properties[name].aws or self.type.names(name): properties[name].kind.to_aws(
                self.props[name], self.type.names
            )
            for name in names
            if self.props.get(name) is not None
        }

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

    def named_so(self, value: str) -> bool:
        """Whether `value` is a name that this resource has, or may have had in a killed run."""
        auto = self.type.autoname
        mine = self[auto.property] if auto else None
        return value == mine or automatic_name(self.type, self.name, self.props, value)

    def ask(self, operation: str, **args: Any) -> Any:
        """Call an operation of the type's service: for steps that are functions."""
        return self.session.call(self.type.service, self.region, operation, args)

    def tagging(self) -> dict[str, Any]:
        """The arguments of a create call that set all tags, the marker included."""
        assert self.type.tagging
        return dict(self.type.tagging.argument({**(self["tags"] or {}), MARKER: self.key}))

    @property
    def tags_set(self) -> dict[str, str]:
        """Tags to add or change."""
        old = self.old.get("tags") or {}
        return {k: v for k, v in (self["tags"] or {}).items() if old.get(k) != v}

    @property
    def tags_unset(self) -> list[str]:
        """Keys of tags to remove."""
        return [key for key in self.old.get("tags") or {} if key not in (self["tags"] or {})]


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


def own_tags(tags: Mapping[str, str]) -> dict[str, str]:
    """Tags without the marker and AWS's own, which no program sets."""
    return {k: v for k, v in tags.items() if k != MARKER and not k.startswith("aws:")}
