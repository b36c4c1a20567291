"""A stack with TLS, from nothing to nothing, and what happens when its certificate is another."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from localcloud.pki import Authority
from tests.cloud.conftest import CHECKOUT, CLOUD_TIMEOUT, STACK, Cloud, start
from tests.cloud.inventory import inventory
from tests.cloud.test_stack import CHECKS, all_hold
from tests.cloud.waiting import eventually

SECURE = {"tls": "true", "load-balancer-tls": "true"}


def configured(folder: Path) -> tuple[str, str]:
    settings = yaml.safe_load((CHECKOUT / f"Pulumi.{STACK}.yaml").read_text())
    settings["config"] |= {f"eks-service-types:{key}": value for key, value in SECURE.items()}
    file = folder / "configuration.yaml"
    file.write_text(yaml.safe_dump(settings))
    return "--config-file", str(file)


@pytest.mark.timeout(CLOUD_TIMEOUT)
def test_a_stack_with_tls_comes_up_and_goes(tmp_path: Path) -> None:
    cloud, options = start("tls"), configured(tmp_path)
    try:
        before = inventory(cloud.client)
        cloud.run(["pulumi", "stack", "init", STACK])
        cloud.pulumi("up", "--yes", "--skip-preview", *options)
        assert all_hold(cloud)  # first, as it waits for the targets
        for command in (
            ["curl", "-sS", "-m5", "https://svc1.example.com"],
            [".venv/bin/python", "-c", PYTHON],
        ):
            assert cloud.world(command).stdout.strip() == "svc-1"
        cloud.pulumi("preview", "--expect-no-changes", *options)
        cloud.pulumi("refresh", "--yes", "--skip-preview", "--expect-no-changes", *options)
        assert refusals(cloud) == []
        another_certificate_is_red(cloud)
        http_without_redirect_is_red(cloud)
        cloud.pulumi("destroy", "--yes", "--skip-preview", *options)
        assert inventory(cloud.client) == before
    finally:
        cloud.down()


PYTHON = (
    "import urllib.request as web; print(web.urlopen('https://svc1.example.com').read().decode())"
)


def refusals(cloud: Cloud) -> list[str]:
    """Warnings of the controller about load balancers."""
    events = ["kubectl", "get", "events", "-A", "--field-selector", "type=Warning", "-o", "name"]
    return [line for line in cloud.run(events).stdout.split() if "service-types" in line]


def red(cloud: Cloud) -> set[int]:
    """The checks that fail now."""
    command = ["sh", "-c", f"{CHECKS} --wait 0", "checks", json.dumps(cloud.outputs())]
    rows = json.loads(cloud.world(command, check=False).stdout)
    return {row["number"] for row in rows if not row["ok"]}


def another_certificate_is_red(cloud: Cloud) -> None:
    acm = cloud.client("acm")
    other = Authority("other").issue("svc.example.org", ["svc.example.org"])
    made = acm.import_certificate(Certificate=other.certificate, PrivateKey=other.key)
    arn = {"CertificateArn": made["CertificateArn"]}
    turns_red(cloud, "application", 443, {6, 7, 8}, Certificates=[arn])
    turns_red(cloud, "network", 443, {13}, Certificates=[arn])
    acm.delete_certificate(**arn)


def http_without_redirect_is_red(cloud: Cloud) -> None:
    page = {
        "StatusCode": "200",
        "ContentType": "text/plain",
        "MessageBody": "301 Moved Permanently",
    }
    fixed = {"Type": "fixed-response", "FixedResponseConfig": page}
    turns_red(cloud, "application", 80, {13}, DefaultActions=[fixed])


def turns_red(cloud: Cloud, kind: str, port: int, numbers: set[int], **changes: Any) -> None:
    """A listener with these changes turns exactly these checks red."""
    elb = cloud.client("elbv2")
    found = elb.describe_load_balancers()["LoadBalancers"]
    (balancer,) = (each["LoadBalancerArn"] for each in found if each["Type"] == kind)
    listeners = elb.describe_listeners(LoadBalancerArn=balancer)["Listeners"]
    (listener,) = (each for each in listeners if each["Port"] == port)
    elb.modify_listener(ListenerArn=listener["ListenerArn"], **changes)
    eventually(lambda: red(cloud) == numbers, 60)
    before = {name: listener[name] for name in changes}
    elb.modify_listener(ListenerArn=listener["ListenerArn"], **before)
    eventually(lambda: red(cloud) == set(), 60)
