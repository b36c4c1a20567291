"""EKS makes the log group again after a cluster's deletion, so it is kept, and taken up again.

https://github.com/terraform-aws-modules/terraform-aws-eks/issues/2763
"""

from typing import Any

import pytest

from tests.unit.program.recording import Recording, run

GROUP, KEY = "aws:cloudwatch/logGroup:LogGroup", "aws:kms/key:Key"
NAME = "/aws/eks/eks-service-types-dev/cluster"
GROUP_FOUND = {"aws:cloudwatch/getLogGroups:getLogGroups": {"logGroupNames": [NAME, f"{NAME}2"]}}
CLUSTER_FOUND = {"aws:eks/getClusters:getClusters": {"names": ["eks-service-types-dev"]}}
MADE_BY_EKS = {"aws:cloudwatch/getLogGroup:getLogGroup": {"kmsKeyId": ""}}
OTHER = {"aws:cloudwatch/getLogGroups:getLogGroups": {"logGroupNames": [f"{NAME}2"]}}


def imported(program: Recording) -> tuple[str, str]:
    """The ids by which group and key are taken up."""
    return program.one(GROUP).import_id, program.one(KEY).import_id


@pytest.mark.parametrize(
    ("answers", "ids", "unchanged"),
    [
        ({}, ("", ""), False),
        (OTHER, ("", ""), False),
        (GROUP_FOUND, (NAME, "k-1"), True),
        (GROUP_FOUND | MADE_BY_EKS, (NAME, ""), True),
        # The stack has them, so that their settings are changed as they always are.
        (GROUP_FOUND | CLUSTER_FOUND, (NAME, "k-1"), False),
    ],
)
def test_the_log_group_and_its_key_are_kept_and_taken_up(
    answers: Any, ids: tuple[str, str], unchanged: bool
) -> None:
    program = run("dev", answers=answers)
    assert imported(program) == ids
    group, key = program.one(GROUP), program.one(KEY)
    assert group.retain_on_delete
    assert key.retain_on_delete
    assert ("retentionInDays" in group.ignore_changes) == unchanged
    assert ("policy" in key.ignore_changes) == (unchanged and bool(ids[1]))


@pytest.mark.parametrize(("answers", "kept"), [({}, False), (GROUP_FOUND, True)])
def test_without_logs_the_key_is_kept_for_those_that_there_are(answers: Any, kept: bool) -> None:
    program = run("dev", {"cluster-log-types": []}, answers=answers)
    assert program.of(GROUP) == []
    assert program.one(KEY).retain_on_delete == kept


def test_a_group_without_a_key_is_warned_of(monkeypatch: pytest.MonkeyPatch) -> None:
    lines: list[str] = []
    monkeypatch.setattr("pulumi.log.warn", lines.append)
    run("dev", answers=GROUP_FOUND | MADE_BY_EKS)
    assert f"{NAME} was made by EKS: the next `pulumi up` sets its key and its retention" in lines
