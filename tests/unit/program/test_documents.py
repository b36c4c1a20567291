"""README.md, docs/aws.md and Pulumi.yaml say what the program does."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

import settings
from settings import unchangeable
from tests.unit.program import answers
from tests.unit.program.recording import ROOT, Recording, at, run, run_once

README, GUIDE = (ROOT / "README.md").read_text(), (ROOT / "docs" / "aws.md").read_text()
FIXED = "Fixed after the first up."
HOURS = 730
STACKS = ("dev", "prod")
_BALANCED = ("kubernetes:core/v1:Service", "kubernetes:networking.k8s.io/v1:Ingress")
_SCHEMES = ("/aws-load-balancer-scheme", "/scheme")
_BASTION_GB = 8  # the root disk of Amazon Linux's image


def _schemes(made: Recording) -> list[str]:
    """Of each load balancer that the controller makes."""
    notes = [at(it.inputs, "metadata.annotations") for kind in _BALANCED for it in made.of(kind)]
    return [note[key] for note in notes for key in note if key.endswith(_SCHEMES)]


def _public_addresses(made: Recording) -> int:
    """One for each NAT gateway, and one in each zone for each load balancer on the internet."""
    zones = len(made.of("aws:ec2/subnet:Subnet")) // 2
    return len(made.of("aws:ec2/eip:Eip")) + zones * _schemes(made).count("internet-facing")


def _nodes(made: Recording, instance_type: str = "") -> int:
    group = made.one("aws:eks/nodeGroup:NodeGroup").inputs
    wanted = not instance_type or group["instanceTypes"] == [instance_type]
    return int(group["scalingConfig"]["desiredSize"]) if wanted else 0


def _disks(made: Recording) -> int:
    (disk,) = made.one("aws:ec2/launchTemplate:LaunchTemplate").inputs["blockDeviceMappings"]
    return _nodes(made) * int(disk["ebs"]["volumeSize"]) + _BASTION_GB


# How many of it a stack has, by words of the row in the guide's table.
QUANTITIES: dict[str, Callable[[Recording], int]] = {
    "EKS cluster": lambda made: len(made.of("eks:index:Cluster")),
    "nodes, t3.medium": lambda made: _nodes(made, "t3.medium"),
    "nodes, m6i.large": lambda made: _nodes(made, "m6i.large"),
    "bastion, t3.micro": lambda made: len(made.of("aws:ec2/instance:Instance")),
    "GB of gp3": _disks,
    "NAT gateways (VPC)": lambda made: len(made.of("aws:ec2/natGateway:NatGateway")),
    "IPv4 addresses": _public_addresses,
    "load balancers": lambda made: len(_schemes(made)),
    "KMS key": lambda made: len(made.of("aws:kms/key:Key")),
    "AWS WAF": lambda made: len(made.of("aws:wafv2/webAcl:WebAcl")),
    "Route 53 zone": lambda made: len(made.of("aws:route53/zone:Zone")),
}


def test_the_settings_marked_as_fixed_are_those_whose_change_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    refused = set()
    before = dict.fromkeys(run_once("dev").exports, "another")
    monkeypatch.setitem(answers.CALLS, "pulumi:pulumi:readStackOutputs", {"outputs": before})
    groups = "aws:ec2/getSecurityGroups:getSecurityGroups"
    monkeypatch.setitem(answers.CALLS, groups, {"vpcIds": ["vpc-1"]})
    monkeypatch.setitem(answers.CALLS, "aws:ec2/getVpcs:getVpcs", {"ids": []})
    monkeypatch.setattr(unchangeable, "refuse", lambda key, *_: refused.add(key))
    run("dev")

    text = (ROOT / "Pulumi.yaml").read_text()
    declared = yaml.safe_load(text)["config"]
    marked = {key for key, it in declared.items() if FIXED in it["description"]}
    assert refused == marked | {"aws:region", "pulumi:stack"}
    (comment,) = (
        line for line in text.splitlines() if line.startswith("# Set elsewhere, and fixed")
    )
    assert comment.endswith("aws:region, in the stack's file, and the stack's name.")


@pytest.mark.parametrize("name", ["README.md", "docs/aws.md"])
def test_links_lead_to_files_and_headings(name: str) -> None:
    document = ROOT / name
    broken = []
    for link in re.findall(r"\]\((?!https://)([^)\s]+)\)", document.read_text()):
        path, _, heading = link.partition("#")
        target = document.parent / path if path else document
        if not target.exists() or (heading and heading not in _headings(target)):
            broken.append(link)
    assert broken == []


def _headings(document: Path) -> set[str]:
    """The anchors that GitHub gives headings."""
    headings = re.findall(r"^#+ (.+)$", document.read_text(), re.MULTILINE)
    return {heading.lower().replace(" ", "-") for heading in headings}


def test_settings_that_are_named_exist() -> None:
    named = set(re.findall(r"`([a-z]+(?:-[a-z]+)+)`", README + GUIDE))
    assert len(named) > 8
    assert named - set(settings.KEYS) == set()


@pytest.mark.parametrize("stack", STACKS)
def test_quotas_are_used_as_the_guide_says(stack: str) -> None:
    made = run_once(stack)
    vcpus = 2 * (_nodes(made) + 1)  # of t3.micro, t3.medium and m6i.large alike
    addresses = len(made.of("aws:ec2/eip:Eip"))
    subnets = [it.inputs["subnetId"] for it in made.of("aws:ec2/natGateway:NatGateway")]
    rows = re.findall(r"^\| .+ \| \w+ L-\w+ \| (\d+) \| (\d+) \|$", GUIDE, re.MULTILINE)
    assert [int(row[STACKS.index(stack)]) for row in rows] == [
        *(vcpus, addresses, len(made.of("aws:ec2/vpc:Vpc"))),
        max(map(subnets.count, subnets)),
    ]
    zones = len(made.of("aws:ec2/subnet:Subnet")) // 2
    more = zones * 2 * 2  # two nodes of two each
    assert re.search(rf"\b{more} more vCPUs in {stack}|, {more} in {stack}\.", GUIDE)
    said = re.search(r"use (\d+) and (\d+) vCPUs .+ (\d+) and (\d+) Elastic IP", README)
    assert said
    assert said.groups()[STACKS.index(stack) :: 2] == (str(vcpus), str(addresses))


@pytest.mark.parametrize("stack", STACKS)
def test_the_monthly_cost_is_that_of_what_is_made(stack: str) -> None:
    made = run_once(stack)
    rows = re.findall(r"^\| (.+) \| ([\d.]+) per (hour|month) \| (.+) \|$", GUIDE, re.MULTILINE)
    total = 0.0
    for item, price, unit, cells in rows:
        count, usd = cells.split(" | ")[2 * STACKS.index(stack) :][:2]
        text = re.sub(r"\[(.+?)\]\(.+?\)", r"\1", item)
        quantity = next(of for word, of in QUANTITIES.items() if word in text)
        assert int(count) == quantity(made), text
        assert float(usd) == round(int(count) * float(price) * (HOURS if unit == "hour" else 1), 2)
        total += float(usd)
    assert len(rows) == len(QUANTITIES)
    (totals,) = re.findall(r"^\| total \| \| \| ([\d.]+) \| \| ([\d.]+) \|$", GUIDE, re.MULTILINE)
    assert totals[STACKS.index(stack)] == f"{total:.2f}"
    assert f"{total:.0f} USD for {stack}" in README
