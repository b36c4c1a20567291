"""The instance types that a region offers."""

import pytest

from components.instance_types import require_offered


def test_an_instance_type_that_is_offered_passes() -> None:
    require_offered("node-instance-type", "t3.medium", ["t3.medium"], "eu-west-1")


@pytest.mark.parametrize("offered", [[], ["t3.medium"]])
def test_one_that_is_not_is_refused_with_key_value_rule_and_way_out(offered: list[str]) -> None:
    line = (
        "node-instance-type is t3.nosuch: must be an EC2 instance type that eu-west-1 offers; "
        "aws ec2 describe-instance-type-offerings --region eu-west-1 lists them"
    )
    with pytest.raises(ValueError, match=f"^{line}$"):
        require_offered("node-instance-type", "t3.nosuch", offered, "eu-west-1")
