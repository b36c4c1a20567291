"""What the IAM entries share. IAM is one for all regions."""

from localcloud.plugins.aws.kinds import text
from localcloud.plugins.aws.properties import Prop
from localcloud.plugins.aws.rules import matching
from localcloud.plugins.aws.table import Call, Tagging
from localcloud.plugins.aws.tags import pairs

NAME = text(matching(r"[\w+=,.@-]+", "letters, digits and +=,.@-_"))
PATH = Prop(default="/", replace=True)


def tagging(what: str, name: str) -> Tagging:
    """Tags of one of IAM's kinds: `what` as in TagRole, `name` the argument that names one."""
    add = Call(f"tag_{what}", lambda r: {name: r.id, "Tags": pairs(r.tags_set)})
    remove = Call(f"untag_{what}", lambda r: {name: r.id, "TagKeys": r.tags_unset})
    return Tagging(
        argument=lambda tags: {"Tags": pairs(tags)},
        set=lambda r: r.tags_set and add(r),
        unset=lambda r: r.tags_unset and remove(r),
    )


EVERYTHING = 1000
"""IAM's longest page: more policies than a role may have."""
