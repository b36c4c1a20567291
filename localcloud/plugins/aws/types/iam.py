"""What the IAM entries share."""

from localcloud.plugins.aws.kinds import text
from localcloud.plugins.aws.properties import Prop
from localcloud.plugins.aws.rules import matching
from localcloud.plugins.aws.table import Call, Tagging
from localcloud.plugins.aws.tags import pairs

NAME = text(matching(r"[\w+=,.@-]+", "letters, digits and +=,.@-_"))
PATH = Prop(default="/", replace=True)


def tagging(what: str, name: str) -> Tagging:
    """Tags by an operation such as TagRole, whose argument `name` takes the resource's id."""
    return Tagging(
        argument=lambda tags: {"Tags": pairs(tags)},
        set=Call(f"tag_{what}", lambda r: {name: r.id, "Tags": pairs(r.tags_set)}),
        unset=Call(f"untag_{what}", lambda r: {name: r.id, "TagKeys": r.tags_unset}),
    )


EVERYTHING = 1000
"""The longest page of IAM, which has room for all policies of a role."""
