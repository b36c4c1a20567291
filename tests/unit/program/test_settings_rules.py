"""Rules of single settings: what they let pass. What they refuse: program/test_settings_refused."""

from collections.abc import Callable

import pytest

from settings import rules


@pytest.mark.parametrize(
    ("rule", "values"),
    [
        (rules.domain, ["example.com", "a-b.example.co.uk", "1.example.com"]),
        (rules.region, ["eu-west-1", "us-east-1", "ap-southeast-3"]),
        (
            rules.instance_type,
            [
                "t3.medium",
                "m6i.large",
                "c7i-flex.large",
                "g6e.xlarge",
                "p6-b200.48xlarge",
                "u-3tb1.56xlarge",
            ],
        ),
    ],
)
def test_a_rule_lets_pass(rule: Callable[[str], str], values: list[str]) -> None:
    assert [rule(value) for value in values] == values


@pytest.mark.parametrize(
    "value",
    ["a1.large", "c6gn.large", "x2gd.large", "g5g.xlarge", "p6e-gb200.36xlarge"],
)
def test_arm64_is_known_by_its_families(value: str) -> None:
    """https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html"""
    with pytest.raises(ValueError, match="x86_64"):
        rules.instance_type(value)


@pytest.mark.parametrize(
    ("value", "public"),
    [
        ("nginx:1.30.5", True),
        ("library/nginx:1.30.5", True),
        ("public.ecr.aws/docker/library/nginx:1.30.5", True),
        ("localhost/nginx:1.22.1", False),
        ("registry.example:5000/nginx:1.30.5", False),
        ("111122223333.dkr.ecr.eu-west-1.amazonaws.com/nginx:1.30.5", False),
        (f"nginx@sha256:{'0' * 64}", True),
        (f"registry.k8s.io/a__b/c-d.e/nginx:v1_A.b-c@sha256:{'0' * 64}", True),
    ],
)
def test_images_and_whether_they_come_over_the_internet(value: str, public: bool) -> None:
    assert rules.image(value) == value
    assert rules.is_public_image(value) is public


def test_entries_come_in_the_order_of_their_names() -> None:
    arn = "arn:aws:iam::111122223333:user/team/"
    entries = rules.access_entries(
        {
            "b": {"principal": f"{arn}b", "policy": "AmazonEKSViewPolicy", "namespaces": ["x"]},
            "a": {"principal": f"{arn}a", "policy": "AmazonEKSClusterAdminPolicy"},
        }
    )
    assert [(it.name, it.namespaces) for it in entries] == [("a", ()), ("b", ("x",))]
