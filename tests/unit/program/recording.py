"""Runs the whole program against mocks and records what the engine would see."""

import asyncio
import contextvars
import functools
import json
import runpy
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
import pulumi
import yaml
from google.protobuf import json_format
from pulumi.runtime import mocks
from pulumi.runtime.proto import provider_pb2, resource_pb2

import tests.unit.program.sdk  # noqa: F401 (before the program, which imports the same)
from tests.unit.loops import event_loops
from tests.unit.program.answers import CALLS, CLUSTERS, MISSING, OUTPUTS, STATUS

ROOT = Path(__file__).parents[3]
PROJECT = "eks-service-types"
STACKS = ("local", "dev", "prod")
ROLE = "arn:aws:iam::111122223333:role"
# What an operator sets before the first `pulumi up`.
OWN: dict[str, dict[str, Any]] = {
    "local": {},
    "dev": {"domain": "dev.shop.internal", "endpoint-public-access-cidrs": ["8.8.8.0/24"]},
    "prod": {
        "domain": "prod.shop.internal",
        "access-entries": {
            "operators": {
                "principal": f"{ROLE}/operators",
                "policy": "AmazonEKSClusterAdminPolicy",
            },
            "developers": {
                "principal": f"{ROLE}/developers",
                "policy": "AmazonEKSViewPolicy",
                "namespaces": ["service-types"],
            },
        },
    },
}


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One registration, as the engine gets it."""

    urn: str
    type: str
    name: str
    inputs: dict[str, Any]
    parent: str
    provider: str
    depends_on: frozenset[str]  # URNs: declared dependencies and those of the properties
    ignore_changes: tuple[str, ...]
    import_id: str
    protect: bool
    retain_on_delete: bool
    delete_before_replace: bool


@dataclass(kw_only=True)
class Recording:
    """What one run of the program registered, looked up and exported."""

    resources: dict[str, Resource] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    exports: dict[str, Any] = field(default_factory=dict)
    secrets: set[str] = field(default_factory=set)  # names of secret exports

    def of(self, type_: str) -> list[Resource]:
        """The resources of a type, in the order of their registration."""
        return [resource for resource in self.resources.values() if resource.type == type_]

    def one(self, type_: str, name: str | None = None) -> Resource:
        (found,) = (it for it in self.of(type_) if name is None or it.name == name)
        return found

    def needs(self, resource: Resource) -> set[str]:
        """URNs of all that stands before a resource and is removed after it: dependencies,
        their own, parents and providers."""
        seen: set[str] = set()
        pending = [resource.urn]
        while pending:
            current = self.resources.get(pending.pop())
            if current is None:
                continue
            provider = current.provider.rpartition("::")[0]
            for urn in {*current.depends_on, current.parent, provider} - seen - {""}:
                seen.add(urn)
                pending.append(urn)
        return seen


def at(inputs: Any, path: str) -> Any:
    """What inputs have at a path of keys and indices with dots between; None if it is absent."""
    for part in path.split("."):
        if isinstance(inputs, list):
            inputs = dict(enumerate(inputs)).get(int(part))
        else:
            inputs = inputs.get(part)
    return inputs


class _Monitor(mocks.MockMonitor):
    def __init__(
        self,
        recording: Recording,
        status: dict[str, Any] | None,
        answers: Mapping[str, dict[str, Any]],
    ) -> None:
        super().__init__(_Mocks(recording, status, answers))
        self.recording = recording

    def RegisterResource(self, request: resource_pb2.RegisterResourceRequest) -> Any:
        response = super().RegisterResource(request)  # type: ignore[no-untyped-call]  # the SDK's
        of_properties = (urn for each in request.propertyDependencies.values() for urn in each.urns)
        self.recording.resources[response.urn] = Resource(
            urn=response.urn,
            type=request.type,
            name=request.name,
            inputs=pulumi.runtime.rpc.deserialize_properties(request.object),
            parent=request.parent,
            provider=request.provider,
            depends_on=frozenset([*request.dependencies, *of_properties]),
            ignore_changes=tuple(request.ignoreChanges),
            import_id=request.importId,
            protect=request.protect,
            retain_on_delete=request.retainOnDelete,
            delete_before_replace=request.deleteBeforeReplace,
        )
        return response

    def Call(self, request: resource_pb2.ResourceCallRequest) -> provider_pb2.CallResponse:
        """A method returns a kubeconfig with its name and arguments, as JSON."""
        given = json_format.MessageToDict(request.args)
        given.pop("__self__")
        response = provider_pb2.CallResponse()
        text = json.dumps({"method": request.tok, **given, "clusters": CLUSTERS})
        getattr(response, "return").update({"result": text})
        return response


class _Missing(grpc.RpcError):
    def code(self) -> grpc.StatusCode:
        return grpc.StatusCode.UNKNOWN

    def details(self) -> str:
        return str(self)


@dataclass
class _Mocks(mocks.Mocks):
    recording: Recording
    status: dict[str, Any] | None
    answers: Mapping[str, dict[str, Any]]

    # The SDK's own annotation leaves out that a mere mapping is an answer too.
    def call(self, args: mocks.MockCallArgs) -> dict[str, Any]:  # type: ignore[override]
        self.recording.calls.append(args.token)
        if args.args.get("name") in MISSING:
            raise _Missing(MISSING[args.args["name"]])
        return {**args.args, **CALLS[args.token], **self.answers.get(args.token, {})}

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        state: dict[str, Any] = {
            "arn": f"arn:aws:mock:::{args.name}",
            "name": f"{args.name}-0123456",
        }
        state |= args.inputs | OUTPUTS.get(args.typ, {})
        if args.typ == "aws:acm/certificate:Certificate":
            names = [args.inputs["domainName"], *args.inputs.get("subjectAlternativeNames", ())]
            state["domainValidationOptions"] = [
                {
                    "domainName": name,
                    "resourceRecordName": f"_1.{name.removeprefix('*.')}.",
                    "resourceRecordType": "CNAME",
                    "resourceRecordValue": "_2.acm-validations.aws.",
                }
                for name in names
            ]
        if args.typ == "kubernetes:core/v1:Service":
            ports = [{**port, "nodePort": 30080} for port in args.inputs["spec"].get("ports", [])]
            state["spec"] = {**args.inputs["spec"], "ports": ports}
        if args.typ.startswith("kubernetes:") and self.status is not None:
            state["status"] = self.status
        return f"{args.name}-id", state


def configuration(stack: str, changes: Mapping[str, Any] | None = None) -> dict[str, str]:
    """A stack's configuration as the CLI hands it over: its file over the project's defaults,
    and what its operator set.

    `changes` maps project keys to other values; None takes a key away.
    """
    project = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())
    merged = {f"{PROJECT}:{key}": it["default"] for key, it in project["config"].items()}
    merged |= yaml.safe_load((ROOT / f"Pulumi.{stack}.yaml").read_text())["config"]
    for key, value in {**OWN[stack], **(changes or {})}.items():
        merged[key if ":" in key else f"{PROJECT}:{key}"] = value
    given = {key: value for key, value in merged.items() if value is not None}
    return {key: it if isinstance(it, str) else json.dumps(it) for key, it in given.items()}


def run(
    stack: str,
    changes: Mapping[str, Any] | None = None,
    recording: Recording | None = None,
    status: dict[str, Any] | None = STATUS,
    preview: bool = False,
    answers: Mapping[str, dict[str, Any]] | None = None,
) -> Recording:
    """Run the program for a stack, with changed settings if any are given.

    A recording handed in holds what was registered even if the program raises. `status` is what
    Services and Ingresses have as theirs; `answers` replace what functions answer, by token.
    """
    recording = recording or Recording()
    monitor = _Monitor(recording, status, answers or {})
    with event_loops():
        # An empty context: the SDK keeps configuration and root in context variables.
        contextvars.Context().run(_run, monitor, stack, configuration(stack, changes), preview)
    return recording


@functools.cache
def run_once(stack: str, **changes: str) -> Recording:
    return run(stack, changes)


def _run(monitor: _Monitor, stack: str, config: dict[str, str], preview: bool) -> None:
    recording = monitor.recording
    pulumi.runtime.set_all_config(config)
    pulumi.runtime.set_mocks(monitor.mocks, PROJECT, stack, preview=preview, monitor=monitor)

    exports: dict[str, pulumi.Output[Any]] = {}

    @pulumi.runtime.test  # type: ignore[untyped-decorator]  # the SDK's, without types
    def program() -> pulumi.Output[None]:
        runpy.run_path(str(ROOT / "__main__.py"))
        root = pulumi.runtime.get_root_resource()
        assert isinstance(root, pulumi.runtime.stack.Stack)
        exports.update((name, pulumi.Output.from_input(it)) for name, it in root.outputs.items())
        return pulumi.Output.all(**exports).apply(recording.exports.update, True)

    program()
    loop = asyncio.get_event_loop()
    recording.secrets |= {
        name for name, it in exports.items() if loop.run_until_complete(it.is_secret())
    }
