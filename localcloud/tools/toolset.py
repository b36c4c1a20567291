"""Finds the tools, and makes those that are missing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from . import cache, debian, gobuilds, golang, images, packages, versions
from .apt import Apt
from .commands import Commands
from .disk import require_space
from .errors import ToolError
from .packages import Packages
from .progress import Progress

HOW_TO_FIX = "run make tools"


@dataclass(frozen=True)
class Tools:
    """The tools of the local cloud; every path exists and is absolute.

    cni: folder of the CNI plugins. nginx_modules: folder of nginx's dynamic modules.
    images: docker-archive tars by image name. charts: folder of Helm charts, each in a folder
    `<name>-<version>`.
    """

    programs: Mapping[str, Path]
    packages: Packages
    cni: Path
    nginx_modules: Path
    images: Mapping[str, Path]
    charts: Path

    def binary(self, name: str, kubernetes: str = "") -> Path:
        """A program by name: one of ours, of the unpacked packages or of the system.

        `kubernetes` is a minor version, such as 1.36, for programs of Kubernetes itself. Raises
        ToolError.
        """
        build = gobuilds.ON_REQUEST.get(kubernetes)
        if build and name in build.programs:
            return _programs(build, cache.root())[name]
        found = self.programs.get(name) or self.packages.program(name) or packages.which(name)
        if found is None:
            raise ToolError(f"no {name}: {HOW_TO_FIX}")
        return found


def kubernetes_versions() -> dict[str, str]:
    """The Kubernetes versions that are built: the release of each minor version."""
    folder, usual = cache.root(), versions.KUBERNETES
    found = {usual.rpartition(".")[0]: usual}
    for minor, build in gobuilds.ON_REQUEST.items():
        if gobuilds.entry(build, folder).exists():
            found[minor] = versions.KUBERNETES_ON_REQUEST
    return found


def find() -> Tools:
    """The tools in the cache. Raises ToolError if one is missing."""
    folder = cache.root()
    programs: dict[str, Path] = {}
    for build in gobuilds.ALL:
        programs |= _programs(build, folder)
    distribution = debian.find(folder) if debian.present() else packages.system()
    if distribution is None:
        raise ToolError(f"containerd and nginx are not in {folder}: {HOW_TO_FIX}")
    lacking = packages.missing_utilities()
    if lacking:
        raise ToolError(f"no {lacking[0]} on this machine: {HOW_TO_FIX}")
    archives = images.entry(folder, _image_inputs(folder, distribution))
    if not archives.exists():
        raise ToolError(f"the images are not in {folder}: {HOW_TO_FIX}")
    cni, modules = distribution.cni, distribution.nginx_modules
    if cni is None or modules is None:
        raise ToolError(f"no CNI plugins or nginx modules below {distribution.root}: {HOW_TO_FIX}")
    charts = gobuilds.entry(gobuilds.CONTROLLER, folder) / "charts"
    return Tools(programs, distribution, cni, modules, images.read(archives), charts)


def ensure(say: Callable[[str], None] = print, kubernetes: str = "") -> Tools:
    """The tools, after making the missing ones, which takes minutes on a new machine.

    `kubernetes` is a minor version to build as well, if it is built on request only. `say` prints
    a line; for `print` on a terminal a clock is shown. Processes that call this at the same time
    wait for each other. Raises ToolError.
    """
    wanted = [gobuilds.ON_REQUEST[kubernetes]] if kubernetes in gobuilds.ON_REQUEST else []
    more = [build for build in wanted if not gobuilds.entry(build, cache.root()).exists()]
    if _complete() and not more:
        return find()
    folder, progress, commands = cache.root(), Progress.to(say), Commands()
    try:
        with cache.locked(folder, say), progress.ticking():
            cache.sweep(folder)
            _make_all(folder, more, commands, progress)
    except OSError as error:
        raise ToolError(
            f"cannot write below {folder}: {error}: check space and permissions"
        ) from error
    return find()


def _complete() -> bool:
    try:
        found = find()
    except ToolError:
        return False
    # A cache from another machine, as in CI, needs packages that may not be installed here.
    return not (debian.present() and debian.missing_on_machine(found.packages))


def _make_all(
    folder: Path, more: Sequence[gobuilds.GoBuild], commands: Commands, progress: Progress
) -> None:
    wanted = (*gobuilds.ALL, *more)
    todo = [build for build in wanted if not gobuilds.entry(build, folder).exists()]
    require_space(folder, large=bool({gobuilds.UPSTREAM, *more} & {*todo}))
    # First, since it may fail at once, without root or the network.
    distribution = _distribution(folder, commands, progress)
    go = golang.ensure(folder, commands, progress) if todo else ""
    _together(
        [partial(gobuilds.ensure, build, go, folder, commands, progress) for build in todo],
        commands,
    )
    programs = {
        name: path for build in gobuilds.ALL for name, path in _programs(build, folder).items()
    }
    target = images.entry(folder, _image_inputs(folder, distribution))
    if not target.exists():
        with progress.step("writing the container images"):
            images.ensure(target, programs.__getitem__, distribution)


def _distribution(folder: Path, commands: Commands, progress: Progress) -> Packages:
    if not debian.present():
        return packages.system()
    return debian.ensure(folder, Apt(folder, commands, progress), progress)


def _together(jobs: list[Callable[[], None]], commands: Commands) -> None:
    """Run two jobs at a time: one compiles while the other links, which uses a single core."""
    with ThreadPoolExecutor(max_workers=2) as pool:
        futures = [pool.submit(job) for job in jobs]
        try:
            for future in as_completed(futures):
                future.result()
        except BaseException:
            commands.stop()
            pool.shutdown(wait=True, cancel_futures=True)
            raise


def _programs(build: gobuilds.GoBuild, folder: Path) -> dict[str, Path]:
    entry = gobuilds.entry(build, folder)
    if not entry.exists():
        raise ToolError(f"{build.programs[0]} is not in {folder}: {HOW_TO_FIX}")
    return {name: entry / name for name in build.programs}


def _image_inputs(folder: Path, distribution: Packages) -> tuple[str, ...]:
    return (distribution.key, *(gobuilds.entry(build, folder).name for build in gobuilds.IN_IMAGES))
