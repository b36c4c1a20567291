"""The state of EKS: each record as its Describe operation returns it, and what AWS hides."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from localcloud.aws.errors import AwsError

Record = dict[str, Any]  # with botocore's names


@dataclass(frozen=True)
class Source:
    """What an instance of a node group is launched from; `template` is an id and a version."""

    version: str
    release: str
    template: tuple[str, str] | None


@dataclass
class NodegroupState:
    """`instances` are the ids of its running EC2 instances, oldest first; `leaving` those of
    instances that are terminated once their nodes are drained; `sources` what each was launched
    from. `before` are the fields of the record that a version update has changed, with their
    former values, or None while there is no such update; `force`: it also ends nodes that cannot
    be drained; `cordoned` are the instances whose nodes take no more pods."""

    record: Record
    instances: list[str] = field(default_factory=list)
    leaving: list[str] = field(default_factory=list)
    sources: dict[str, Source] = field(default_factory=dict)
    before: Record | None = None
    force: bool = False
    cordoned: list[str] = field(default_factory=list)
    profile: str = ""
    updates: dict[str, Record] = field(default_factory=dict)

    @property
    def source(self) -> Source:
        """What its next instance is launched from."""
        template = self.record.get("launchTemplate")
        named = (template["id"], template["version"]) if template else None
        return Source(self.record["version"], self.record["releaseVersion"], named)

    @property
    def from_other_source(self) -> list[str]:
        """The instances that were not launched from `source`, oldest first."""
        return [i for i in self.instances if self.sources[i] != self.source]

    @property
    def outdated(self) -> list[str]:
        """The instances that a version update still has to replace."""
        return self.from_other_source if self.before is not None else []


@dataclass
class AddonState:
    """`overwrites`: changes that others made to its objects are overwritten."""

    record: Record
    overwrites: bool = False
    updates: dict[str, Record] = field(default_factory=dict)


@dataclass
class AccessEntryState:
    """`policies` by ARN, as ListAssociatedAccessPolicies returns them; `principal_id` is IAM's
    unique id: a role that is deleted and created again with the same name has another."""

    record: Record
    principal_id: str | None
    policies: dict[str, Record] = field(default_factory=dict)


@dataclass
class ClusterState:
    """`service_account_key` (PEM) signs service account tokens; `data_key` encrypts secrets;
    `interfaces` are the ids of the network interfaces in the customer's subnets, `zones` those of
    the subnets that the cluster was created with, `upgrade` the version to which the control plane
    is updated. `log_offsets` are the bytes of its log files that were delivered, `log_streams` the
    names of their streams, both by log type; `authenticator` are events that were not delivered
    yet: milliseconds and text."""

    record: Record
    region: str
    service_account_key: str
    bootstrap_addons: bool = True
    data_key: bytes = b""
    upgrade: str = ""
    interfaces: list[str] = field(default_factory=list)
    zones: frozenset[str] = frozenset()
    log_offsets: dict[str, int] = field(default_factory=dict)
    log_streams: dict[str, str] = field(default_factory=dict)
    authenticator: list[tuple[int, str]] = field(default_factory=list)
    nodegroups: dict[str, NodegroupState] = field(default_factory=dict)
    addons: dict[str, AddonState] = field(default_factory=dict)
    access_entries: dict[str, AccessEntryState] = field(default_factory=dict)
    associations: dict[str, Record] = field(default_factory=dict)
    updates: dict[str, Record] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return str(self.record["name"])

    @property
    def security_group(self) -> str:
        return str(self.record["resourcesVpcConfig"]["clusterSecurityGroupId"])

    def nodegroup(self, name: str) -> NodegroupState:
        """Raises ResourceNotFoundException."""
        if name not in self.nodegroups:
            raise not_found(f"No node group found for name: {name}.")
        return self.nodegroups[name]

    def addon(self, name: str) -> AddonState:
        """Raises ResourceNotFoundException."""
        if name not in self.addons:
            raise not_found(f"No addon: {name} found in cluster: {self.name}")
        return self.addons[name]

    def access_entry(self, principal: str) -> AccessEntryState:
        """Raises ResourceNotFoundException."""
        if principal not in self.access_entries:
            raise not_found(
                f"The specified principalArn could not be found: {principal} in cluster {self.name}"
            )
        return self.access_entries[principal]


def not_found(message: str) -> AwsError:
    return AwsError("ResourceNotFoundException", message, 404)


def no_cluster(name: str) -> AwsError:
    return not_found(f"No cluster found for name: {name}.")


def find(states: Mapping[str, ClusterState], name: str) -> ClusterState:
    """Raises ResourceNotFoundException."""
    if name not in states:
        raise no_cluster(name)
    return states[name]


def in_use(message: str) -> AwsError:
    return AwsError("ResourceInUseException", message, 409)


def repeated(record: Record, params: Mapping[str, Any], message: str) -> Record:
    """The record that a creation with the same client token has made.

    Raises ResourceInUseException with `message` for another token.
    """
    if record["clientRequestToken"] != params.get("clientRequestToken"):
        raise in_use(message)
    return record


def invalid(message: str) -> AwsError:
    return AwsError("InvalidParameterException", message)


def now() -> datetime:
    return datetime.now(UTC)
