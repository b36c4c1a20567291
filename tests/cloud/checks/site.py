"""A stack that runs, and the means to break it from outside and to put it back."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.cloud.conftest import Cloud

Context = AbstractContextManager[None]


@contextmanager
def lasting(begin: Callable[[], object], end: Callable[[], object]) -> Iterator[None]:
    """What `begin` does, until `end` undoes it."""
    begin()
    try:
        yield
    finally:
        end()


@dataclass(frozen=True)
class Site:
    """`outputs_file` holds the stack's outputs for `python -m checks --outputs`."""

    cloud: Cloud
    outputs: dict[str, Any]
    outputs_file: Path

    def red(self, *options: str, path: str | None = None) -> set[int]:
        """The numbers of the checks that fail, seen from the world; `path` is the PATH there."""
        command = [sys.executable, "-m", "checks", "--outputs", str(self.outputs_file), "--json"]
        environment = ["env", f"PATH={path}"] if path else []
        done = self.cloud.world([*environment, *command, *options], check=False)
        results = {each["number"]: each["ok"] for each in json.loads(done.stdout)}
        assert done.returncode == (0 if all(results.values()) else 1), done.stderr
        return {number for number, ok in results.items() if not ok}

    def kubectl(self, *args: str) -> str:
        return self.cloud.run(["kubectl", "-n", self.outputs["namespace"], *args]).stdout

    def service_with(self, role: str, **spec: object) -> Context:
        """The Service of that role with another `spec`."""
        name = self.outputs["services"][role]
        present = json.loads(self.kubectl("get", "service", name, "-o", "json"))["spec"]
        before = {key: present[key] for key in spec}

        def patch(spec: dict[str, object]) -> None:
            text = json.dumps({"spec": spec})
            self.kubectl("patch", "service", name, "--type=merge", "--patch", text)

        return lasting(lambda: patch(spec), lambda: patch(before))

    def record_with(self, host: str, target: str) -> Context:
        """The CNAME of a host of the stack's domain pointing elsewhere."""
        route53, zone = self.cloud.client("route53"), self.outputs["zone_id"]
        name = f"{host}.{self.outputs['domain']}"
        records = route53.list_resource_record_sets(
            HostedZoneId=zone, StartRecordName=name, MaxItems="1"
        )["ResourceRecordSets"]

        def upsert(record: dict[str, Any]) -> None:
            changes = [{"Action": "UPSERT", "ResourceRecordSet": record}]
            route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": changes})

        other = {**records[0], "ResourceRecords": [{"Value": target}]}
        return lasting(lambda: upsert(other), lambda: upsert(records[0]))

    def rules(self) -> dict[str, dict[str, Any]]:
        """The rules of the ALB's listener, by the first label of their host, "default" without."""
        elb = self.cloud.client("elbv2")
        balancers = elb.describe_load_balancers()["LoadBalancers"]
        name = self.outputs["ingress_hostname"]
        alb = next(each["LoadBalancerArn"] for each in balancers if each["DNSName"] == name)
        listener = elb.describe_listeners(LoadBalancerArn=alb)["Listeners"][0]["ListenerArn"]
        rules = elb.describe_rules(ListenerArn=listener)["Rules"]
        return {_host(each): {"ListenerArn": listener, **each} for each in rules}

    def rule_to(self, host: str, other: str) -> Context:
        """The rule of one host sending where the rule of the other one sends."""
        elb, rules = self.cloud.client("elbv2"), self.rules()

        def send(actions: list[dict[str, Any]]) -> None:
            if host == "default":
                listener = rules[host]["ListenerArn"]
                elb.modify_listener(ListenerArn=listener, DefaultActions=actions)
            else:
                elb.modify_rule(RuleArn=rules[host]["RuleArn"], Actions=actions)

        other_actions, own = rules[other]["Actions"], rules[host]["Actions"]
        return lasting(lambda: send(other_actions), lambda: send(own))


def _host(rule: dict[str, Any]) -> str:
    for condition in rule["Conditions"]:
        if condition["Field"] == "host-header":
            return str(condition["HostHeaderConfig"]["Values"][0]).partition(".")[0]
    return "default"
