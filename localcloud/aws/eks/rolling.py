"""Version updates of a node group, in its record: begin, end, roll back. nodes.py replaces the
instances, `max_unavailable` at a time.

docs.aws.amazon.com/eks/latest/APIReference/API_UpdateNodegroupVersion.html
"""

from localcloud.aws.eks.state import NodegroupState, Record

CHANGED = ("version", "releaseVersion", "launchTemplate", "instanceTypes", "diskSize")


def begin(group: NodegroupState, changes: Record, force: bool) -> None:
    """Change the record, and keep what it was, for roll_back."""
    group.before = {name: group.record[name] for name in CHANGED if name in group.record}
    group.force = force
    if "launchTemplate" in changes:
        group.record.pop("diskSize", None)  # its launch template may have it
    group.record |= changes


def end(group: NodegroupState) -> None:
    """Forget the update: all nodes are replaced, or it was rolled back."""
    group.before, group.force, group.cordoned = None, False, []


def roll_back(group: NodegroupState) -> None:
    """Restore the record. Old instances that were leaving stay; nodes.py ends the new ones."""
    for name in CHANGED:
        group.record.pop(name, None)
    group.record |= group.before or {}
    end(group)
    staying = [i for i in group.leaving if group.sources[i] == group.source]
    group.instances = [*staying, *group.instances]
    group.leaving = [i for i in group.leaving if i not in staying]
