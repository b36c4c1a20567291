"""What checks 2 and 4 say where more than one thing differs from the post's stack."""

import shutil
from pathlib import Path

import pytest

from tests.unit.checks import support
from tests.unit.checks.fake_aws import ALB
from tests.unit.checks.stand import Stand, failed


def test_2_takes_no_silence_for_proof_without_curl_on_the_bastion(
    stand: Stand, tmp_path: Path
) -> None:
    path = stand.ssm.environment["PATH"]
    for tool in ("sh", "mktemp", "rm", "head", "base64", "tr"):
        (tmp_path / tool).symlink_to(shutil.which(tool, path=path) or "missing")
    stand.ssm.environment = {"PATH": str(tmp_path)}

    assert failed(stand.checked(2)).endswith("there is no curl")


@pytest.fixture
def internal(stand: Stand, tmp_path: Path) -> Stand:
    """The stand with an internal load balancer: "localhost" to the bastion, no way from here."""
    stand.outputs["load_balancer_scheme"] = "internal"
    stand.account.schemes = {ALB: "internet-facing", "localhost": "internal"}
    stand.services["nginx-load-balancer"]["status"] = support.service(
        "", "LoadBalancer", hostname="localhost"
    )["status"]
    support.curl_that_finds(tmp_path, "localhost:80", f"127.0.0.2:{stand.nginx}")
    stand.ssm.environment = {"PATH": f"{tmp_path}:{stand.ssm.environment['PATH']}"}
    return stand


def test_4_holds_for_an_internal_load_balancer_reached_from_the_bastion(internal: Stand) -> None:
    result = internal.checked(4)

    assert result.ok, failed(result)
    assert [each.claim.did for each in result.statements] == [
        "scheme", "bastion", "its name", "here",
    ]  # fmt: skip


def test_4_fails_when_an_internal_load_balancer_is_reached_from_here(internal: Stand) -> None:
    internal.leads("localhost", internal.nginx, "127.0.0.2")

    assert failed(internal.checked(4)) == "here: localhost:80 answered"
