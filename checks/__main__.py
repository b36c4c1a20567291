"""`python -m checks`: test the statements against a stack, from the host on which this runs."""

import argparse
import os
import signal
import sys
import time
from contextlib import closing
from types import FrameType

from checks import report
from checks.aws import Aws
from checks.bastion import Bastion
from checks.context import Context
from checks.kubernetes import Cluster
from checks.outcome import CannotRun, Outcome, Patience, Result
from checks.outputs import Outputs, load_outputs, pulumi_outputs
from checks.runner import run
from checks.statements import CHECKS
from checks.web import ThisHost

WAIT = 300.0  # seconds: on AWS a load balancer may take that long to serve once it has a name
FAILED, NO_OUTPUTS, INTERRUPTED = 1, 2, 130


def numbers(text: str) -> set[int]:
    """Check numbers as in "1,3"."""
    known = {each.number for each in CHECKS}
    try:
        chosen = {int(each) for each in text.split(",")}
    except ValueError:
        chosen = set()
    if not chosen or chosen - known:
        raise argparse.ArgumentTypeError(f"{text!r}: give numbers of {min(known)} to {max(known)}")
    return chosen


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m checks",
        description="Test the statements of docs/statements.md against a stack, with the AWS "
        "credentials and kubectl of the environment. Exits with 0 if all hold, 1 if one fails, "
        "2 if the stack's outputs cannot be read.",
    )
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--stack", metavar="NAME", help="Pulumi stack; default: the selected one")
    source.add_argument(
        "--outputs",
        metavar="FILE",
        help="what `pulumi stack output --json --show-secrets` printed; - is standard input",
    )
    parser.add_argument("--json", action="store_true", help="print only a JSON list of results")
    parser.add_argument("--only", type=numbers, metavar="N,...", help="run these checks only")
    parser.add_argument(
        "--wait",
        type=float,
        default=WAIT,
        metavar="SECONDS",
        help="how long, from the start, all checks together try again what does not hold yet "
        "(%(default).0f)",
    )
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> int:
    """Run, print, and return the exit status."""
    options = parse(arguments)
    try:
        if options.outputs:
            outputs = load_outputs(options.outputs, sys.stdin)
        else:
            outputs = pulumi_outputs(options.stack)
    except CannotRun as reason:
        print(f"checks: {reason}", file=sys.stderr)
        return NO_OUTPUTS
    return run_checks(outputs, options)


def run_checks(outputs: Outputs, options: argparse.Namespace) -> int:
    started = time.monotonic()
    chosen = [each for each in CHECKS if options.only is None or each.number in options.only]
    coloured = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    aws = Aws(outputs)

    def show(result: Result) -> None:
        if not options.json:
            print(report.row(result, coloured), flush=True)

    def wait(outcome: Outcome, left: float) -> None:
        print(report.waiting(outcome, left), file=sys.stderr, flush=True)

    with closing(Cluster(outputs)) as cluster:
        patience = Patience(options.wait, wait)
        bastion = Bastion(aws, outputs)
        context = Context(outputs, cluster, bastion, aws, ThisHost(), patience)
        results = run(chosen, context, show)
    if options.json:
        print(report.as_json(results))
    else:
        for each in results:
            if not each.ok:
                print(f"\n{report.failure(each)}")
        print(f"\n{report.summary(outputs.cluster_name, results, time.monotonic() - started)}")
    return 0 if all(each.ok for each in results) else FAILED


def _interrupt(signum: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt  # so that SIGTERM, too, removes the kubeconfig with the token


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
