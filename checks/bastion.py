"""Probes from the bastion, by commands of SSM: one command makes several probes."""

import base64
import re
import shlex
import time
from collections.abc import Sequence
from dataclasses import dataclass

from checks.aws import Aws
from checks.outcome import FailedProbe
from checks.outputs import Outputs
from checks.reach import Attempt, attempt_from_curl
from checks.web import Page

COMMAND_TIMEOUT = 60  # seconds for the agent to take the command, and again for it to run
FIRST_POLL, LAST_POLL = 0.05, 2.0  # seconds between two requests for the command's status
UNFINISHED = {"Pending", "InProgress", "Delayed", "Cancelling"}

# Runs all probes at once and prints a line for each: its number, curl's exit code, the status, the
# seconds until it was connected (0 if never), where a redirect leads, the body's SHA-256, and body
# and message in base64. The limits are those of checks/web.py. SSM returns 24,000
# characters of output, so a page is cut after 300 bytes.
SCRIPT = r"""
work=$(mktemp -d) || exit
trap 'rm -rf "$work"' EXIT
probe() {
  : >"$work/$1.body"
  answer=$(curl --silent --show-error --noproxy '*' --connect-timeout 2 --max-time 5 \
    --write-out '%{http_code} %{time_connect} to=%{redirect_url}' \
    --output "$work/$1.body" "$2" 2>"$work/$1.error")
  code=$?
  digest=$(sha256sum <"$work/$1.body")
  echo "probe $1 $code ${answer:-0 0 to=} ${digest%% *}" \
    "body=$(head -c 300 "$work/$1.body" | base64 | tr -d '\n')" \
    "error=$(head -c 300 "$work/$1.error" | base64 | tr -d '\n')"
}
"""
AT_ONCE = 20  # probes in a command, so that all they print is returned
LINE = re.compile(
    r"^probe (\d+) (\d+) (\d+) ([\d.]+) to=(\S*) (\w+) body=(\S*) error=(\S*)$", re.MULTILINE
)


@dataclass(frozen=True)
class Answer:
    """The result of curl on the bastion; `found` has the beginning of the page, if there is one."""

    attempt: Attempt
    found: Page | None

    def page(self) -> Page:
        """The beginning of the page; FailedProbe if there was none."""
        if self.found is None:
            raise FailedProbe(f"{self.attempt.target} {self.attempt.how}")
        return self.found


class Bastion:
    """The stack's bastion. Raises FailedProbe if SSM cannot run a command on it (yet)."""

    def __init__(self, aws: Aws, outputs: Outputs) -> None:
        self._aws = aws
        self._outputs = outputs

    def probe(self, urls: Sequence[str]) -> list[Answer]:
        """Fetch every URL from the bastion; the answers are in the order of the URLs."""
        groups = [urls[first : first + AT_ONCE] for first in range(0, len(urls), AT_ONCE)]
        return [each for group in groups for each in parse(self._run(script(group)), group)]

    def _run(self, commands: str) -> str:
        instance = self._outputs.bastion_instance_id
        with self._aws.translating_errors("SSM", f"for a command on {instance}") as make_client:
            ssm = make_client("ssm")
            sent = ssm.send_command(
                InstanceIds=[instance],
                DocumentName="AWS-RunShellScript",
                TimeoutSeconds=COMMAND_TIMEOUT,
                Parameters={"commands": [commands], "executionTimeout": [str(COMMAND_TIMEOUT)]},
            )
            command_id = sent["Command"]["CommandId"]
            pause, deadline = FIRST_POLL, time.monotonic() + 2 * COMMAND_TIMEOUT
            while time.monotonic() < deadline:
                time.sleep(pause)
                pause = min(pause * 1.5, LAST_POLL)
                try:
                    seen = ssm.get_command_invocation(CommandId=command_id, InstanceId=instance)
                except ssm.exceptions.InvocationDoesNotExist:
                    continue  # SSM knows a command only some time after it has accepted it
                if seen["Status"] == "Success":
                    return str(seen["StandardOutputContent"])
                if seen["Status"] not in UNFINISHED:
                    message = seen["StandardErrorContent"].strip() or seen["StatusDetails"]
                    raise FailedProbe(f"SSM command {seen['Status']}: {message}")
        raise FailedProbe(f"SSM command on {instance} did not end in {2 * COMMAND_TIMEOUT} s")


def script(urls: Sequence[str]) -> str:
    probes = [f"probe {number} {shlex.quote(url)} &" for number, url in enumerate(urls)]
    return "\n".join([SCRIPT.strip(), *probes, "wait"])


def parse(output: str, urls: Sequence[str]) -> list[Answer]:
    """The answers in the script's output; FailedProbe if one is missing."""
    found = {int(each[1]): each for each in LINE.finditer(output)}
    missing = [url for number, url in enumerate(urls) if number not in found]
    if missing:
        raise FailedProbe(f"the bastion reported nothing about {', '.join(missing)}")
    return [_answer(url, found[number]) for number, url in enumerate(urls)]


def _answer(url: str, line: re.Match[str]) -> Answer:
    body, message = (base64.b64decode(each).decode(errors="replace") for each in line.groups()[6:])
    code, connected = int(line[2]), float(line[4]) > 0
    page = Page(int(line[3]), body, location=line[5], digest=line[6]) if code == 0 else None
    return Answer(attempt_from_curl(url, code, " ".join(message.split()), connected), page)
