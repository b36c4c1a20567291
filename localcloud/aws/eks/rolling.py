"""Version updates of node groups: what they change in the record, and how that is taken back.

docs.aws.amazon.com/eks/latest/APIReference/API_UpdateNodegroupVersion.html
"""

from localcloud.aws.eks.state import NodegroupState, Record

CHANGED = ("version", "releaseVersion", "launchTemplate", "instanceTypes", "diskSize")


def begin(group: NodegroupState, changes: Record, force: bool) -> None:
    """Change the record; the instances follow one after the other: see nodes.py."""
    group.before = {name: group.record[name] for name in CHANGED if name in group.record}
    group.force = force
    if "launchTemplate" in changes:
        group.record.pop("diskSize", None)  # its launch template may have it
    group.record |= changes


def end(group: NodegroupState) -> None:
    """All nodes are replaced."""
    group.before, group.force, group.cordoned = None, False, []


def take_back(group: NodegroupState) -> None:
    """Restore the record; old instances that were about to leave stay, new ones are too many."""
    for name in CHANGED:
        group.record.pop(name, None)
    group.record |= group.before or {}
    end(group)
    staying = [i for i in group.leaving if group.sources[i] == group.source]
    group.instances = [*staying, *group.instances]
    group.leaving = [i for i in group.leaving if i not in staying]
