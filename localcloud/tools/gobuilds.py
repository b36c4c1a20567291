"""The builds of Go programs.

`go/upstream` is one module, so that the packages that Kubernetes, etcd, Helm, CoreDNS, the Pulumi
engine and its Kubernetes provider share, a thousand of them, compile once.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from pathlib import Path

from . import golang, versions
from .cache import contents, digest, making
from .commands import Commands
from .errors import ToolError
from .progress import Progress

SOURCES = Path(__file__).parent / "go"
# No debugging information, which would be stripped anyway. The Go SDK that the provider imports is
# not optimized: that would take 200 s, for code that no stack here runs.
FLAGS = (
    "-trimpath", "-buildvcs=false", "-gcflags=all=-dwarf=false",
    "-gcflags=github.com/pulumi/pulumi-kubernetes/sdk/v4/...=-dwarf=false -N -l",
)  # fmt: skip
PROVIDER_MODULE = "github.com/pulumi/pulumi-kubernetes/provider/v4"
KUBERNETES_PROGRAMS = ("kube-apiserver", "kube-controller-manager", "kube-scheduler",
                       "kubelet", "kube-proxy", "kubectl")  # fmt: skip


@dataclass(frozen=True)
class Edit:
    """A change of the text of one file below a copied folder; `old` must occur exactly once."""

    file: str
    old: str
    new: str


@dataclass(frozen=True)
class Copy:
    """A file or folder to copy from a Go module, and its name beside the programs."""

    module: str
    source: str
    name: str
    edit: Edit | None = None


@dataclass(frozen=True, kw_only=True)
class GoBuild:
    """Programs built from one module of `go/`; `stamps` are arguments of the linker's -X, `flags`
    arguments of `go build` besides FLAGS."""

    name: str
    title: str
    packages: tuple[str, ...]
    programs: tuple[str, ...]
    stamps: tuple[str, ...] = ()
    copies: tuple[Copy, ...] = ()
    flags: tuple[str, ...] = ()

    @property
    def link_flags(self) -> str:
        return " ".join(("-s -w", *(f"-X {stamp}" for stamp in self.stamps)))


def _stamps(packages: Sequence[str], values: dict[str, str]) -> tuple[str, ...]:
    return tuple(
        f"{package}.{name}={value}" for package in packages for name, value in values.items()
    )


def _kubernetes_stamps(version: str) -> tuple[str, ...]:
    major, minor, _ = version.split(".")
    packages = ("k8s.io/component-base/version", "k8s.io/client-go/pkg/version")
    return _stamps(packages, {"gitVersion": f"v{version}", "gitMajor": major, "gitMinor": minor})


_MAJOR, _MINOR, _ = versions.KUBERNETES.split(".")
UPSTREAM = GoBuild(
    name="upstream",
    title=f"building Kubernetes {versions.KUBERNETES}, Pulumi {versions.PULUMI} and others",
    packages=(
        *(f"k8s.io/kubernetes/cmd/{program}" for program in KUBERNETES_PROGRAMS),
        "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi", "./kubernetes-provider",
        "helm.sh/helm/v3/cmd/helm", "./etcd", "./coredns",
        "k8s.io/cloud-provider-aws/cmd/aws-cloud-controller-manager",
    ),
    programs=(
        *KUBERNETES_PROGRAMS, "pulumi", "kubernetes-provider", "helm", "etcd", "coredns",
        "aws-cloud-controller-manager",
    ),
    # Not optimized, like the provider's SDK in FLAGS: this takes 18 s instead of 33.
    flags=("-gcflags=github.com/aws/aws-sdk-go-v2/service/ec2/...=-dwarf=false -N -l",),
    stamps=(
        *_kubernetes_stamps(versions.KUBERNETES),
        *_stamps(("helm.sh/helm/v3/internal/version",), {"version": f"v{versions.HELM}"}),
        # The version that `helm template` and `helm lint` assume without a cluster.
        *_stamps(
            ("helm.sh/helm/v3/pkg/chartutil", "helm.sh/helm/v3/pkg/lint/rules"),
            {"k8sVersionMajor": _MAJOR, "k8sVersionMinor": _MINOR},
        ),
        f"github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v{versions.PULUMI}",
        f"{PROVIDER_MODULE}/pkg/version.Version={versions.KUBERNETES_PROVIDER}",
    ),
    copies=tuple(
        Copy(PROVIDER_MODULE, f"cmd/pulumi-resource-kubernetes/{name}", name)
        for name in ("schema.json", "terraform-mapping.json")
    ),
)  # fmt: skip
# Later charts have a readiness probe. Without one, the API server calls webhooks of pods that do
# not listen yet, and an Ingress that is created meanwhile is refused.
_READINESS_PROBE = Edit(
    "templates/deployment.yaml",
    "        {{- with .Values.livenessProbe }}\n",
    "        readinessProbe:\n          tcpSocket:\n            port: webhook-server\n"
    "          periodSeconds: 1\n        {{- with .Values.livenessProbe }}\n",
)
_CONTROLLER_MODULE = "sigs.k8s.io/aws-load-balancer-controller"
CONTROLLER = GoBuild(
    name="controller",
    title=f"building the AWS Load Balancer Controller {versions.CONTROLLER}",
    packages=(_CONTROLLER_MODULE,),
    programs=("aws-load-balancer-controller",),
    stamps=(f"{_CONTROLLER_MODULE}/pkg/version.GitVersion=v{versions.CONTROLLER}",),
    copies=(
        Copy(
            _CONTROLLER_MODULE,
            "helm/aws-load-balancer-controller",
            f"charts/aws-load-balancer-controller-{versions.CONTROLLER_CHART}",
            _READINESS_PROBE,
        ),
    ),
)
OWN = GoBuild(
    name="own",
    title="building pause and the Pod Identity agent",
    packages=("./pause", "./pod-identity-agent"),
    programs=("pause", "pod-identity-agent"),
)
SESSIONS = GoBuild(
    name="sessions",
    title="building the Session Manager plugin and the session worker",
    packages=("./session-manager-plugin", "./ssm-session-worker"),
    programs=("session-manager-plugin", "ssm-session-worker"),
)
IN_IMAGES = (UPSTREAM, CONTROLLER, OWN)
_NEXT = versions.KUBERNETES_ON_REQUEST
# By minor version: what is built on request only, and what a cluster of that version runs.
ON_REQUEST = {
    _NEXT.rpartition(".")[0]: GoBuild(
        name=f"kubernetes-{_NEXT.rpartition('.')[0]}",
        title=f"building Kubernetes {_NEXT}",
        packages=tuple(f"k8s.io/kubernetes/cmd/{each}" for each in KUBERNETES_PROGRAMS[:-1]),
        programs=KUBERNETES_PROGRAMS[:-1],  # kubectl works with the next minor version too
        stamps=_kubernetes_stamps(_NEXT),
    )
}
# The longest first, as two run at a time.
ALL = (UPSTREAM, CONTROLLER, SESSIONS, OWN)


def key(build: GoBuild, sources: Path, go_version: str) -> str:
    """The build's key: its sources, go.mod, go.sum, flags, architecture and compiler."""
    return digest((
        *contents(sources / build.name), *FLAGS, *build.flags, build.link_flags,
        *build.packages, *(str(astuple(each)) for each in build.copies),
        go_version, golang.architecture(),
    ))  # fmt: skip


def entry(build: GoBuild, cache: Path) -> Path:
    """The folder of the build's programs."""
    return cache / f"{build.name}-{key(build, SOURCES, golang.version())}"


def make(build: GoBuild, go: str, cache: Path, commands: Commands) -> None:
    """Build into the entry. Raises ToolError, with the log."""
    log = cache / "logs" / f"{build.name}.log"
    with making(entry(build, cache)) as folder:
        command = [go, "build", *FLAGS, *build.flags, "-ldflags", build.link_flags,
                   "-o", f"{folder}/", *build.packages]  # fmt: skip
        try:
            commands.run(command, log=log, cwd=SOURCES / build.name, env=golang.environment())
        except ToolError as error:
            raise ToolError(f"{build.title} failed: {error}", error.log) from error
        for each in build.copies:
            copy(_module_folder(build, each.module, go) / each.source, folder / each.name)
            if each.edit:
                change(folder / each.name, each.edit)
        for program in build.programs:
            if not (folder / program).is_file():
                raise ToolError(f"{build.title} failed: it made no {program}", log)


def ensure(build: GoBuild, go: str, cache: Path, commands: Commands, progress: Progress) -> None:
    """Build unless it is in the cache."""
    if not entry(build, cache).exists():
        with progress.step(build.title):
            make(build, go, cache, commands)


def _module_folder(build: GoBuild, module: str, go: str) -> Path:
    command = [go, "list", "-m", "-f", "{{.Dir}}", module]
    done = subprocess.run(
        command, cwd=SOURCES / build.name, env=golang.environment(), capture_output=True, text=True
    )
    if done.returncode or not done.stdout.strip():
        raise ToolError(f"no folder of module {module}: {done.stderr}")
    return Path(done.stdout.strip())


def copy(source: Path, target: Path) -> None:
    """Copy a file or folder without its modes, as Go's module cache is read-only."""
    files = [source] if source.is_file() else [path for path in source.rglob("*") if path.is_file()]
    for file in files:
        place = target / file.relative_to(source) if file != source else target
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, place)


def change(folder: Path, edit: Edit) -> None:
    """Carry out an edit. Raises ToolError if the file does not contain the old text once."""
    text = (folder / edit.file).read_text()
    if text.count(edit.old) != 1:
        raise ToolError(
            f"{edit.file} of {folder.name} contains {edit.old!r} {text.count(edit.old)} times"
        )
    (folder / edit.file).write_text(text.replace(edit.old, edit.new))
