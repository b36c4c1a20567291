"""The table in 80 columns, the failures at length, and JSON."""

import json

import pytest

from checks.outcome import Expectation, Outcome, Result, Verdict
from checks.report import WIDTH, as_json, cut_middle, failure, fit, row, summary, waiting

NAME = "k8s-servicet-ingress-0123456789-987654321.eu-west-1.elb.amazonaws.com"


def result(*verdicts: Verdict, number: int = 10, seconds: float = 1.24) -> Result:
    actions = ("3 CNAMEs in zone", "DNS")
    statements = [
        Outcome(Expectation(action, f"→ {NAME}", "zone Z1"), verdict)
        for action, verdict in zip(actions, verdicts, strict=False)
    ]
    return Result(number, "DNS records", tuple(statements), seconds)


def test_a_row_puts_actions_that_saw_the_same_together() -> None:
    shown = row(result(Verdict(True, "fine (now)"), Verdict(True, "fine (now)")), False)

    assert shown.startswith("✓ 10 DNS records  3 CNAMEs in zone, DNS: fine (now)  ")
    assert shown.endswith("   1.2 s")


def test_a_row_drops_details_that_it_has_no_room_for() -> None:
    shown = row(result(Verdict(True, f"fine (by {NAME})"), Verdict(True, "fine")), False)

    assert shown.startswith("✓ 10 DNS records  3 CNAMEs in zone, DNS: fine  ")


@pytest.mark.parametrize("saw", [NAME, f"→ {NAME} and {NAME}", "word " * 40, "x" * 500, "a\nb"])
@pytest.mark.parametrize("ok", [True, False])
def test_a_row_is_one_line_of_80_columns(ok: bool, saw: str) -> None:
    shown = row(result(Verdict(ok, saw), number=1, seconds=120.04), False)

    assert len(shown) == WIDTH
    assert "\n" not in shown


def test_the_row_of_a_failed_check_tells_only_what_failed() -> None:
    shown = row(result(Verdict(True, "fine"), Verdict(False, "no such name")), True)

    assert shown.startswith("\x1b[31m✗\x1b[0m 10 DNS records  DNS: no such name ")


def test_names_are_shortened_in_the_middle_the_longest_first() -> None:
    assert cut_middle("abcdefghij", 5) == "ab…ij"
    assert fit("of abcdefghijklmnop", 14) == "of abcde…lmnop"
    assert fit("short", 14) == "short"
    assert fit("connection, abcdefghijkl", 21) == "conn…tion, abcd…hijkl"


def test_a_failure_says_what_was_expected_seen_and_where_to_look_in_full() -> None:
    text = failure(result(Verdict(True, "fine"), Verdict(False, "no such name (NXDOMAIN)")))

    assert text.splitlines() == [
        "10 DNS records",
        "    did      DNS",
        "    expected →",
        f"             {NAME}",  # whole, to be copied
        "    saw      no such name (NXDOMAIN)",
        "    look at  zone Z1",
    ]


def test_a_wait_is_one_line_of_80_columns() -> None:
    saw = f"shop: port 10.0.0.9:80, not {NAME}"
    outcome = Outcome(Expectation("ELB", "all healthy", "there"), Verdict(False, saw))
    line = waiting(outcome, 290.4)
    assert line.startswith("still trying, 290 s at most: ELB: shop: port 10.0.0.9:80, not ")
    assert len(line) <= 80


def test_json_is_whole() -> None:
    results = [result(Verdict(True, f"→ {NAME} (detail)"), Verdict(False, "none"))]

    assert json.loads(as_json(results)) == [
        {
            "number": 10,
            "title": "DNS records",
            "ok": False,
            "did": "3 CNAMEs in zone; DNS",
            "saw": f"→ {NAME} (detail); none",
            "expected": f"→ {NAME}; → {NAME}",
            "seconds": 1.24,
        }
    ]


def test_the_summary_counts() -> None:
    results = [result(Verdict(True, "")), result(Verdict(False, ""))]

    assert summary("shop-dev", results, 3.21) == "shop-dev: 1 of 2 checks hold (3.2 s)"
