"""Access logs that a real nginx writes, until they are delivered."""

import shlex
from dataclasses import replace

import pytest

from localcloud.aws.elbv2.snapshots import AccessLogs, FixedResponse
from localcloud.network.balancer import log_delivery
from localcloud.network.balancer.access_log import FILE
from tests.cloud.network.site import ON_A, PUBLIC, Site
from tests.cloud.network.test_tls import DEFAULT, answer, https
from tests.cloud.waiting import eventually
from tests.unit.localcloud.network.examples import balancer, forward, listener, rule, target_group

LOGS = AccessLogs("bucket", "")
GROUP = target_group("arn:a", ON_A)
AGENT = {"User-Agent": 'say "hi"', "Host": "svc1.example.com"}


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_delivery, "DELIVERY_SECONDS", 0.2)


def show(site: Site, logs: AccessLogs | None = LOGS, idle: float = 60) -> None:
    """A rule that forwards, one that answers itself, and access logs."""
    fixed = replace(rule(FixedResponse(404, "text/plain", "no"), path="/no"), priority=7)
    made = balancer(listener(fixed, rule(forward("arn:a"))))
    site.stage.snapshots.groups = (GROUP,)
    site.stage.snapshots.balancers = (replace(made, access_logs=logs, idle_timeout=idle),)
    site.reconciler.reconcile()
    site.settle(("arn:a", "i-a", "healthy"))


def lines(site: Site) -> list[list[str]]:
    """The fields of the lines that were delivered for requests of the tests."""
    text = "".join(text for _, text in site.logged).replace("\\", "\\\\")
    return [fields for one in text.splitlines() if "svc1" in (fields := shlex.split(one))[12]]


def test_every_request_is_logged_once_and_delivered(site: Site) -> None:
    show(site)
    site.until(lambda answer: answer.status == 200)
    for path in ("/a?b=c", "/no"):
        site.get(path, **AGENT)
    eventually(lambda: len(lines(site)) == 2)
    first, second = lines(site)
    assert first[0] == "http"
    assert first[3].startswith("198.18.0.10:")
    assert first[4] == "10.0.2.11:8080"
    assert float(first[6]) >= 0
    assert (*first[8:10], first[12]) == (
        "200", "200", "GET http://svc1.example.com:80/a?b=c HTTP/1.1",
    )  # fmt: skip
    assert (first[13], first[16], first[20], first[22]) == (
        "say \\x22hi\\x22", "arn:a", "0", "forward",
    )  # fmt: skip
    assert (second[4], second[5], second[8], second[20], second[22]) == (
        "-", "-1", "404", "7", "fixed-response",
    )  # fmt: skip


def test_none_is_lost_by_reloads_nor_at_the_end_and_no_file_stays(site: Site) -> None:
    show(site)
    site.until(lambda answer: answer.status == 200)
    for number in range(30):
        site.get(f"/{number}", **AGENT)
        if number % 10 == 0:
            show(site, idle=61 + number)  # a reload
    folder = site.reconciler._folder / "elb-demo"
    eventually(lambda: (folder / FILE).exists() and not (folder / FILE).stat().st_size)
    site.get("/last", **AGENT)
    site.stage.snapshots.balancers = ()
    site.reconciler.reconcile()
    assert not folder.exists()
    paths = [fields[12].split()[1].rpartition("/")[2] for fields in lines(site)]
    assert sorted(paths) == sorted([*map(str, range(30)), "last"])


def test_without_access_logs_nothing_is_written(site: Site) -> None:
    show(site, None)
    site.until(lambda answer: answer.status == 200)
    assert not (site.reconciler._folder / "elb-demo" / FILE).exists()


def test_every_connection_to_a_tls_listener_is_logged(site: Site) -> None:
    """Also one that ends before TLS is negotiated:
    docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-access-logs.html"""
    site.stage.snapshots.issued = (DEFAULT,)
    made = https(action=forward("arn:a"), protocol="TLS")
    site.stage.snapshots.groups = (GROUP,)
    site.stage.snapshots.balancers = (replace(balancer(made, kind="network"), access_logs=LOGS),)
    site.reconciler.reconcile()
    site.settle(("arn:a", "i-a", "healthy"))
    eventually(lambda: answer(site).endswith("i-a"))
    with site.stage.open("world", PUBLIC, 443) as client:
        client.sendall(b"no TLS")

    def logged() -> list[list[str]]:
        return [one.split(" ") for _, text in site.logged for one in text.splitlines()]

    eventually(lambda: bool(logged()) and logged()[-1][14] == "-")
    good, bad = logged()[-2:]
    for fields in good, bad:
        assert (*fields[:2], fields[4], fields[6]) == (
            "tls",
            "2.0",
            "arn:listener-443",
            "10.0.1.5:443",
        )
        assert fields[5].startswith("198.18.0.10:")
    assert 0 <= int(good[8]) <= int(good[7])
    assert (int(good[9]) > 40, int(good[10]) > 100, *good[11:14]) == (
        True,
        True,
        "-",
        "arn:default",
        "-",
    )
    assert good[14:21] == ["TLS_AES_256_GCM_SHA384", "tlsv13", "-", "a.test", "-", "-", "-"]
    assert bad[8:21] == ["-", "0", "0", *["-"] * 10]
