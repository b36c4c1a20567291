"""The local cloud's commands: up, down, status, logs, exec, env, policy."""

import argparse
import contextlib
import json
import os
import sys
import textwrap
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from localcloud import environment, lifecycle, machine
from localcloud.aws.accounts import DEVELOPER, iam_arn
from localcloud.errors import CloudError
from localcloud.forkserver.client import ForkServer, NoForkServer
from localcloud.network.netns import enter
from localcloud.paths import WORLD, CloudPaths
from localcloud.process_table import first_process
from localcloud.tools import ToolError, find

ZONE = "example.com"  # the post's domain, of which Route 53 creates no zone: AWS reserves it
ASK_TIMEOUT = 5.0  # seconds
# Where each host has a CA bundle with the cloud's CA (netns.enter), also for programs with another
# default.
CAS = "/etc/ssl/certs/ca-certificates.crt"
TRUST = dict.fromkeys(
    ("SSL_CERT_FILE", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "AWS_CA_BUNDLE"), CAS
)


def say(line: str) -> None:
    print(line, flush=True)


def cloud_info(paths: CloudPaths) -> lifecycle.CloudInfo:
    """How to use the running cloud. Raises CloudError if it does not run."""
    info, runs = lifecycle.CloudInfo.read(paths), first_process(str(paths.root)) is not None
    if info and not runs:
        raise CloudError(
            f"the cloud {paths.name!r} has ended, and its records are lost: `python -m"
            f" localcloud logs cloud` shows why, `python -m localcloud up` starts a new one"
        )
    if info is None or not runs:
        raise CloudError(f"cloud {paths.name!r} does not run: `python -m localcloud up` starts it")
    return info


def ask(paths: CloudPaths, what: str) -> Any:
    """Ask the running cloud for its `hosts`, its `status` or the `actions` of its users."""
    url = f"http://127.0.0.1:{cloud_info(paths).aws_port}/_cloud/{what}"
    try:
        with urllib.request.urlopen(url, timeout=ASK_TIMEOUT) as answer:
            return json.load(answer)
    except (urllib.error.URLError, TimeoutError) as error:
        raise CloudError(
            f"the cloud {paths.name} does not answer ({error}): see its logs"
        ) from None


def up(paths: CloudPaths, options: argparse.Namespace) -> int:
    begun = time.monotonic()
    tools = find()
    machine.check_machine()
    fresh = lifecycle.up(paths, options.port, options.zone, say)
    environment.link_charts(tools)
    if fresh or not environment.has_commands(paths):
        environment.write_commands(paths, tools)
    with contextlib.suppress(NoForkServer):  # then each plugin runs in a new process
        ForkServer(str(paths.root), sys.executable, str(environment.PRELOAD)).start(
            environment.merged({})
        )
    took = f"up in {time.monotonic() - begun:.1f} s"
    say(f"cloud {paths.name} {took if fresh else 'is running already'}")
    return 0


def listed(names: Iterable[str]) -> str:
    """The end of an error message: the names that exist, as indented lines of 80 columns."""
    known = ", ".join(sorted(names)) or "none: the cloud is down"
    return f"there are:\n{textwrap.indent(textwrap.fill(known, 78, break_on_hyphens=False), '  ')}"


def down(paths: CloudPaths, options: argparse.Namespace) -> int:
    machine.check_root()
    gone = lifecycle.down(paths)
    say(f"cloud {paths.name} is gone" if gone else f"there was no cloud {paths.name}")
    return 0


def status(paths: CloudPaths, options: argparse.Namespace) -> int:
    parts = ask(paths, "status")
    for part in parts:
        first, *rest = part["note"].splitlines() or [""]
        say(f"{part['state']:<8} {part['name']}  {first}"[:80].rstrip())
        for line in rest:
            say(f"         {line}"[:80])
    return 1 if any(part["state"] == "failing" for part in parts) else 0


def logs(paths: CloudPaths, options: argparse.Namespace) -> int:
    names = sorted(str(log.relative_to(paths.logs))[:-4] for log in paths.logs.rglob("*.log"))
    if not options.log:
        say("\n".join(names) or "no logs: the cloud is down")
        return 0
    if options.log not in names:
        raise CloudError(f"no log {options.log!r}; {listed(names)}")
    with (paths.logs / f"{options.log}.log").open(errors="replace") as log:
        for line in log:
            sys.stdout.write(line)
    return 0


def execute(paths: CloudPaths, options: argparse.Namespace) -> int:
    hosts = ask(paths, "hosts")
    if options.host not in hosts:
        raise CloudError(f"no host {options.host!r}; {listed(hosts)}")
    if not options.command:
        raise CloudError("exec HOST -- COMMAND: the command is missing")
    first = first_process(str(paths.root))
    argv = [
        "nsenter", f"--target={first}", "--pid", "--mount", "--net", "--uts", "--ipc",
        f"--wd={Path.cwd()}", "--",
        *enter(hosts[options.host], options.command, paths.pki / "bundle.crt"),
    ]  # fmt: skip
    values = environment.variables(paths, cloud_info(paths), os.environ.get("PATH", ""))
    variables = environment.merged(values if options.host == WORLD else {}) | TRUST
    sys.stdout.flush()
    os.execvpe(argv[0], argv, variables)


def env(paths: CloudPaths, options: argparse.Namespace) -> int:
    values = environment.variables(paths, cloud_info(paths), os.environ.get("PATH", ""))
    say(environment.shell(values))
    return 0


def policy(paths: CloudPaths, options: argparse.Namespace) -> int:
    called = ask(paths, "actions")
    if options.arn not in called:
        raise CloudError(f"{options.arn} made no call; {listed(called)}")
    statements = [
        {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
        for _, actions in groupby(called[options.arn], lambda action: action.partition(":")[0])
    ]
    say(json.dumps({"Version": "2012-10-17", "Statement": statements}, indent=2))
    return 0


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser(prog="python -m localcloud", description=__doc__)
    top.add_argument(
        "--name",
        default=os.environ.get("LOCALCLOUD", "local"),
        help="which cloud (default: $LOCALCLOUD, or local); several run side by side",
    )
    commands = top.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: Any, text: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=text, description=text)
        sub.set_defaults(run=run)
        return sub

    start = command("up", up, "start the cloud, unless it is running")
    start.add_argument(
        "--port", type=int, default=0, help="loopback port of the AWS API (default: any free one)"
    )
    start.add_argument(
        "--zone", default=ZONE, metavar="DOMAIN",
        help=f"public zone that the account has from the start (default: {ZONE}; '' for none)",
    )  # fmt: skip
    command("down", down, "end the cloud and remove its files")
    command("status", status, "what runs, what fails and why")
    command("logs", logs, "print a log, or their names").add_argument(
        "log", metavar="NAME", nargs="?"
    )
    inside = command("exec", execute, "run a command on a host: world, bastion or a node")
    inside.add_argument("host", metavar="HOST")
    inside.add_argument("command", metavar="-- COMMAND", nargs=argparse.REMAINDER)
    command(
        "env", env, "print lines for `eval` that make pulumi, kubectl, helm and aws use the cloud"
    )
    rights = command("policy", policy, "print an IAM policy of all that a user or role has called")
    rights.add_argument("arn", metavar="ARN", nargs="?", default=iam_arn(f"user/{DEVELOPER}"))
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit status."""
    options = parser().parse_args(arguments)
    if getattr(options, "command", None) and options.command[0] == "--":
        options.command = options.command[1:]
    try:
        return int(options.run(CloudPaths(options.name), options))
    except (CloudError, ToolError, ValueError) as error:
        print(f"localcloud: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(
            "localcloud: interrupted; `python -m localcloud status` tells whether the cloud runs",
            file=sys.stderr,
        )
        return 130


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError):
        sys.exit(main())
