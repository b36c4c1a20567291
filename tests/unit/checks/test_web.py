"""What a page, a name or an error of AWS says."""

from typing import Any

import pytest

from checks.aws import Aws
from checks.names import judge_cnames
from checks.outcome import CannotRun, FailedProbe, Verdict
from checks.outputs import Outputs
from checks.web import (
    Page,
    ThisHost,
    excerpt,
    judge_any_page,
    judge_nginx_page,
    judge_page,
    judge_private,
    judge_redirect,
)
from tests.unit.checks.fake_aws import Clients, as_posted

OUTPUTS = Outputs({"region": "eu-west-1"})


@pytest.fixture
def aws(clients: Clients) -> Aws:
    """An account that tests find in `clients.account`."""
    aws = Aws(OUTPUTS)
    aws._clients = dict(clients.by_name)
    clients.account = as_posted(1, 2)
    return aws


@pytest.mark.parametrize(
    ("page", "verdict"),
    [
        (Page(200, "svc-1"), Verdict(True, "svc-1")),
        (Page(200, "svc-1\n"), Verdict(True, "svc-1")),
        (Page(200, "svc-1\n\n"), Verdict(False, "'svc-1'")),
        (Page(200, "svc-2"), Verdict(False, "'svc-2'")),
        (Page(502, "svc-1"), Verdict(False, "status 502: 'svc-1'")),
    ],
)
def test_the_whole_page_counts(page: Page, verdict: Verdict) -> None:
    assert judge_page(page, "svc-1") == verdict


def test_a_newline_at_the_end_of_the_expected_page_does_not_count() -> None:
    """`page: |` in YAML has one."""
    assert judge_page(Page(200, "svc-1\n"), "svc-1\n").ok


@pytest.mark.parametrize(
    ("page", "verdict"),
    [
        (Page(301, "", "https://a:443/"), Verdict(True, "status 301 to https://a:443/")),
        (Page(301, ""), Verdict(False, "status 301 to nowhere")),
        (Page(301, "", "https://b:443/"), Verdict(False, "status 301 to https://b:443/")),
        (Page(302, "", "https://a:443/"), Verdict(False, "status 302 to https://a:443/")),
    ],
)
def test_a_redirect_leads_to_the_url(page: Page, verdict: Verdict) -> None:
    assert judge_redirect(page, "https://a:443/") == verdict


def test_an_image_may_redirect() -> None:
    """Its target group has the success codes 200-399."""
    seen = [judge_any_page(Page(status, "")).ok for status in (199, 200, 302, 399, 404)]
    assert seen == [False, True, True, True, False]


def test_another_page_is_told_by_its_beginning() -> None:
    assert judge_nginx_page("<h1>\nIt works!</h1>").saw == "another page: '<h1> It works!</h1>'"
    assert len(excerpt("x" * 1000)) == 62


@pytest.mark.parametrize(
    ("addresses", "verdict"),
    [
        (["10.0.1.2", "fd00::1"], Verdict(True, "private (10.0.1.2, fd00::1)")),
        (["100.64.0.1"], Verdict(True, "private (100.64.0.1)")),
        (["10.0.1.2", "8.8.8.8"], Verdict(False, "public: 8.8.8.8")),
        ([], Verdict(False, "no address")),
    ],
)
def test_an_internal_name_leads_to_private_addresses_only(
    addresses: list[str], verdict: Verdict
) -> None:
    assert judge_private(addresses) == verdict


def test_a_name_without_addresses_is_a_failed_probe() -> None:
    with pytest.raises(FailedProbe, match=r"no\.invalid: "):
        ThisHost().addresses("no.invalid")


def test_no_names_point_nowhere() -> None:
    assert not judge_cnames({}, "alb").ok


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("AccessDeniedException", CannotRun),
        ("ExpiredTokenException", CannotRun),
        ("UnauthorizedOperation", CannotRun),
        ("Throttling", FailedProbe),
        ("InvalidInstanceId", FailedProbe),
    ],
)
def test_only_what_waiting_does_not_cure_ends_a_check(
    aws: Aws, clients: Clients, code: str, kind: type[Exception]
) -> None:
    clients.account.error = (code, "words")

    with pytest.raises(kind, match=f"EC2, asked for the nodes, answers {code}: words"):
        aws.public_addresses(["i-1"])


def test_no_credentials_end_a_check(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")

    with pytest.raises(CannotRun, match="no AWS credentials"):
        Aws(OUTPUTS).public_addresses(["i-1"])


def test_a_node_that_ec2_does_not_know_is_a_failed_probe(aws: Aws, clients: Clients) -> None:
    clients.account.unknown = {"i-2"}

    with pytest.raises(FailedProbe, match="EC2 has no instance i-2"):
        aws.public_addresses(["i-1", "i-2"])
