"""What a run prints: a table with a row for each check, the failures in full, or JSON."""

import json
import re
import textwrap
from collections.abc import Iterable, Sequence

from checks.outcome import Outcome, Result

WIDTH = 80
TITLE_WIDTH = 12
TEXT_WIDTH = WIDTH - TITLE_WIDTH - len("✓ 10  ") - len(" 120.0 s")
SHORTEST = 9  # characters that a cut word keeps at least
GREEN, RED, PLAIN = "\x1b[32m", "\x1b[31m", "\x1b[0m"
DETAIL = re.compile(r" \([^()]*\)")


def cut_middle(text: str, width: int) -> str:
    """The text with its middle cut out if it is longer than `width`."""
    if len(text) <= width:
        return text
    head = (width - 1) // 2
    return text[:head] + "…" + text[len(text) - (width - 1 - head) :]


def fit(text: str, width: int) -> str:
    """The text in `width` characters: its longest words are cut in the middle, as far as needed."""
    whole = text.split(" ")
    widths = [len(each) for each in whole]
    while sum(widths) + len(widths) - 1 > width:
        longest = widths.index(max(widths))
        if widths[longest] <= SHORTEST:
            return cut_middle(text, width)
        widths[longest] -= 1
    return " ".join(map(cut_middle, whole, widths))


def summarize(outcomes: Iterable[Outcome], details: bool) -> str:
    """What was done and seen, in one line; actions with the same result are put together."""
    actions_by_result: dict[str, list[str]] = {}
    for each in outcomes:
        action, saw = each.expectation.action, each.verdict.saw
        if not details:
            action, saw = DETAIL.sub("", action), DETAIL.sub("", saw)
        actions_by_result.setdefault(saw, []).append(action)
    parts = [f"{', '.join(actions)}: {saw}" for saw, actions in actions_by_result.items()]
    text = "; ".join(parts)
    return " ".join(text.split())


def row(result: Result, coloured: bool) -> str:
    """One line of the table, at most 80 columns; for a failed check it has only what failed."""
    mark = "✓" if result.ok else "✗"
    if coloured:
        mark = f"{GREEN if result.ok else RED}{mark}{PLAIN}"
    outcomes = [each for each in result.outcomes if each.verdict.ok is result.ok]
    text = summarize(outcomes, details=True)
    if len(text) > TEXT_WIDTH:
        text = fit(summarize(outcomes, details=False), TEXT_WIDTH)
    return (
        f"{mark} {result.number:>2} {result.title:<{TITLE_WIDTH}} {text:<{TEXT_WIDTH}}"
        f" {result.seconds:>5.1f} s"
    )


def waiting(outcome: Outcome, left: float) -> str:
    """One line about what does not hold yet and is tried again, at most 80 columns."""
    action, saw = outcome.expectation.action, outcome.verdict.saw
    return fit(f"still trying, {left:.0f} s at most: {action}: {saw}", WIDTH)


def failure(result: Result) -> str:
    """What a failed check expected, what it saw and where to look, at full length."""
    lines = [f"{result.number} {result.title}"]
    for each in result.outcomes:
        if not each.verdict.ok:
            lines += [
                _labelled("did", each.expectation.action),
                _labelled("expected", each.expectation.expected),
                _labelled("saw", each.verdict.saw),
                _labelled("look at", each.expectation.look),
            ]
    return "\n".join(lines)


def _labelled(label: str, text: str) -> str:
    indent = " " * 13
    return textwrap.fill(
        " ".join(text.split()),
        WIDTH,
        initial_indent=f"    {label:<9}",
        subsequent_indent=indent,
        break_long_words=False,  # names and commands stay whole, to be copied
        break_on_hyphens=False,
    )


def summary(cluster: str, results: Sequence[Result], seconds: float) -> str:
    held = sum(each.ok for each in results)
    of = f"{cluster}: " if cluster else ""
    return f"{of}{held} of {len(results)} checks hold ({seconds:.1f} s)"


def as_json(results: Sequence[Result]) -> str:
    """The results for machines, nothing shortened; outcomes are joined with "; "."""
    return json.dumps(
        [
            {
                "number": each.number,
                "title": each.title,
                "ok": each.ok,
                "did": "; ".join(one.expectation.action for one in each.outcomes),
                "saw": "; ".join(one.verdict.saw for one in each.outcomes),
                "expected": "; ".join(one.expectation.expected for one in each.outcomes),
                "seconds": round(each.seconds, 3),
            }
            for each in results
        ],
        indent=2,
        ensure_ascii=False,
    )
