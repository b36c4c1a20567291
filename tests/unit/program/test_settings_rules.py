"""Rules of single settings: what they let pass. What they refuse: program/test_settings_refused."""

import pytest

from settings import rules


@pytest.mark.parametrize("value", ["example.com", "a-b.example.co.uk", "1.example.com"])
def test_domains(value: str) -> None:
    assert rules.domain(value) == value


@pytest.mark.parametrize("value", ["eu-west-1", "us-east-1", "ap-southeast-3"])
def test_regions(value: str) -> None:
    assert rules.region(value) == value


@pytest.mark.parametrize("value", ["us-gov-west-1", "eu-west", "EU-WEST-1", "us-iso-east-1", None])
def test_regions_of_other_partitions(value: str | None) -> None:
    with pytest.raises(ValueError, match="partition aws"):
        rules.region(value)


@pytest.mark.parametrize("value", ["t3.medium", "m6i.large", "c7i-flex.large", "g6e.xlarge"])
def test_instance_types_with_x86_64(value: str) -> None:
    assert rules.instance_type(value) == value


@pytest.mark.parametrize(
    "value", ["a1.large", "t4g.micro", "c6gn.large", "x2gd.large", "g5g.xlarge"]
)
def test_instance_types_with_arm64(value: str) -> None:
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
