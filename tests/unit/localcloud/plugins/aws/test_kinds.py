"""When two values of a property are equal."""

import json

from localcloud.plugins.aws.kinds import Array, Document, string
from localcloud.plugins.aws.properties import Block, Prop

FIRST, SECOND = ({"kind": kind, "tag": tag} for kind, tag in (("a", "y"), ("b", "x")))
TURNED = dict(reversed(FIRST.items()))


def test_the_order_of_an_objects_keys_makes_no_difference_in_a_list() -> None:
    """The engine sends them in any order: in Protocol Buffers a map has none
    (https://protobuf.dev/programming-guides/encoding/#maps)."""
    many = Array(of=Block(fields={name: Prop(string()) for name in FIRST}))
    assert many.normal([FIRST, SECOND]) == many.normal([TURNED, SECOND])
    one, other = (json.dumps([first, SECOND]) for first in (FIRST, TURNED))
    assert Document().normal(one) == Document().normal(other)
