"""Which chart a Release means: a folder, one of the mirror, or one to download."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

from localcloud.plugins.kubernetes.cluster import Cluster
from localcloud.plugins.kubernetes.helm.command import HelmError, helm
from localcloud.plugins.kubernetes.helm.inputs import repository_flags
from localcloud.plugins.kubernetes.objects import Obj
from localcloud.plugins.provider import ProviderError

MIRROR = "LOCALCLOUD_CHARTS"
"""Environment: a folder of `<chart>-<version>/`, used in place of downloading the same chart."""

_EXACT = re.compile(r"v?\d+\.\d+\.\d+(-[\w.-]+)?(\+[\w.-]+)?")


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart as helm takes it: its reference, the flags with it, and its exact version."""

    reference: str
    flags: tuple[str, ...]
    version: str


def find(inputs: Obj, cluster: Cluster) -> Chart:
    """The chart of (plain, known) inputs; asks its repository only where no exact version is given.

    Raises ProviderError with the reason if there is none.
    """
    reference, wanted = str(inputs["chart"]), str(inputs.get("version") or "")
    folder = _local(reference) or _mirrored(reference, wanted)
    if folder is not None:
        return Chart(str(folder), (), _version(folder, wanted))
    flags = tuple(repository_flags(inputs))
    if _EXACT.fullmatch(wanted):
        return Chart(reference, (*flags, f"--version={wanted}"), wanted)
    version = _resolved(reference, wanted, flags, cluster)
    return Chart(reference, (*flags, f"--version={version}"), version)


def _local(reference: str) -> Path | None:
    path = Path(reference)
    if (path / "Chart.yaml").is_file():
        return path
    return path if path.is_file() and path.name.endswith(".tgz") else None


def _mirrored(reference: str, version: str) -> Path | None:
    mirror = os.environ.get(MIRROR, "")
    if not mirror or not version:
        return None
    folder = Path(mirror) / f"{reference.rpartition('/')[2]}-{version.removeprefix('v')}"
    return folder if (folder / "Chart.yaml").is_file() else None


def _version(chart: Path, wanted: str) -> str:
    import yaml

    if chart.is_file():
        return wanted
    found = str(yaml.safe_load((chart / "Chart.yaml").read_text()).get("version", ""))
    if _EXACT.fullmatch(wanted) and wanted.removeprefix("v") != found.removeprefix("v"):
        raise ProviderError(f"{chart} has version {found}, not {wanted}")
    return found


def _resolved(reference: str, wanted: str, flags: tuple[str, ...], cluster: Cluster) -> str:
    import yaml

    constraint = [f"--version={wanted}"] if wanted else []
    try:
        shown = helm(cluster, ["show", "chart", reference, *flags, *constraint], online=False)
    except HelmError as error:
        raise ProviderError(
            f"{error}; check the chart's name, its version and repositoryOpts.repo"
        ) from None
    return str(yaml.safe_load(shown)["version"])
