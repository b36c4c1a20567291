"""The bastion's probes: its script run for real, and SSM's answers."""

import os
import socket
from pathlib import Path

import pytest

from checks.aws import Aws
from checks.bastion import Bastion, parse, script
from checks.outcome import FailedProbe
from checks.outputs import Outputs
from checks.reach import Reach
from checks.web import judge_page, judge_redirect
from tests.unit.checks import servers
from tests.unit.checks.support import FakeSsm, curl_that_finds

ssm = pytest.fixture(lambda: FakeSsm(dict(os.environ)))


@pytest.fixture
def bastion(ssm: FakeSsm) -> Bastion:
    stack = Outputs({"bastion_instance_id": "i-0ba5", "region": "eu-west-1"})
    aws = Aws(stack)
    aws._clients = {"ssm": ssm}
    return Bastion(aws, stack)


def test_one_command_tells_pages_and_failures_in_order(bastion: Bastion, ssm: FakeSsm) -> None:
    ssm.unknown_at_first = True  # as right after a command was sent
    with servers.serving(lambda _: "svc-1 'and' $more\n" * 100) as port:
        good, refused = f"http://127.0.0.1:{port}/", "http://127.0.0.1:1/"
        answers = bastion.probe([refused, good, "http://no.invalid/"])

    assert [each.attempt.reach for each in answers] == [
        Reach.UNREACHABLE, Reach.REACHED, Reach.UNREACHABLE,
    ]  # fmt: skip
    assert answers[1].page().status == 200
    assert answers[1].page().body.startswith("svc-1 'and' $more\nsvc-1")
    whole = "svc-1 'and' $more\n" * 100
    assert judge_page(answers[1].page(), whole).ok
    assert not judge_page(answers[1].page(), f"{whole}?").ok
    with pytest.raises(FailedProbe, match=r"http://127\.0\.0\.1:1/ no connection"):
        answers[0].page()


def test_a_server_that_takes_connections_is_reached_though_it_sends_no_page(
    bastion: Bastion,
) -> None:
    """By its backlog alone, as a node port behind which nothing answers."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        (answer,) = bastion.probe([f"http://127.0.0.1:{silent.getsockname()[1]}/"])
    assert answer.attempt.reach is Reach.REACHED
    with pytest.raises(FailedProbe, match=r"connected, then curl: \(28\) Operation timed out"):
        answer.page()


def test_where_a_redirect_leads(bastion: Bastion, ssm: FakeSsm, tmp_path: Path) -> None:
    with servers.serving(lambda _: "moved", status=301) as port:
        curl_that_finds(tmp_path, "svc.example.com:80", f"127.0.0.1:{port}")
        ssm.environment = {**ssm.environment, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
        (answer,) = bastion.probe(["http://svc.example.com/"])
    assert judge_redirect(answer.page(), "https://svc.example.com:443/").ok


def test_many_urls_take_several_commands_as_ssm_cuts_what_they_print(
    bastion: Bastion, monkeypatch: pytest.MonkeyPatch
) -> None:
    """docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetCommandInvocation.html"""
    urls, asked = [f"http://{n}/" for n in range(60)], []

    def run(commands: str) -> str:
        asked.append(commands.count("http://"))
        return "".join(f"probe {n} 0 200 0.1 to= 0 body= error=\n" for n in range(asked[-1]))

    monkeypatch.setattr(bastion, "_run", run)
    assert [each.attempt.target for each in bastion.probe(urls)] == urls
    assert asked == [20, 20, 20]


def test_a_url_is_no_shell() -> None:
    assert "probe 0 'http://a/; rm -rf $HOME' &" in script(["http://a/; rm -rf $HOME"])


def test_a_cut_output_is_a_failed_probe() -> None:
    with pytest.raises(FailedProbe, match="the bastion reported nothing about http://b/"):
        parse("probe 0 0 200 0.1 to= 0 body=eA== error=\nprobe 1 0 2", ["http://a/", "http://b/"])


@pytest.mark.parametrize("status", ["Failed", "TimedOut", "Cancelled"])
def test_a_command_that_did_not_succeed_is_a_failed_probe(
    bastion: Bastion, ssm: FakeSsm, status: str
) -> None:
    ssm.status = status

    with pytest.raises(FailedProbe, match=f"SSM command {status}: {status}"):
        bastion.probe(["http://a/"])
