"""The list of checks: each holds on the stand, and none is green without what it needs."""

import pytest

from checks.post import CHECKS
from tests.unit.checks.stand import Stand, failed

NUMBERS = [each.number for each in CHECKS]


def test_the_checks_are_numbered_as_in_the_issue() -> None:
    assert list(range(1, 11)) == NUMBERS


@pytest.mark.parametrize("number", NUMBERS)
def test_a_check_holds_on_a_stack_as_in_the_post(stand: Stand, number: int) -> None:
    result = stand.checked(number)

    assert result.ok, failed(result)


@pytest.mark.parametrize("number", NUMBERS)
def test_a_check_without_outputs_fails_with_the_reason(stand: Stand, number: int) -> None:
    stand.outputs.clear()

    assert "the stack has no output" in failed(stand.checked(number))


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5, 9])
def test_a_check_without_kubectl_fails_with_the_reason(
    stand: Stand, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")

    assert failed(stand.checked(number)) == "could not run: there is no kubectl on PATH"
