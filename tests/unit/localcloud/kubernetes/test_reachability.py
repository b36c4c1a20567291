"""A node joins only where it reaches AWS."""

import pytest

from localcloud.kubernetes.node import reachability
from localcloud.network import netns


def test_a_node_that_does_not_reach_aws_fails_with_the_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """docs.aws.amazon.com/eks/latest/userguide/private-clusters.html; NodeCreationFailure of
    docs.aws.amazon.com/eks/latest/userguide/troubleshooting.html#worker-node-fail"""
    name = "api.ecr.eu-west-1.amazonaws.com"

    def enter(host: str, command: list[str], ca_bundle: None) -> list[str]:
        assert name in command
        return ["sh", "-c", f"echo {name}; exit {0 if host == 'i-joins' else 1}"]

    monkeypatch.setattr(netns, "enter", enter)
    monkeypatch.setattr(reachability, "TIMEOUT", 0.0)
    reachability.require_aws("i-joins", "eu-west-1")
    with pytest.raises(OSError, match=f"failed to join .*: i-1 does not reach {name}"):
        reachability.require_aws("i-1", "eu-west-1")
