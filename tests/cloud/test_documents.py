"""The commands of README.md and docs print what is written there."""

import re
from dataclasses import dataclass

import pytest

from tests.cloud.conftest import CHECKOUT, Cloud
from tests.cloud.test_stack import all_hold

# What differs from run to run.
VOLATILE = {
    "NAME": r"\bk8s-[a-z0-9-]+\.(elb\.eu-west-1|eu-west-1\.elb)\.amazonaws\.com",
    "ADDRESS": r"\b\d+\.\d+\.\d+\.\d+\b",
    "NODE-PORT": r"\b3[0-2]\d{3}\b",
    "AGE": r"\b(\d+m)?\d+s\b|\b\d+m\b",
    "DURATION": r"\b\d+\.\d s\b",
}
END = "end-of-step"


@dataclass(frozen=True)
class Step:
    """A command and what it prints, where a line of three dots stands for any lines."""

    command: str
    output: str

    def prints(self, text: str) -> bool:
        said = (r"(.|\n)*" if line == "..." else re.escape(line) for line in stable(self.output))
        return bool(re.fullmatch("\n".join(said), "\n".join(stable(text))))


def steps(document: str) -> list[Step]:
    """The commands of a document's console blocks, each after `$ ` and followed by its output."""
    blocks = re.findall(r"^```console\n(.*?)^```$", document, flags=re.M | re.S)
    parts = [part for block in blocks for part in re.split(r"^\$ ", block, flags=re.M)[1:]]
    return [Step(*part.split("\n", 1)) for part in parts]


def stable(text: str) -> list[str]:
    """The lines of an output, without what differs from run to run and the widths of columns."""
    for name, pattern in VOLATILE.items():
        text = re.sub(pattern, name, text)
    return [re.sub(r"\s+", " ", line).strip() for line in text.strip("\n").splitlines()]


@pytest.fixture(scope="module", autouse=True)
def _serving(cloud: Cloud) -> None:
    """A load balancer serves some seconds after `up` only."""
    assert all_hold(cloud)


@pytest.mark.parametrize("name", ["README.md", "docs/localcloud.md", "docs/walkthrough.md"])
def test_commands_print_what_the_document_says(cloud: Cloud, name: str) -> None:
    """The commands run in one shell, which a failed one does not end, as at a prompt."""
    every = steps((CHECKOUT / name).read_text())
    assert every
    script = "".join(f"{step.command}\necho; echo {END}\n" for step in every)
    printed = cloud.run(["bash", "-c", f"set -m\n{script}"], check=False)
    outputs = printed.stdout.split(f"{END}\n")[:-1]
    assert len(outputs) == len(every), printed.stderr
    both = list(zip(every, outputs, strict=True))
    wrong = [f"$ {step.command}\n{text}" for step, text in both if not step.prints(text)]
    assert not wrong, "\n".join([*wrong, printed.stderr])
