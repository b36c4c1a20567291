"""pulumi-eks makes the creator an administrator, and EKS refuses a second entry of it.

https://github.com/pulumi/pulumi-eks/issues/2373; the entry of the creator is in access-entries.html
of the EKS user guide.
"""

from typing import Any

import pulumi
import pytest

from settings.administrators import principal_of
from tests.unit.program.answers import ACCOUNT, NO_ROLE
from tests.unit.program.recording import Recording, run

IAM = f"arn:aws:iam::{ACCOUNT}"
ADMIN, VIEW = "AmazonEKSClusterAdminPolicy", "AmazonEKSViewPolicy"
MADE_BY_OPERATOR = {
    "aws:eks/getClusters:getClusters": {"names": ["eks-service-types-dev"]},
    "aws:eks/getCluster:getCluster": {"tags": {"created-by": f"{IAM}:role/operator"}},
}
MADE_BEFORE_TAGS = {**MADE_BY_OPERATOR, "aws:eks/getCluster:getCluster": {"tags": {}}}


def entries(principal: str, policy: str = ADMIN) -> dict[str, Any]:
    """The setting with one entry, `one`."""
    return {"access-entries": {"one": {"principal": f"{IAM}:{principal}", "policy": policy}}}


def cluster(program: Recording) -> dict[str, Any]:
    return program.one("eks:index:Cluster").inputs


@pytest.mark.parametrize(
    ("principal", "answers", "creator", "made"),
    [
        ("role/deployer", {}, "role/deployer", []),
        ("role/with/path/deployer", {}, "role/deployer", []),
        ("role/second", {}, "role/deployer", ["one"]),
        ("user/deployer", {}, "role/deployer", ["one"]),
        ("role/operator", MADE_BY_OPERATOR, "role/operator", []),
        # A second operator runs `up`: the entry stays.
        ("role/deployer", MADE_BY_OPERATOR, "role/operator", ["one"]),
        ("role/deployer", MADE_BEFORE_TAGS, None, ["one"]),
    ],
)
def test_an_entry_of_the_creator_is_left_out(
    principal: str, answers: Any, creator: str | None, made: list[str]
) -> None:
    inputs = cluster(run("dev", entries(principal), answers=answers))
    assert list(inputs.get("accessEntries", {})) == made
    tags = {"created-by": f"{IAM}:{creator}"} if creator else None
    assert inputs.get("clusterTags") == tags


def test_fewer_rights_for_the_creator_are_refused_before_any_resource() -> None:
    recording = Recording()
    with pytest.raises(pulumi.RunError) as stopped:
        run("dev", entries("role/deployer", VIEW), recording)
    assert str(stopped.value) == (
        f'eks-service-types:access-entries is "{IAM}:role/deployer": is the cluster\'s creator, '
        "whom EKS makes administrator; leave out one"
    )
    assert len(recording.resources) == 1


def test_an_entry_of_a_role_that_does_not_exist_is_refused_before_any_resource() -> None:
    """docs.aws.amazon.com/eks/latest/APIReference/API_CreateAccessEntry.html: InvalidParameter."""
    recording = Recording()
    with pytest.raises(pulumi.RunError) as stopped:
        run("dev", entries(f"role/team/{NO_ROLE}"), recording)
    assert str(stopped.value) == (
        f'eks-service-types:access-entries is "{IAM}:role/team/{NO_ROLE}": the account has no such '
        "role: create it, or leave one out"
    )
    assert len(recording.resources) == 1


def test_a_role_of_another_account_is_not_looked_up() -> None:
    other = f"arn:aws:iam::210987654321:role/{NO_ROLE}"
    changes = {"access-entries": {"one": {"principal": other, "policy": VIEW}}}
    assert list(cluster(run("dev", changes))["accessEntries"]) == ["one"]


@pytest.mark.parametrize(
    ("caller", "principal"),
    [
        (f"arn:aws:sts::{ACCOUNT}:assumed-role/AWSReservedSSO_a/me@x", "role/AWSReservedSSO_a"),
        (f"{IAM}:user/team/me", "user/team/me"),
        (f"{IAM}:root", "root"),
    ],
)
def test_the_principal_of_a_caller(caller: str, principal: str) -> None:
    assert principal_of(caller) == f"{IAM}:{principal}"
