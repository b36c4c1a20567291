"""Runs checks at the same time and reports their results in order."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from checks.context import Check, Context
from checks.outcome import CannotRun, Expectation, Outcome, Result, Verdict

TO_RUN = "that the check can run"


def run(
    checks: Sequence[Check], context: Context, report: Callable[[Result], None]
) -> tuple[Result, ...]:
    """Every check's result. `report` gets each as soon as it and those before it are done."""
    results = []
    with ThreadPoolExecutor(max_workers=len(checks)) as pool:
        try:
            for each in [pool.submit(result_of, check, context) for check in checks]:
                results.append(each.result())
                report(results[-1])
        except BaseException:
            context.patience.give_up()  # or the pool would wait until every probe's time is up
            raise
    return tuple(results)


def result_of(check: Check, context: Context) -> Result:
    """Run one check. An error that ends it early becomes an outcome that fails."""
    started = time.monotonic()
    outcomes: list[Outcome] = []
    try:
        outcomes.extend(check.outcomes(context))
    except CannotRun as reason:
        outcomes.append(could_not_run(str(reason)))
    except Exception as error:  # a bug must not look like a check that holds
        outcomes.append(could_not_run(f"{type(error).__name__}: {error}"))
    return Result(check.number, check.title, tuple(outcomes), time.monotonic() - started)


def could_not_run(reason: str) -> Outcome:
    """The outcome of a check that could not run (to its end)."""
    return Outcome(Expectation("could not run", TO_RUN, "the reason above"), Verdict(False, reason))
