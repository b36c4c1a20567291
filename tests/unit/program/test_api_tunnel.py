"""The tunnel to a private API: the kubeconfig that leads through it, and the command for it."""

import json
from typing import Any

import pulumi
import pytest

from tests.unit.program import answers
from tests.unit.program.answers import API
from tests.unit.program.recording import run

PUBLIC = {"endpoint-public-access": True, "endpoint-public-access-cidrs": ["8.8.8.8/32"]}
DIRECT = {"server": f"https://{API}"}
TUNNEL = {"server": "https://127.0.0.1:8443", "tls-server-name": API}
SESSION = "aws ssm start-session --target bastion-instance-id --region eu-west-1"
DOCUMENT = "--document-name AWS-StartPortForwardingSessionToRemoteHost"


@pytest.mark.parametrize(
    ("changes", "cluster", "command"),
    [
        ({}, TUNNEL, f"{SESSION} {DOCUMENT} --parameters host={API}"),
        # Opened before the API becomes private, for the `up` that makes it so.
        (PUBLIC, DIRECT, f"{SESSION} {DOCUMENT} --parameters host={API}"),
        (
            {"aws:profile": "me too", "api-tunnel-host": "10.20.1.2"},
            TUNNEL,
            f"{SESSION} --profile 'me too' {DOCUMENT} --parameters host=10.20.1.2",
        ),
        ({"api-tunnel-port": 0}, DIRECT, ""),
    ],
)
def test_kubeconfig_and_command_lead_to_the_api(
    changes: dict[str, Any], cluster: dict[str, str], command: str
) -> None:
    """The endpoint's name leads to private addresses inside the VPC, also while it is public:
    https://docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html"""
    program = run("prod", changes)
    exports = program.exports
    provider = program.one("pulumi:providers:kubernetes").inputs["kubeconfig"]
    for config in (exports["kubeconfig"], provider["value"]):  # a secret
        assert json.loads(config)["clusters"] == [{"cluster": cluster}]
    ports = ",portNumber=443,localPortNumber=8443" if command else ""
    assert exports["api_tunnel_command"] == command + ports
    assert program.secrets == {"kubeconfig"}


def test_the_first_up_needs_another_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(answers.CALLS, "pulumi:pulumi:readStackOutputs", {"outputs": {}})
    with pytest.raises(pulumi.RunError) as refused:
        run("prod")
    assert str(refused.value) == (
        "eks-service-types:endpoint-public-access is false: api-tunnel-port leads through the "
        "bastion, which the first `up` makes: for that `up`, set this to true, and "
        "endpoint-public-access-cidrs to your own addresses"
    )
    assert run("prod", PUBLIC).exports
    assert run("prod", {"api-tunnel-port": 0}).exports
