"""What the IAM entries share."""

from localcloud.plugins.aws.kinds import string
from localcloud.plugins.aws.properties import Prop
from localcloud.plugins.aws.resource_type import ApiCall, Tagging
from localcloud.plugins.aws.rules import matching
from localcloud.plugins.aws.tags import pairs

NAME = string(matching(r"[\w+=,.@-]+", "letters, digits and +=,.@-_"))
PATH = Prop(default="/", replace=True)


def tagging(what: str, name: str) -> Tagging:
    """Tags by an operation such as TagRole, whose argument `name` takes the resource's id."""
    return Tagging(
        argument=lambda tags: {"Tags": pairs(tags)},
        set=ApiCall(f"tag_{what}", lambda r: {name: r.id, "Tags": pairs(r.tags_set)}),
        unset=ApiCall(f"untag_{what}", lambda r: {name: r.id, "TagKeys": r.tags_unset}),
    )


MAX_ITEMS = 1000
"""Of a page of IAM: all policies of a role fit."""
