"""The program: its exit status, and what it prints where."""

import json
from pathlib import Path

import pytest

from checks import __main__ as program
from checks.context import Check
from checks.outcome import Expectation, Outcome, Verdict

EXPECTATION = Expectation("look", "something", "there")


def check(number: int, ok: bool) -> Check:
    verdict = Verdict(ok, "something" if ok else "nothing")
    return Check(number, f"check {number}", lambda _: iter([Outcome(EXPECTATION, verdict)]))


@pytest.fixture
def outputs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A file of outputs, and a program of three checks, the third of which fails."""
    monkeypatch.setattr(program, "CHECKS", (check(1, True), check(2, True), check(3, False)))
    (tmp_path / "outputs.json").write_text('{"domain": "example.com"}')
    return str(tmp_path / "outputs.json")


def test_all_green_is_zero(outputs: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert program.main(["--outputs", outputs, "--only", "2,1"]) == 0

    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("✓  1 check 1")
    assert lines[1].startswith("✓  2 check 2")
    assert lines[-1].startswith("2 of 2 checks hold")


def test_one_failure_is_not_zero_and_is_shown_in_full_or_in_json(
    outputs: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert program.main(["--outputs", outputs]) == 1

    out = capsys.readouterr().out
    assert "✗  3 check 3" in out
    assert "    look at  there\n" in out

    assert program.main(["--outputs", outputs, "--json"]) == 1

    results = json.loads(capsys.readouterr().out)
    assert [(each["number"], each["ok"]) for each in results] == [(1, True), (2, True), (3, False)]


def test_no_outputs_is_two_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert program.main(["--outputs", "/nowhere"]) == 2

    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("checks: cannot read the outputs from /nowhere")
    assert shown.err.count("\n") == 1


@pytest.mark.parametrize("chosen", ["0", "1,4", "x", ""])
def test_unknown_numbers_are_refused(
    outputs: str, chosen: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        program.main(["--outputs", outputs, "--only", chosen])

    assert "give numbers of 1 to 3" in capsys.readouterr().err
