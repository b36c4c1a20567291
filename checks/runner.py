"""Running checks side by side, and handing on their results in order."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from checks.statement import CannotRun, Claim, Result, Statement, Verdict
from checks.world import Check, World

TO_RUN = "that the check can run"


def run(
    checks: Sequence[Check], world: World, report: Callable[[Result], None]
) -> tuple[Result, ...]:
    """Every check's result. `report` gets each as soon as it and those before it are done."""
    results = []
    with ThreadPoolExecutor(max_workers=len(checks)) as pool:
        try:
            for each in [pool.submit(result_of, check, world) for check in checks]:
                results.append(each.result())
                report(results[-1])
        except BaseException:
            world.patience.give_up()  # or the pool would wait for every probe's last try
            raise
    return tuple(results)


def result_of(check: Check, world: World) -> Result:
    """Run one check. Whatever keeps it from running to its end is a statement that fails."""
    started = time.monotonic()
    statements: list[Statement] = []
    try:
        statements.extend(check.statements(world))
    except CannotRun as reason:
        statements.append(could_not_run(str(reason)))
    except Exception as error:  # a mistake of ours must not look like a check that holds
        statements.append(could_not_run(f"{type(error).__name__}: {error}"))
    return Result(check.number, check.title, tuple(statements), time.monotonic() - started)


def could_not_run(reason: str) -> Statement:
    """The statement of a check that could not run (to its end)."""
    return Statement(Claim("could not run", TO_RUN, "the reason above"), Verdict(False, reason))
