"""What is built from Go modules, and building it.

`go/cluster` is one module on purpose: Kubernetes, etcd, Helm and CoreDNS share client-go,
grpc and hundreds of other packages, which so compile once.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from . import golang, versions
from .cache import contents, digest, making
from .errors import ToolError
from .process import Builds
from .progress import Progress

SOURCES = Path(__file__).parent / "go"
# No debugging information: stripped anyway, and not making it spares the compiler work.
FLAGS = ("-trimpath", "-buildvcs=false", "-gcflags=all=-dwarf=false")
KUBERNETES_PROGRAMS = ("kube-apiserver", "kube-controller-manager", "kube-scheduler",
                       "kubelet", "kube-proxy", "kubectl")  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class GoBuild:
    """Programs built from one module of `go/`.

    stamps: values for the linker's -X. copies: (file or folder of `module`, name in the entry).
    """

    name: str
    title: str
    packages: tuple[str, ...]
    programs: tuple[str, ...]
    stamps: tuple[str, ...] = ()
    module: str = ""
    copies: tuple[tuple[str, str], ...] = ()

    @property
    def link_flags(self) -> str:
        return " ".join(("-s -w", *(f"-X {stamp}" for stamp in self.stamps)))


def _stamps(packages: Sequence[str], values: dict[str, str]) -> tuple[str, ...]:
    return tuple(
        f"{package}.{name}={value}" for package in packages for name, value in values.items()
    )


_MAJOR, _MINOR, _ = versions.KUBERNETES.split(".")
CLUSTER = GoBuild(
    name="cluster",
    title=f"building Kubernetes {versions.KUBERNETES}, etcd, CoreDNS and Helm",
    packages=(
        *(f"k8s.io/kubernetes/cmd/{program}" for program in KUBERNETES_PROGRAMS),
        "helm.sh/helm/v3/cmd/helm", "./etcd", "./coredns",
    ),
    programs=(*KUBERNETES_PROGRAMS, "helm", "etcd", "coredns"),
    stamps=(
        *_stamps(
            ("k8s.io/component-base/version", "k8s.io/client-go/pkg/version"),
            {"gitVersion": f"v{versions.KUBERNETES}", "gitMajor": _MAJOR, "gitMinor": _MINOR},
        ),
        *_stamps(("helm.sh/helm/v3/internal/version",), {"version": f"v{versions.HELM}"}),
        # The Kubernetes that `helm template` and `helm lint` assume when they ask none.
        *_stamps(
            ("helm.sh/helm/v3/pkg/chartutil", "helm.sh/helm/v3/pkg/lint/rules"),
            {"k8sVersionMajor": _MAJOR, "k8sVersionMinor": _MINOR},
        ),
    ),
)  # fmt: skip
PULUMI = GoBuild(
    name="pulumi",
    title=f"building Pulumi {versions.PULUMI}",
    packages=("github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",),
    programs=("pulumi",),
    stamps=(f"github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v{versions.PULUMI}",),
)
_CONTROLLER_MODULE = "sigs.k8s.io/aws-load-balancer-controller"
CONTROLLER = GoBuild(
    name="controller",
    title=f"building the AWS Load Balancer Controller {versions.CONTROLLER}",
    packages=(_CONTROLLER_MODULE,),
    programs=("aws-load-balancer-controller",),
    stamps=(f"{_CONTROLLER_MODULE}/pkg/version.GitVersion=v{versions.CONTROLLER}",),
    module=_CONTROLLER_MODULE,
    copies=(
        ("helm/aws-load-balancer-controller",
         f"charts/aws-load-balancer-controller-{versions.CONTROLLER_CHART}"),
        ("docs/install/iam_policy.json", "iam_policy.json"),
    ),
)  # fmt: skip
OWN = GoBuild(
    name="own",
    title="building pause and the Pod Identity agent",
    packages=("./pause", "./pod-identity-agent"),
    programs=("pause", "pod-identity-agent"),
)
# The longest first: two run at a time.
ALL = (CLUSTER, PULUMI, CONTROLLER, OWN)


def key(build: GoBuild, sources: Path, go_version: str) -> str:
    """The build's key: its sources, go.mod, go.sum, flags, architecture and compiler."""
    return digest((
        *contents(sources / build.name), *FLAGS, build.link_flags, *build.packages,
        *(part for copy in build.copies for part in copy), go_version, golang.architecture(),
    ))  # fmt: skip


def entry(build: GoBuild, cache: Path) -> Path:
    """The folder that holds, or will hold, the build's programs."""
    return cache / f"{build.name}-{key(build, SOURCES, golang.version())}"


def make(build: GoBuild, go: str, cache: Path, builds: Builds) -> None:
    """Build into the entry; ToolError with the log of a failed build."""
    log = cache / "logs" / f"{build.name}.log"
    with making(entry(build, cache)) as folder:
        command = [go, "build", *FLAGS, "-ldflags", build.link_flags, "-o", f"{folder}/",
                   *build.packages]  # fmt: skip
        try:
            builds.run(command, log=log, cwd=SOURCES / build.name, env=golang.environment())
        except ToolError as error:
            raise ToolError(f"{build.title} failed: {error}", error.log) from error
        for source, name in build.copies:
            copy(_module_folder(build, go) / source, folder / name)
        for program in build.programs:
            if not (folder / program).is_file():
                raise ToolError(f"{build.title} failed: it made no {program}", log)


def ensure(build: GoBuild, go: str, cache: Path, builds: Builds, progress: Progress) -> None:
    """Build unless it is in the cache."""
    if not entry(build, cache).exists():
        with progress.step(build.title):
            make(build, go, cache, builds)


def _module_folder(build: GoBuild, go: str) -> Path:
    command = [go, "list", "-m", "-f", "{{.Dir}}", build.module]
    done = subprocess.run(
        command, cwd=SOURCES / build.name, env=golang.environment(), capture_output=True, text=True
    )
    if done.returncode or not done.stdout.strip():
        raise ToolError(f"no folder of module {build.module}: {done.stderr}")
    return Path(done.stdout.strip())


def copy(source: Path, target: Path) -> None:
    """Copy a file or folder without its modes: Go's module cache is read-only."""
    files = [source] if source.is_file() else [path for path in source.rglob("*") if path.is_file()]
    for file in files:
        place = target / file.relative_to(source) if file != source else target
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, place)
