"""The outputs of a stack, and what is said when they are not what they should be."""

import io
from pathlib import Path

import pytest

from checks.outcome import CannotRun
from checks.outputs import Host, Outputs, load_outputs, pulumi_outputs, read_outputs
from tests.unit.checks import support


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("error: no stack", "the outputs are not JSON"),
        ("[]", "the outputs are not a JSON object"),
        ("{}", r"the stack has no outputs: is `pulumi up` done\?"),
    ],
)
def test_what_is_no_set_of_outputs_is_refused(text: str, reason: str) -> None:
    with pytest.raises(CannotRun, match=reason):
        read_outputs(text)


SHOP = {"host": "shop.a.org", "path": "/", "service": "shop", "page": None}


@pytest.mark.parametrize(
    ("output", "values", "reason"),
    [
        ("domain", [None, "", 3, ["a"]], "the stack has no output domain: "),
        ("kubeconfig", ["[secret]"], "kubeconfig is hidden: .*--show-secrets"),
        ("hosts", [None, [], {}], "the stack has no output hosts: "),
        (
            "hosts",
            [[3], [{}], [{**SHOP, "page": 3}], [{**SHOP, "a": "b"}]],
            "output hosts has .*, ",
        ),
    ],
)
def test_an_output_that_cannot_be_used_is_named(
    output: str, values: list[object], reason: str
) -> None:
    for value in values:
        with pytest.raises(CannotRun, match=reason):
            getattr(Outputs({output: value}), output)


@pytest.mark.parametrize("value", [None, {}, {"scheme": "public"}])
def test_what_is_said_of_load_balancers_must_be_known(value: object) -> None:
    with pytest.raises(
        CannotRun, match=r"load_balancing\.scheme is (None|'public'), not internet-"
    ):
        _ = Outputs({"load_balancing": value}).load_balancer_scheme


@pytest.mark.parametrize("value", [None, "true", 1, "", 0])
@pytest.mark.parametrize("key", ["tls", "load_balancer_tls"])
def test_that_there_is_no_tls_must_be_said(key: str, value: object) -> None:
    with pytest.raises(CannotRun, match=rf"load_balancing\.{key} is {value!r}, not True or False"):
        getattr(Outputs({"load_balancing": {key: value}}), key)


def test_pages_below_a_path_are_asked_for_without_a_redirect() -> None:
    urls = [
        Host("a.org", path, "a", page).url for path, page in (("/", "x"), ("/b", "x"), ("/b", None))
    ]
    assert urls == ["http://a.org/", "http://a.org/b/", "http://a.org/b"]


@pytest.mark.parametrize("services", [None, [], {}, {"cluster_ip": None}])
def test_a_missing_service_is_named(services: object) -> None:
    with pytest.raises(CannotRun, match=r"the stack has no output services\.cluster_ip"):
        Outputs({"services": services}).service("cluster_ip")


def test_outputs_come_from_a_file_or_standard_input(tmp_path: Path) -> None:
    (tmp_path / "outputs").write_text('{"domain": "a.org"}')

    assert load_outputs(str(tmp_path / "outputs"), io.StringIO()).domain == "a.org"
    assert load_outputs("-", io.StringIO('{"domain": "b.org"}')).domain == "b.org"
    with pytest.raises(CannotRun, match="cannot read the outputs from /nowhere: No such file"):
        load_outputs("/nowhere", io.StringIO())


def test_outputs_come_from_pulumi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(CannotRun, match="cannot run pulumi"):
        pulumi_outputs(None)

    support.script(tmp_path / "pulumi", '#!/bin/sh\necho "{\\"domain\\": \\"$*\\"}"\n')
    asked = "stack output --json --show-secrets"
    assert pulumi_outputs(None).domain == asked
    assert pulumi_outputs("dev").domain == f"{asked} --stack dev"

    support.script(tmp_path / "pulumi", "#!/bin/sh\necho >&2 error: no stack named dev; exit 255\n")
    with pytest.raises(CannotRun, match="failed: error: no stack named dev"):
        pulumi_outputs("dev")
