"""The outputs of a stack, typed: what the checks know about it beforehand."""

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO, TypeVar

from checks.outcome import CannotRun

T = TypeVar("T")
HIDDEN = "[secret]"  # what `pulumi stack output` prints for a secret without --show-secrets


@dataclass(frozen=True)
class Host:
    """A DNS name and path, the Service that answers them, and its page; None for any page."""

    host: str
    path: str
    service: str
    page: str | None
    protocol: str = "http"

    @property
    def url(self) -> str:
        """The URL of the page, with a slash at its end where nginx would redirect to that."""
        whole = self.page is None or self.path.endswith("/")
        return f"{self.protocol}://{self.host}{self.path}" + ("" if whole else "/")


class _Text:
    """An output that is text and has the attribute's name."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._key = name

    def __get__(self, outputs: "Outputs", owner: type) -> str:
        value = outputs._outputs.get(self._key)
        if value == HIDDEN:
            raise CannotRun(f"output {self._key} is hidden: read the outputs with --show-secrets")
        if not isinstance(value, str) or not value:
            raise CannotRun(f"the stack has no output {self._key}: is `pulumi up` done?")
        return value


class Outputs:
    """The outputs that the checks read. A missing one raises CannotRun when it is read, except for
    api_tunnel_command and cluster_name, which are empty then."""

    region = _Text()
    kubeconfig = _Text()  # as JSON text
    bastion_instance_id = _Text()
    namespace = _Text()
    domain = _Text()
    zone_id = _Text()
    ingress_hostname = _Text()  # the DNS name of the ALB
    load_balancer_hostname = _Text()  # of the load balancer of the LoadBalancer Service

    def __init__(self, outputs: Mapping[str, object]) -> None:
        self._outputs = outputs

    @property
    def cluster_name(self) -> str:
        return str(self._outputs.get("cluster_name") or "")

    @property
    def api_tunnel_command(self) -> str:
        """The command that opens a tunnel to the API server; empty if there is none."""
        return str(self._outputs.get("api_tunnel_command") or "")

    @property
    def load_balancer_kind(self) -> str:
        """nlb or classic, for the LoadBalancer Service."""
        return self._balancing("kind", "nlb", "classic")

    @property
    def load_balancer_scheme(self) -> str:
        """internet-facing or internal, for the LoadBalancer Service."""
        return self._balancing("scheme", "internet-facing", "internal")

    @property
    def ingress_scheme(self) -> str:
        """internet-facing or internal, for the Ingress."""
        return self._balancing("ingress_scheme", "internet-facing", "internal")

    @property
    def target_type(self) -> str:
        """instance or ip: what the Ingress's load balancer sends to."""
        return self._balancing("target_type", "instance", "ip")

    @property
    def tls(self) -> bool:
        """Whether the Ingress serves HTTPS, to which HTTP is redirected."""
        return self._flag("tls")

    @property
    def load_balancer_tls(self) -> bool:
        """Whether the load balancer of the LoadBalancer Service serves TLS, too."""
        return self._flag("load_balancer_tls")

    @property
    def protocol(self) -> str:
        """http or https: of the Ingress's URLs."""
        return "https" if self.tls else "http"

    @property
    def hosts(self) -> list[Host]:
        """The hosts of the Ingress that have a rule."""
        hosts = self._outputs.get("hosts")
        if not isinstance(hosts, list) or not hosts:
            raise CannotRun("the stack has no output hosts: is `pulumi up` done?")
        for each in hosts:
            if not _is_host(each):
                problem = "not a host, path, service and page: is `pulumi up` done?"
                raise CannotRun(f"output hosts has {each!r}, {problem}")
        return [Host(**each, protocol=self.protocol) for each in hosts]

    @property
    def further_hosts(self) -> list[Host]:
        """The hosts of the Ingress that the post does not have."""
        post = {self.service("service_1"), self.service("service_2")}
        return [each for each in self.hosts if each.service not in post]

    def service(self, key: str) -> str:
        """The name of a Service: cluster_ip, node_port, load_balancer, external_name,
        service_1 or service_2."""
        services = self._outputs.get("services")
        name = services.get(key) if isinstance(services, Mapping) else None
        if not isinstance(name, str) or not name:
            raise CannotRun(f"the stack has no output services.{key}: is `pulumi up` done?")
        return name

    def _flag(self, key: str) -> bool:
        if not isinstance(self._outputs.get("load_balancing"), Mapping):
            raise CannotRun("the stack has no output load_balancing: is `pulumi up` done?")
        return self._balancing(key, True, False)

    def _balancing(self, key: str, *allowed: T) -> T:
        values = self._outputs.get("load_balancing")
        value = values.get(key) if isinstance(values, Mapping) else None
        for each in allowed:
            if value == each and type(value) is type(each):
                return each
        problem = f"is {value!r}, not {' or '.join(map(str, allowed))}: is `pulumi up` done?"
        raise CannotRun(f"output load_balancing.{key} {problem}")


def _is_host(entry: object) -> bool:
    """Whether it is one of the output hosts."""
    if not isinstance(entry, dict) or set(entry) != {"host", "path", "service", "page"}:
        return False
    texts = (entry["host"], entry["path"], entry["service"])
    return isinstance(entry["page"], str | None) and all(isinstance(it, str) for it in texts)


def read_outputs(text: str) -> Outputs:
    """Parse what `pulumi stack output --json --show-secrets` prints; CannotRun if it has none."""
    try:
        outputs = json.loads(text)
    except ValueError as error:
        raise CannotRun(f"the outputs are not JSON: {error}") from error
    if not isinstance(outputs, dict):
        raise CannotRun("the outputs are not a JSON object")
    if not outputs:
        raise CannotRun("the stack has no outputs: is `pulumi up` done?")
    return Outputs(outputs)


def load_outputs(path: str, stdin: TextIO) -> Outputs:
    """The outputs in a file, or on standard input for "-"."""
    try:
        return read_outputs(stdin.read() if path == "-" else Path(path).read_text())
    except OSError as error:
        raise CannotRun(f"cannot read the outputs from {path}: {error.strerror}") from error


def pulumi_outputs(stack: str | None) -> Outputs:
    """The outputs that Pulumi prints for a stack, the selected one if none is named."""
    command = ["pulumi", "stack", "output", "--json", "--show-secrets"]
    command += ["--stack", stack] if stack else []
    try:
        done = subprocess.run(command, capture_output=True, text=True)
    except OSError as error:
        raise CannotRun(f"cannot run pulumi ({error.strerror}): give --outputs FILE") from error
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["(no message)"]
        raise CannotRun(f"`{' '.join(command)}` failed: {lines[-1]}")
    return read_outputs(done.stdout)
