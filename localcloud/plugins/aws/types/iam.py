"""What the IAM entries share. IAM is one for all regions."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from localcloud.plugins.aws.kinds import text
from localcloud.plugins.aws.properties import Prop
from localcloud.plugins.aws.record import MARKER, Record, tags_of
from localcloud.plugins.aws.rules import matching
from localcloud.plugins.aws.table import Call, Tagging, pairs

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


def left_behind(listing: Call, name: str, id: str) -> Callable[[Record], Iterable[str]]:
    """Finds what a killed creation made: its automatic name starts the same, its tag tells.

    `name` and `id` are where an item of `listing` has them.
    """

    def find(record: Record) -> Iterable[str]:
        known = record.session.once(
            listing.operation, lambda: [(each[name], each[id]) for each in record.call(listing)]
        )
        for named, found in known:
            if record.named_so(named):
                other = replace(record, id=found)
                answer = record.type.read(other)
                if tags_of(answer.get("Tags")).get(MARKER) == record.key:
                    yield found

    return find


EVERYTHING = 1000
"""IAM's longest page: more roles than an account may have without asking."""
