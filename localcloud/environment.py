"""What a shell needs so that plain pulumi, kubectl, helm and aws talk to a cloud."""

import os
import shlex
import shutil
import sys
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

from localcloud.lifecycle import Started
from localcloud.paths import CloudPaths
from localcloud.tools import Tools

LANGUAGE_HOST = ("pulumi-language-python", "localcloud.plugins.language")
# Package name of the SDK, whose version is the plugin's; module that serves it.
PROVIDERS = {
    "aws": ("pulumi-aws", "localcloud.plugins.aws"),
    "eks": ("pulumi-eks", "localcloud.plugins.eks"),
    "kubernetes": ("pulumi-kubernetes", "localcloud.plugins.kubernetes"),
}
REGION = "eu-west-1"
# What a shell may hold that would lead the same commands to a real account, or slow them down:
# without compiled modules every run reads the SDKs' sources anew.
UNSET = (
    "AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN", "PULUMI_ACCESS_TOKEN",
    "PYTHONDONTWRITEBYTECODE",
)  # fmt: skip
PASSPHRASE = "local"  # the state holds nothing that its folder, owner only, does not hold too


def write_commands(paths: CloudPaths, tools: Tools, checkout: Path) -> None:
    """Fill the cloud's bin folder with the CLIs, and the engine's plugin cache."""
    for name in ("kubectl", "helm"):
        (paths.bin / name).symlink_to(tools.binary(name))
    (paths.bin / "aws").symlink_to(Path(sys.executable).parent / "aws")
    # The engine takes its language host from beside its own executable, links resolved.
    _copy(tools.binary("pulumi"), paths.bin / "pulumi")
    name, module = LANGUAGE_HOST
    _write_plugin(paths.bin / name, module, checkout)
    for name, (package, module) in PROVIDERS.items():
        folder = paths.pulumi / "home" / "plugins" / f"resource-{name}-v{version(package)}"
        folder.mkdir(parents=True, mode=0o700)
        _write_plugin(folder / f"pulumi-resource-{name}", module, checkout)


def _copy(source: Path, target: Path) -> None:
    try:
        target.hardlink_to(source)
    except OSError:  # the cache is on another disk
        shutil.copy2(source, target)


def _write_plugin(command: Path, module: str, checkout: Path) -> None:
    python = shlex.quote(sys.executable)
    # -P: a plugin must not import from the folder of the program that it serves.
    command.write_text(
        f'#!/bin/sh\nPYTHONPATH={shlex.quote(str(checkout))} exec {python} -P -m {module} "$@"\n'
    )
    command.chmod(0o755)


def variables(paths: CloudPaths, started: Started, tools: Tools, path: str) -> dict[str, str]:
    """The environment variables of the cloud, on top of a PATH."""
    rest = [part for part in path.split(os.pathsep) if part != str(paths.bin)]
    return {
        "LOCALCLOUD": paths.name,
        "PATH": os.pathsep.join([str(paths.bin), *rest]),
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{started.aws_port}",
        "AWS_ACCESS_KEY_ID": started.access_key_id,
        "AWS_SECRET_ACCESS_KEY": started.secret_access_key,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        "KUBECONFIG": str(paths.kubeconfig),
        "LOCALCLOUD_CHARTS": str(tools.charts),
        "PULUMI_HOME": str(paths.pulumi / "home"),
        "PULUMI_BACKEND_URL": f"file://{paths.pulumi}",
        "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
    }


def shell(values: dict[str, str]) -> str:
    """The lines for `eval`."""
    exports = [f"export {name}={shlex.quote(value)}" for name, value in values.items()]
    return "\n".join([f"unset {' '.join(UNSET)}", *exports])


def merged(values: dict[str, str], base: Mapping[str, str] = os.environ) -> dict[str, str]:
    """An environment, by default this process's, with the cloud's on top."""
    kept = {name: value for name, value in base.items() if name not in UNSET}
    return {**kept, **values}
