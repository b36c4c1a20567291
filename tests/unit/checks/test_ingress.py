"""Checks 6 to 10 fail once the thing they speak of is broken."""

import pytest

from tests.unit.checks import servers
from tests.unit.checks.fake_aws import ALB, NLB, cname, forward
from tests.unit.checks.stand import Stand, failed


@pytest.mark.parametrize(("number", "host"), [(6, "svc1"), (7, "svc2"), (8, "svc")])
def test_6_to_8_fail_on_another_page(stand: Stand, number: int, host: str) -> None:
    stand.servers.pages[f"{host}.example.com"] = "svc-1 and more"

    assert failed(stand.checked(number)) == f"GET http://{host}.example.com: 'svc-1 and more'"


@pytest.mark.parametrize(("number", "host"), [(6, "svc1"), (7, "svc2"), (8, "svc")])
def test_6_to_8_fail_when_the_name_leads_nowhere(stand: Stand, number: int, host: str) -> None:
    del stand.network.routes[f"{host}.example.com", 80]

    assert "no route to host" in failed(stand.checked(number))


def test_6_fails_on_an_error_page_with_the_right_word(stand: Stand) -> None:
    with servers.serving(lambda _: "svc-1", status=503) as port:
        stand.network.routes["svc1.example.com", 80] = ("127.0.0.1", port)

        assert failed(stand.checked(6)).endswith("status 503: 'svc-1'")


def test_9_fails_when_a_rule_leads_to_the_other_service(stand: Stand) -> None:
    stand.account.rules[1] = forward("group-1", "svc2.example.com", "2")

    assert failed(stand.checked(9)) == "ELB: svc2: port 30001, not 30002"


def test_9_fails_without_the_load_balancer(stand: Stand) -> None:
    del stand.account.schemes[ALB]

    assert failed(stand.checked(9)) == f"ELB: ELB knows no load balancer {ALB}"


def test_9_fails_without_an_http_listener(stand: Stand) -> None:
    stand.account.ports = (443,)

    assert failed(stand.checked(9)) == "ELB: no listener on port 80 (ports: 443)"


def test_9_fails_with_an_unhealthy_target(stand: Stand) -> None:
    stand.account.targets["group-2"][0] = ("i-1", 30002, "unhealthy")

    assert failed(stand.checked(9)) == "ELB: svc2: i-1 unhealthy"


def test_9_fails_at_once_without_the_right_to_look(stand: Stand) -> None:
    stand.account.error = ("AccessDenied", "not you")

    assert "AccessDenied: not you" in failed(stand.checked(9))


def test_10_fails_when_a_record_points_elsewhere(stand: Stand) -> None:
    stand.account.records[1] = cname("svc1.example.com", NLB)

    assert failed(stand.checked(10)) == f"zone: svc1.example.com → {NLB}"


def test_10_fails_when_a_record_is_an_alias(stand: Stand) -> None:
    stand.account.records[2] = {"Name": "svc2.example.com.", "Type": "A"}

    assert "svc2.example.com has no CNAME record (records: A)" in failed(stand.checked(10))


def test_10_fails_when_dns_says_otherwise(stand: Stand) -> None:
    stand.servers.public_names["svc.example.com"] = "old.example.org"

    assert failed(stand.checked(10)) == "DNS: svc.example.com → old.example.org"


def test_10_fails_when_dns_knows_no_such_name(stand: Stand) -> None:
    del stand.servers.public_names["svc.example.com"]

    assert failed(stand.checked(10)).startswith("DNS: ")
