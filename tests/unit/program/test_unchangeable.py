"""A change that would replace the cluster stops the run in one line."""

import threading
from typing import Any

import pulumi
import pytest
from pulumi.runtime import mocks

from tests.unit.program import answers
from tests.unit.program.recording import run

READ = "pulumi:pulumi:readStackOutputs"
GROUPS, VPCS = "aws:ec2/getSecurityGroups:getSecurityGroups", "aws:ec2/getVpcs:getVpcs"
EXISTING = {"cluster_name": "eks-service-types-dev", "region": "eu-west-1"}


@pytest.mark.parametrize(
    ("changes", "before", "line"),
    [
        ({"aws:region": "eu-west-2"}, {}, 'aws:region is "eu-west-2"'),
        # As after `pulumi stack rename`.
        ({}, {"cluster_name": "old"}, 'pulumi:stack is "eks-service-types-dev"'),
    ],
)
def test_what_cannot_change_in_place_is_refused(
    monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any], before: dict[str, str], line: str
) -> None:
    monkeypatch.setitem(answers.CALLS, READ, {"outputs": {**EXISTING, **before}})
    with pytest.raises(pulumi.RunError) as refused:
        run("dev", changes)
    assert str(refused.value).startswith(f"{line}: the stack's cluster has ")
    assert str(refused.value).endswith("before the change, or use another stack")
    assert "\n" not in str(refused.value)


def test_what_stays_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(answers.CALLS, READ, {"outputs": EXISTING})
    monkeypatch.setitem(answers.CALLS, GROUPS, {"vpcIds": ["vpc-1"]})
    monkeypatch.setitem(answers.CALLS, VPCS, {"ids": ["vpc-1"]})
    assert run("dev", {"node-count": 3}).resources


def test_another_block_than_that_of_the_clusters_vpc_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Also after a first run that failed, which leaves no outputs."""
    monkeypatch.setitem(answers.CALLS, GROUPS, {"vpcIds": ["vpc-1"]})
    monkeypatch.setitem(answers.CALLS, VPCS, {"ids": []})
    with pytest.raises(pulumi.RunError) as refused:
        run("dev", {"vpc-cidr": "10.11.0.0/16"})
    assert str(refused.value) == (
        'eks-service-types:vpc-cidr is "10.11.0.0/16": the cluster is in vpc-1, which has '
        "another block; set it back, or run pulumi destroy before the change, or use another stack"
    )


def test_the_outputs_are_read_after_the_stack_resource_is_registered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The engine saves the state then, and a file backend's readers can see half of it: its
    metadata is truncated, then written (setAttrs in gocloud.dev/blob/fileblob/attrs.go)."""
    asked, order = threading.Event(), list[str]()
    register, invoke = mocks.MockMonitor.RegisterResource, mocks.MockMonitor.Invoke

    def slow(monitor: mocks.MockMonitor, request: Any) -> Any:
        if request.type == "pulumi:pulumi:Stack":
            asked.wait(0.2)
            order.append("registered")
        return register(monitor, request)  # type: ignore[no-untyped-call]  # the SDK's

    def noted(monitor: mocks.MockMonitor, request: Any) -> Any:
        if request.tok == READ:
            order.append("read")
            asked.set()
        return invoke(monitor, request)  # type: ignore[no-untyped-call]  # the SDK's

    monkeypatch.setattr(mocks.MockMonitor, "RegisterResource", slow)
    monkeypatch.setattr(mocks.MockMonitor, "Invoke", noted)
    run("dev")
    assert order == ["registered", "read"]
