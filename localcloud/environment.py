"""The commands and environment variables with which pulumi, kubectl, helm and aws use a cloud."""

import os
import shlex
import shutil
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from localcloud.lifecycle import CloudInfo
from localcloud.paths import CloudPaths
from localcloud.plugins.versions import sdk_version
from localcloud.process_table import network_namespace
from localcloud.tools import Tools

LOCALCLOUD = Path(__file__).resolve().parent
COMMAND = LOCALCLOUD / "forkserver" / "command.py"
AWS_CLI = COMMAND.with_name("aws_cli.py")
PRELOAD = LOCALCLOUD / "plugins" / "preload.py"
CHARTS = LOCALCLOUD.parent / ".charts"  # Pulumi.local.yaml names it
CLIS = ("kubectl", "helm", "session-manager-plugin")  # the last one is for `aws`
REGION = "eu-west-1"
# Variables that would lead the commands to a real account, or slow them down: the last one makes
# every run compile the SDKs again.
UNSET = (
    "AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN", "PULUMI_ACCESS_TOKEN",
    "PYTHONDONTWRITEBYTECODE",
)  # fmt: skip
PASSPHRASE = "local"  # no secret: only its owner can read the folder of the state


def write_commands(paths: CloudPaths, tools: Tools) -> None:
    """Fill the cloud's bin folder with the CLIs, and the engine's plugin cache.

    Safe to repeat after an `up` that was killed meanwhile.
    """
    for program in map(tools.binary, CLIS):
        _replace(paths.bin / program.name, partial(_symlink, program))
    # Every run of the engine waits for `aws eks get-token`, which the Kubernetes provider calls, so
    # this one command runs as a fork. All others are passed to the AWS CLI.
    aws = Path(sys.executable).parent / "aws"
    pass_on = f'case "$*" in *"eks get-token"*) ;; *) exec {shlex.quote(str(aws))} "$@" ;; esac\n'
    _write_fork_command(paths.bin / "aws", paths.root, AWS_CLI, before=pass_on)
    # The engine looks for its language host beside its own executable, with links resolved.
    _replace(paths.bin / "pulumi", partial(_hard_link, tools.binary("pulumi")))
    _write_fork_command(paths.bin / "pulumi-language-python", paths.root, _script("language"))
    _write_fork_command(_provider(paths, "aws"), paths.root, _script("aws"))
    # No preload script: it would leave out most of the SDK (plugins/bare.py), all of which this
    # provider needs.
    _write_fork_command(_provider(paths, "eks"), paths.root, _script("eks"), preload="")
    _replace(_provider(paths, "kubernetes"), partial(_symlink, tools.binary("kubernetes-provider")))


def link_charts(tools: Tools) -> None:
    """Link the checkout's `.charts`, which Pulumi.local.yaml names, to the folder of charts."""
    if not CHARTS.is_symlink() or CHARTS.readlink() != tools.charts:
        _replace(CHARTS, partial(_symlink, tools.charts))


def has_commands(paths: CloudPaths) -> bool:
    """Whether `write_commands` has finished."""
    return _provider(paths, "kubernetes").exists()


def _provider(paths: CloudPaths, name: str) -> Path:
    """The path of a provider in the engine's plugin cache, by the version of its SDK."""
    folder = f"resource-{name}-v{sdk_version(name)}"
    return paths.plugins / folder / f"pulumi-resource-{name}"


def _replace(path: Path, make: Callable[[Path], None]) -> None:
    """Replace a file atomically."""
    path.parent.mkdir(parents=True, mode=0o700, exist_ok=True)
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)
    make(new)
    new.replace(path)
    new.unlink(missing_ok=True)  # `replace` leaves it if both are hard links of one file


def _symlink(source: Path, target: Path) -> None:
    target.symlink_to(source)


def _hard_link(source: Path, target: Path) -> None:
    try:
        target.hardlink_to(source)
    except OSError:  # the cache is on another disk
        shutil.copy2(source, target)


def _script(name: str) -> Path:
    return LOCALCLOUD / "plugins" / name / "__main__.py"


def _write_fork_command(
    command: Path, cloud: Path, script: Path, preload: str = str(PRELOAD), before: str = ""
) -> None:
    """Write a command that runs a Python script as a fork, after the line of shell `before`."""
    # -P: a plugin must not import from the script's or the program's folder.
    arguments = [str(cloud), network_namespace(), preload, str(script)]
    start = shlex.join([sys.executable, "-P", str(COMMAND), *arguments])

    def write(new: Path) -> None:
        new.write_text(f'#!/bin/sh\n{before}exec {start} "$@"\n')
        new.chmod(0o755)

    _replace(command, write)


def variables(paths: CloudPaths, info: CloudInfo, path: str) -> dict[str, str]:
    """The variables that make the commands use the cloud; `path` is the PATH to extend."""
    rest = [part for part in path.split(os.pathsep) if part != str(paths.bin)]
    return {
        "LOCALCLOUD": paths.name,
        "PATH": os.pathsep.join([str(paths.bin), *rest]),
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{info.aws_port}",
        "AWS_ACCESS_KEY_ID": info.access_key_id,
        "AWS_SECRET_ACCESS_KEY": info.secret_access_key,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        # Otherwise the Kubernetes provider spends a fifth of a run without changes on garbage
        # collection.
        "GOGC": "400",
        "KUBECONFIG": str(paths.kubeconfig),
        "PULUMI_HOME": str(paths.pulumi / "home"),
        # Without metadata files beside the state, which are truncated, then written: a command
        # beside `pulumi up` could fail with "EOF" (gocloud.dev's fileblob).
        "PULUMI_BACKEND_URL": f"file://{paths.pulumi}?metadata=skip",
        "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
    }


def shell(values: dict[str, str]) -> str:
    """The lines for `eval`."""
    exports = [f"export {name}={shlex.quote(value)}" for name, value in values.items()]
    return "\n".join([f"unset {' '.join(UNSET)}", *exports])


def merged(values: dict[str, str], base: Mapping[str, str] = os.environ) -> dict[str, str]:
    """An environment, by default this process's, without the variables in UNSET and with these."""
    kept = {name: value for name, value in base.items() if name not in UNSET}
    return {**kept, **values}
